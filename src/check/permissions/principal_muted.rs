//! A group takes away with one hand what it gives with the other.

use crate::finding::Findings;
use crate::model::{MutingPermissionSet, Named, Org, PermissionSetGroup, Workspace, find_named};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for group in &org.groups {
            for reference in &group.muting {
                let Some(muting) = reference.known().and_then(|name| find_named(&org.muting, name))
                else {
                    continue;
                };
                let Some((what, given, muted)) = taken_away(org, group, muting) else { continue };
                found
                    .at(&group.component, reference, format!("the permission set group `{}` grants {what}, and its muting permission set `{}` mutes it", group.name(), muting.name()))
                    .label("mutes what the group grants")
                    .related(&given, "granted here")
                    .related(&muted, "muted here")
                    .help("take it out of the muting permission set, or assign the permission set directly to the user that runs the callout; nobody has shown what Salesforce does with a muted principal, so do not rely on either outcome")
                    .field(muting.name());
            }
        }
    }
}

/// What is given and muted, and where both stand.
fn taken_away(
    org: &Org,
    group: &PermissionSetGroup,
    muting: &MutingPermissionSet,
) -> Option<(String, Span, Span)> {
    for muted in
        muting.muted.iter().filter(|muted| muted.enabled && muted.reference.known().is_some())
    {
        let same = |reference: &str| {
            let pair = |reference: &str| {
                org.granted_principal(reference).map(|(_, principal)| principal.name.span)
            };
            reference.eq_ignore_ascii_case(muted.reference.as_str())
                || pair(reference).is_some_and(|span| Some(span) == pair(muted.reference.as_str()))
        };
        if let Some(grant) = org
            .members_of(group)
            .flat_map(|set| set.granted())
            .find(|grant| same(grant.reference.as_str()))
        {
            return Some((
                format!("`{}`", grant.reference),
                grant.reference.span,
                muted.reference.span,
            ));
        }
    }
    let muted = muting.user_external_credential.as_ref().filter(|access| access.is_some())?;
    org.members_of(group).flat_map(|set| set.granted()).next()?;
    let given = org
        .members_of(group)
        .filter_map(|set| set.user_external_credential.as_ref())
        .find(|access| access.is_some())?;
    Some(("access to `UserExternalCredential`".to_owned(), given.place?, muted.place?))
}
