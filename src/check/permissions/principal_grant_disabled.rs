//! A grant is disabled, and nothing else in the files grants its principal.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut reported = HashSet::new();
        let granted: HashSet<Span> = org
            .permission_sets
            .iter()
            .flat_map(|set| set.granted())
            .filter_map(|grant| org.granted_principal(grant.reference.as_str()))
            .map(|(_, principal)| principal.name.span)
            .collect();
        for set in &org.permission_sets {
            for grant in set.grants.iter().filter(|grant| !grant.enabled) {
                let Some((credential, principal)) =
                    grant.reference.known().and_then(|reference| org.granted_principal(reference))
                else {
                    continue;
                };
                if granted.contains(&principal.name.span)
                    || credential.grants_itself()
                    || !reported.insert(principal.name.span)
                {
                    continue;
                }
                let place =
                    grant.switch.as_ref().map_or(grant.reference.span, |switch| switch.span);
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
