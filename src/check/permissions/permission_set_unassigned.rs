//! A permission set that grants a principal has no effect if no active user has it.

use std::collections::{HashMap, HashSet};

use crate::finding::Findings;
use crate::model::{Named, Org, PermissionSet, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let usable = usable_sets(org);
        for set in &org.permission_sets {
            let Some(grant) = set.granted().next() else { continue };
            if set.profile.is_some()
                || org.is_held(set) != Some(false)
                || granted_elsewhere(&usable, set)
            {
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

/// The names of the permission sets that grant each principal and that a user may have.
fn usable_sets(org: &Org) -> HashMap<&str, HashSet<&str>> {
    let mut sets: HashMap<&str, HashSet<&str>> = HashMap::new();
    for set in org.permission_sets.iter().filter(|set| org.is_held(set) != Some(false)) {
        for grant in set.granted() {
            sets.entry(grant.reference.as_str()).or_default().insert(set.name());
        }
    }
    sets
}

/// Whether other permission sets, which may be assigned, grant the same principals.
fn granted_elsewhere(usable: &HashMap<&str, HashSet<&str>>, set: &PermissionSet) -> bool {
    set.granted().all(|grant| {
        let others = usable.get(grant.reference.as_str());
        others.is_some_and(|others| others.iter().any(|other| *other != set.name()))
    })
}
