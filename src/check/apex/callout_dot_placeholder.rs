//! `callout:.__Name` meant "no namespace", but the platform no longer accepts it.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for callout in
        workspace.orgs.iter().flat_map(|org| &org.callouts).filter(|callout| !callout.in_test)
    {
        let Some(name) = callout.dotted_name() else { continue };
        found
            .report(
                &callout.class,
                &callout.name,
                format!(
                    "the callout uses the name `{}`, but the dot for \"no namespace\" is no longer \
                     accepted",
                    callout.name
                ),
            )
            .label("the dot and underscores")
            .help(format!(
                "write `callout:{name}`; for a named credential of a package, \
                 `callout:namespace__{name}`"
            ))
            .safe_fix(
                "remove the dot and the underscores",
                [Edit::Replace(callout.name.span, name.to_owned())],
            )
            .field(name);
    }
}
