//! `callout:.__Name` stood for "no namespace" until the platform began to refuse it.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for callout in
        workspace.orgs.iter().flat_map(|org| &org.callouts).filter(|callout| !callout.in_test)
    {
        let Some(name) = callout.dotted_name() else { continue };
        found
            .at(&callout.class, &callout.name, format!("the callout names `{}`, and the dot for \"no namespace\" is not taken any more", callout.name))
            .label("dot and underscores")
            .help(format!("write `callout:{name}`; for a named credential of a package, `callout:namespace__{name}`"))
            .safe_fix("take the dot and the underscores away", [Edit::Replace(callout.name.span, name.to_owned())])
            .field(name);
    }
}
