//! A permission set with a license can be assigned only to users with that license.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, Org, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let free = granted_without_license(org);
        for set in &org.permission_sets {
            let Some(license) = &set.license else { continue };
            let is_bound = |reference: &str| !free.contains(&reference.to_ascii_lowercase());
            let mut bound = set.granted().filter(|grant| is_bound(grant.reference.as_str()));
            let (Some(name), Some(grant)) = (license.known(), bound.next()) else { continue };
            found
                .report(
                    &set.component,
                    license,
                    format!(
                        "the permission set `{}` grants `{}`, but can be assigned only to users \
                         with the license `{name}`",
                        set.name(),
                        grant.reference
                    ),
                )
                .label("bound to this license")
                .related(&grant.reference, "granted here")
                .help(
                    "if other users run the callout as well, grant the principal in a permission set \
                     without a license, too (*License*: --None-- when it is created; it cannot be \
                     changed later)",
                )
                .only_answers(&["credential-not-accessible"])
                .field("license");
        }
    }
}

/// The principals, in lower case, that a permission set without a license grants. One whose license is unknown counts.
fn granted_without_license(org: &Org) -> HashSet<String> {
    org.permission_sets
        .iter()
        .filter(|set| set.license.as_ref().is_none_or(|license| license.known().is_none()))
        .flat_map(|set| set.granted())
        .map(|grant| grant.reference.as_str().to_ascii_lowercase())
        .collect()
}
