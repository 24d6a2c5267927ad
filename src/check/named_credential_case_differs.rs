//! Apex calls a named credential by a name that differs from the real one in upper and lower case.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace, is_api_name};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout
                .name
                .known()
                .filter(|name| is_api_name(name) && callout.name.raw() == *name)
            else {
                continue;
            };
            let exact = org
                .named_credentials
                .iter()
                .any(|named| named.name() == name || same_without_namespace(named.name(), name));
            let Some(named) = org
                .named_credentials
                .iter()
                .find(|named| !exact && named.name().eq_ignore_ascii_case(name))
            else {
                continue;
            };
            found
                .at(&callout.class, &callout.name, format!("this callout names `{name}`, and the named credential is called `{}`", named.name()))
                .label("differs in upper and lower case")
                .related(&named.component.span(), "the named credential")
                .help(format!("write `callout:{}`; reports disagree on whether the platform minds, so do not depend on it", named.name()))
                .safe_fix("write the name as it is", [Edit::Replace(callout.name.span, named.name().to_owned())])
                .field(name);
        }
    }
}

fn same_without_namespace(left: &str, right: &str) -> bool {
    fn bare(name: &str) -> &str {
        name.split_once("__").map_or(name, |(_, rest)| rest)
    }
    left.as_bytes().last() == right.as_bytes().last() && bare(left) == bare(right)
}
