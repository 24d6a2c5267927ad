//! Apex calls a named credential by a name that differs from its API name only in case.

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace, find_named};
use crate::source::{FileId, Spanned, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let exact_names: HashSet<&str> = org
            .named_credentials
            .iter()
            .flat_map(|named| [named.name(), without_prefix(named.name())])
            .collect();
        // One finding for the callouts of a file with the same name.
        let mut callouts: BTreeMap<(FileId, &str), Vec<&Text>> = BTreeMap::new();
        let mut first = Vec::new();
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout.plain_name() else { continue };
            if exact_names.contains(name) || exact_names.contains(without_prefix(name)) {
                continue;
            }
            let Some(named) = find_named(&org.named_credentials, name)
                .filter(|named| named.name().eq_ignore_ascii_case(name))
            else {
                continue;
            };
            let places = callouts.entry((callout.class.place.file, name)).or_default();
            if places.is_empty() {
                first.push((callout, name, named));
            }
            places.push(&callout.name);
        }
        for (callout, name, named) in first {
            let places = &callouts[&(callout.class.place.file, name)];
            found
                .report(
                    &callout.class,
                    &callout.name,
                    format!(
                        "this callout uses the name `{name}`, but the named credential is called \
                         `{}`",
                        named.name()
                    ),
                )
                .label("differs only in case")
                .related(&named.component.span(), "the named credential")
                .also_here(places.iter().skip(1).map(|place| place.span))
                .help(format!(
                    "write `callout:{}`; reports disagree on whether the platform ignores case, \
                     so do not rely on it",
                    named.name()
                ))
                .safe_fix(
                    "use the exact name",
                    places.iter().map(|place| Edit::Replace(place.span, named.name().to_owned())),
                )
                .field(name);
        }
    }
}

fn without_prefix(name: &str) -> &str {
    name.split_once("__").map_or(name, |(_, rest)| rest)
}
