//! A permission set group grants a principal and mutes it at the same time.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{
    Grant, MutingPermissionSet, Named, Org, PermissionSetGroup, Workspace, find_named,
};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for group in &org.groups {
            for reference in &group.muting {
                let Some(muting) = reference.known().and_then(|name| find_named(&org.muting, name))
                else {
                    continue;
                };
                let Some((what, granted, muted)) = muted_grant(org, group, muting) else {
                    continue;
                };
                found
                    .report(
                        &group.component,
                        reference,
                        format!(
                            "the permission set group `{}` grants {what}, but its muting \
                             permission set `{}` mutes it",
                            group.name(),
                            muting.name()
                        ),
                    )
                    .label("mutes what the group grants")
                    .related(&granted, "granted here")
                    .related(&muted, "muted here")
                    .help(
                        "remove it from the muting permission set, or assign the permission set \
                         directly to the user who runs the callout; it is not known how Salesforce \
                         treats a muted principal, so do not rely on either outcome",
                    )
                    .field(muting.name());
            }
        }
    }
}

/// What is both granted and muted, and the positions of the grant and the muting.
fn muted_grant(
    org: &Org,
    group: &PermissionSetGroup,
    muting: &MutingPermissionSet,
) -> Option<(String, Span, Span)> {
    let principal = |reference: &str| {
        org.granted_principal(reference).map(|(_, principal)| principal.name.span)
    };
    let granted: Vec<&Grant> = org.members_of(group).flat_map(|set| set.granted()).collect();
    let mut by_reference: HashMap<String, usize> = HashMap::new();
    let mut by_principal: HashMap<Span, usize> = HashMap::new();
    for (position, grant) in granted.iter().enumerate() {
        let reference = grant.reference.as_str();
        by_reference.entry(reference.to_ascii_lowercase()).or_insert(position);
        if let Some(span) = principal(reference) {
            by_principal.entry(span).or_insert(position);
        }
    }
    for muted in
        muting.muted.iter().filter(|muted| muted.enabled && muted.reference.known().is_some())
    {
        let reference = muted.reference.as_str();
        let same = by_reference.get(&reference.to_ascii_lowercase());
        let same_principal = principal(reference).and_then(|span| by_principal.get(&span));
        if let Some(position) = same.into_iter().chain(same_principal).min() {
            let grant = granted[*position];
            return Some((
                format!("`{}`", grant.reference),
                grant.reference.span,
                muted.reference.span,
            ));
        }
    }
    let muted = muting.user_external_credential.as_ref().filter(|access| access.is_some())?;
    granted.first()?;
    let granted = org
        .members_of(group)
        .filter_map(|set| set.user_external_credential.as_ref())
        .find(|access| access.is_some())?;
    Some(("access to `UserExternalCredential`".to_owned(), granted.place?, muted.place?))
}
