//! Apex calls a named credential by a name that differs from its API name only in case.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace, find_named};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let exact_names: HashSet<&str> = org
            .named_credentials
            .iter()
            .flat_map(|named| [named.name(), without_prefix(named.name())])
            .collect();
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
                .help(format!(
                    "write `callout:{}`; reports disagree on whether the platform ignores case, so \
                     do not rely on it",
                    named.name()
                ))
                .safe_fix(
                    "use the exact name",
                    [Edit::Replace(callout.name.span, named.name().to_owned())],
                )
                .field(name);
        }
    }
}

fn without_prefix(name: &str) -> &str {
    name.split_once("__").map_or(name, |(_, rest)| rest)
}
