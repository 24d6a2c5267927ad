//! Access to the object that stores tokens is below what Salesforce's table requires.

use crate::finding::Findings;
use crate::model::{Component, ObjectAccess, Org, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let Some((granted, per_user)) = kind_granted(org) else { continue };
        let enough = |access: &ObjectAccess| {
            access.modify_all
                || (per_user && access.read && access.create && access.edit && access.delete)
        };
        let given: Vec<(&Component, &ObjectAccess)> = org
            .permission_sets
            .iter()
            .filter_map(|set| {
                set.user_external_credential.as_ref().map(|access| (&set.component, access))
            })
            .chain(org.profiles.iter().filter_map(|profile| {
                profile.user_external_credential.as_ref().map(|access| (&profile.component, access))
            }))
            .filter(|(_, access)| access.is_some())
            .collect();
        let Some((component, access)) = given.first().copied() else { continue };
        if given.iter().any(|(_, access)| enough(access))
            || org.permission_sets.iter().any(|set| set.described_only)
        {
            continue;
        }
        let (kind, required) = if per_user {
            ("per-user principal", "Read, Create, Edit and Delete")
        } else {
            ("named principal", "Modify All Records")
        };
        let noun = if component.type_name == "Profile" { "profile" } else { "permission set" };
        found
            .report(
                component,
                &access.place.unwrap_or(component.place),
                format!(
                    "the {noun} `{}` gives {} on `UserExternalCredential`, but Salesforce's table \
                     requires {required} for a {kind}",
                    component.name,
                    access.words()
                ),
            )
            .label(format!("gives {}", access.words()))
            .related(&granted, format!("a {kind}"))
            .help(format!(
                "give {required} on *User External Credentials* if callouts fail because of \
                 missing permissions; other Salesforce pages require less, and many setups work \
                 with less"
            ))
            .field("UserExternalCredential");
    }
}

/// A granted principal whose credential stores tokens; named principals take precedence over
/// per-user ones.
fn kind_granted(org: &Org) -> Option<(crate::source::Span, bool)> {
    let granted = org.permission_sets.iter().flat_map(|set| set.granted()).filter_map(|grant| {
        let (credential, principal) = org.granted_principal(grant.reference.known()?)?;
        credential.keeps_tokens().then(|| (grant.reference.span, principal.is_per_user()))
    });
    granted.min_by_key(|(_, per_user)| *per_user)
}
