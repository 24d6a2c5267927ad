//! A permission set that grants a principal helps nobody who does not have it.

use crate::finding::Findings;
use crate::model::{Named, Org, PermissionSet, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for set in &org.permission_sets {
            let Some(grant) = set.granted().next() else { continue };
            if held(org, set) != Some(false) || granted_elsewhere(org, set) {
                continue;
            }
            found
                .at(&set.component, &grant.reference, format!("the permission set `{}` grants `{}`, and no active user has it", set.name(), grant.reference))
                .label("granted here")
                .related_to(org.users.as_ref().and_then(|users| users.first()).map(|user| user.username.span), "the users of the org are described from here on")
                .help(format!(
                    "assign `{}` to the user that runs the callout (Setup > Permission Sets > {} > Manage Assignments), and log that user in again",
                    set.name(),
                    set.name()
                ))
                .field(grant.reference.as_str());
        }
    }
}

/// Whether an active user has it; `None` where nobody said.
fn held(org: &Org, set: &PermissionSet) -> Option<bool> {
    org.holders(set).map(|holders| !holders.is_empty())
}

/// Another permission set grants the same, and may be in somebody's hands.
fn granted_elsewhere(org: &Org, set: &PermissionSet) -> bool {
    set.granted().all(|grant| {
        let same = |other: &PermissionSet| {
            other.granted().any(|other| other.reference.as_str() == grant.reference.as_str())
        };
        org.permission_sets.iter().any(|other| {
            other.name() != set.name() && same(other) && held(org, other) != Some(false)
        })
    })
}
