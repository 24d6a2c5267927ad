//! A grant that is switched off grants nothing, and no other makes up for it.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut told = HashSet::new();
        for set in &org.permission_sets {
            for grant in set.grants.iter().filter(|grant| !grant.enabled) {
                let Some((credential, principal)) =
                    grant.reference.known().and_then(|reference| org.granted_principal(reference))
                else {
                    continue;
                };
                let granted = org.grants_of(credential).any(|(_, other)| {
                    org.granted_principal(other.reference.as_str())
                        .is_some_and(|(_, other)| other.name.span == principal.name.span)
                });
                if granted || credential.grants_itself() || !told.insert(principal.name.span) {
                    continue;
                }
                let place =
                    grant.switch.as_ref().map_or(grant.reference.span, |switch| switch.span);
                found
                    .at(&set.component, &place, format!("the permission set `{}` names `{}` and does not grant it: `enabled` is false", set.name(), grant.reference))
                    .label("switched off")
                    .related(&principal.name.span, "nothing else in the files grants this")
                    .help("set `enabled` to true, or tick the principal under *External Credential Principal Access* of the permission set in Setup")
                    .safe_fix("switch the grant on", grant.switch.as_ref().and_then(|switch| Edit::replace(switch, "true")))
                    .field(grant.reference.as_str());
            }
        }
    }
}
