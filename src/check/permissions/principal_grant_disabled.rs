//! A grant is disabled, and nothing else in the files grants its principal, or the same permission set
//! also grants it.

use std::collections::{HashMap, HashSet};

use crate::finding::{Edit, Findings};
use crate::model::{Grant, Named, Org, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut reported = HashSet::new();
        let granted: HashSet<Span> = org
            .permission_sets
            .iter()
            .flat_map(|set| set.granted())
            .filter_map(|grant| principal_of(org, grant))
            .collect();
        for set in &org.permission_sets {
            let disabled = || set.grants.iter().filter(|grant| !grant.enabled);
            let of_set: HashMap<Span, &Grant> = match disabled().next() {
                None => continue,
                Some(_) => set
                    .granted()
                    .filter_map(|grant| Some((principal_of(org, grant)?, grant)))
                    .collect(),
            };
            for grant in disabled() {
                let Some((credential, principal)) =
                    grant.reference.known().and_then(|reference| org.granted_principal(reference))
                else {
                    continue;
                };
                let place =
                    grant.switch.as_ref().map_or(grant.reference.span, |switch| switch.span);
                if let Some(other) = of_set.get(&principal.name.span) {
                    found
                        .report(
                            &set.component,
                            &place,
                            format!(
                                "the permission set `{}` lists `{}` twice, once with `enabled` \
                                 false",
                                set.name(),
                                grant.reference
                            ),
                        )
                        .label("disabled")
                        .related(&other.reference, "granted here")
                        .help("keep the entry that is meant, and delete the other")
                        .field(grant.reference.as_str());
                    continue;
                }
                if granted.contains(&principal.name.span)
                    || credential.grants_itself()
                    || !reported.insert(principal.name.span)
                {
                    continue;
                }
                found
                    .report(
                        &set.component,
                        &place,
                        format!(
                            "the permission set `{}` lists `{}` but does not grant it: `enabled` \
                             is false",
                            set.name(),
                            grant.reference
                        ),
                    )
                    .label("disabled")
                    .related(
                        &principal.name.span,
                        "nothing else in the files grants this principal",
                    )
                    .help(
                        "set `enabled` to true, or select the principal under *External Credential \
                         Principal Access* of the permission set in Setup",
                    )
                    .safe_fix(
                        "enable the grant",
                        grant.switch.as_ref().and_then(|switch| Edit::replace(switch, "true")),
                    )
                    .field(grant.reference.as_str());
            }
        }
    }
}

/// The name of the principal that a grant refers to.
fn principal_of(org: &Org, grant: &Grant) -> Option<Span> {
    let (_, principal) = org.granted_principal(grant.reference.as_str())?;
    Some(principal.name.span)
}
