//! The user who runs the callout has no permission set that grants the principal.

use crate::finding::Findings;
use crate::model::{ExternalCredential, Named, Org, PermissionSet, Workspace, fold_username};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        if org.callouts_run_as.is_empty() {
            continue;
        }
        let credentials: Vec<(&ExternalCredential, Vec<&PermissionSet>)> = org
            .credentials_called()
            .into_iter()
            .map(|credential| (credential, granting(org, credential)))
            .filter(|(_, sets)| is_assigned(org, sets))
            .collect();
        let unused = credentials.iter().find(no_user_may_use(org));
        let may_use_any = may_use_any(org, &credentials);
        for user in org.callouts_run_as.iter().filter(|user| is_active(org, user)) {
            let credential = if may_use_any(user) { unused } else { credentials.first() };
            let Some((credential, sets)) = credential else { continue };
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
    sets.iter().any(|set| org.is_held(set) == Some(true))
}

/// Whether certainly no user who runs callouts has a permission set for the credential.
fn no_user_may_use<'a>(
    org: &'a Org,
) -> impl Fn(&&(&'a ExternalCredential, Vec<&'a PermissionSet>)) -> bool {
    let users = || org.callouts_run_as.iter().map(Text::as_str);
    let assigned = org.permission_sets_of_any(users());
    let are_listed = users().all(|user| org.lists_all_sets_of(user));
    move |(_, sets)| {
        sets.iter().all(|set| {
            let position = org.permission_sets.element_offset(set);
            let is_assigned = position.is_some_and(|position| assigned.contains(&position));
            !is_assigned && (are_listed || org.lists_all_users_of(set))
        })
    }
}

/// Whether a user has a permission set for any of the credentials, or may have one.
fn may_use_any<'a>(
    org: &'a Org,
    credentials: &[(&'a ExternalCredential, Vec<&'a PermissionSet>)],
) -> impl Fn(&Text) -> bool {
    let sets = || credentials.iter().flat_map(|(_, sets)| sets.iter().copied());
    let holders = org.holders_of_any(sets());
    let are_listed = sets().all(|set| org.lists_all_users_of(set));
    move |user| {
        holders.contains(&fold_username(user.as_str()))
            || !(are_listed || org.lists_all_sets_of(user.as_str()))
    }
}

fn is_active(org: &Org, user: &Text) -> bool {
    user.known().is_some_and(|name| org.user(name).is_none_or(|user| user.active))
}
