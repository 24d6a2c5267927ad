//! The user who runs the callout has no permission set that grants the principal.

use crate::finding::Findings;
use crate::model::{ExternalCredential, Named, Org, PermissionSet, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let no_user_has = |sets: &[&PermissionSet]| {
            org.callouts_run_as.iter().all(|user| {
                sets.iter().all(|set| org.has_permission_set(user.as_str(), set) == Some(false))
            })
        };
        let credentials: Vec<(&ExternalCredential, Vec<&PermissionSet>, bool)> = org
            .credentials_called()
            .into_iter()
            .map(|credential| (credential, granting(org, credential)))
            .filter(|(_, sets)| is_assigned(org, sets))
            .map(|(credential, sets)| {
                let is_unused = no_user_has(&sets);
                (credential, sets, is_unused)
            })
            .collect();
        for user in org.callouts_run_as.iter().filter(|user| is_active(org, user)) {
            let lacks_all = |sets: &[&PermissionSet]| {
                sets.iter().all(|set| org.has_permission_set(user.as_str(), set) == Some(false))
            };
            let can_use_none = credentials.iter().all(|(_, sets, _)| lacks_all(sets));
            let Some((credential, sets, _)) = credentials
                .iter()
                .find(|(_, sets, is_unused)| lacks_all(sets) && (can_use_none || *is_unused))
            else {
                continue;
            };
            let Some((set, grant)) = sets.first().and_then(|set| {
                org.grants_of(credential).find(|(other, _)| other.name() == set.name())
            }) else {
                continue;
            };
            found
                .report(
                    &credential.component,
                    user,
                    format!(
                        "callouts run as `{user}`, who has no permission set in the checked files \
                         that grants a principal of `{}`",
                        credential.name()
                    ),
                )
                .label("runs the callout")
                .related(&grant.reference, format!("`{}` grants it", set.name()))
                .related_to(
                    credential.principals().next().map(|principal| principal.name.span),
                    "the principal",
                )
                .help(format!(
                    "assign `{}` to `{user}` (Setup > Permission Sets > {} > Manage Assignments) \
                     and have the user log in again; administrators need it too, and a profile \
                     that grants the principal is visible only in Setup",
                    set.name(),
                    set.name()
                ))
                .field(user.as_str());
        }
    }
}

/// The permission sets that grant a principal of the credential.
fn granting<'a>(org: &'a Org, credential: &'a ExternalCredential) -> Vec<&'a PermissionSet> {
    org.grants_of(credential).map(|(set, _)| set).collect()
}

/// Whether any user has one of the permission sets; otherwise `permission-set-unassigned` reports
/// them.
fn is_assigned(org: &Org, sets: &[&PermissionSet]) -> bool {
    sets.iter().any(|set| org.holders(set).is_some_and(|holders| !holders.is_empty()))
}

fn is_active(org: &Org, user: &Text) -> bool {
    user.known().is_some_and(|name| org.user(name).is_none_or(|user| user.active))
}
