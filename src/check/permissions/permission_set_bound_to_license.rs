//! A permission set with a license can be assigned only to users with that license.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for set in workspace.orgs.iter().flat_map(|org| &org.permission_sets) {
        let Some(license) = &set.license else { continue };
        let (Some(name), Some(grant)) = (license.known(), set.granted().next()) else { continue };
        found
            .report(
                &set.component,
                license,
                format!(
                    "the permission set `{}` grants `{}`, but can be assigned only to users with \
                     the license `{name}`",
                    set.name(),
                    grant.reference
                ),
            )
            .label("bound to this license")
            .related(&grant.reference, "granted here")
            .help(
                "grant the principal in a permission set without a license (*License*: --None-- \
                 when it is created; it cannot be changed later), so that it can be assigned to \
                 every user who runs the callout",
            )
            .field("license");
    }
}
