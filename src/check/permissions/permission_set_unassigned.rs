//! A permission set that grants a principal has no effect if no active user has it.

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
                .report(
                    &set.component,
                    &grant.reference,
                    format!(
                        "the permission set `{}` grants `{}`, but no active user has it",
                        set.name(),
                        grant.reference
                    ),
                )
                .label("granted here")
                .related_to(
                    org.users
                        .as_ref()
                        .and_then(|users| users.first())
                        .map(|user| user.username.span),
                    "the description lists the users of the org from here on",
                )
                .help(format!(
                    "assign `{}` to the user who runs the callout (Setup > Permission Sets > {} > \
                     Manage Assignments), and have that user log in again",
                    set.name(),
                    set.name()
                ))
                .field(grant.reference.as_str());
        }
    }
}

/// Whether an active user has it; `None` if the description does not list users.
fn held(org: &Org, set: &PermissionSet) -> Option<bool> {
    org.holders(set).map(|holders| !holders.is_empty())
}

/// Whether other permission sets, which may be assigned, grant the same principals.
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
