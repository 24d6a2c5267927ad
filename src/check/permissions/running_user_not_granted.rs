//! The user that runs the callout holds no permission set with the principal.

use crate::finding::Findings;
use crate::model::{ExternalCredential, Named, Org, PermissionSet, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let credentials: Vec<(&ExternalCredential, Vec<&PermissionSet>)> = org
            .credentials_called()
            .into_iter()
            .map(|credential| (credential, granting(org, credential)))
            .filter(|(_, sets)| is_in_somebodys_hands(org, sets))
            .collect();
        for user in org.callouts_run_as.iter().filter(|user| is_active(org, user)) {
            let lacks = |sets: &[&PermissionSet]| {
                sets.iter().all(|set| org.has_permission_set(user.as_str(), set) == Some(false))
            };
            let unreached = |sets: &[&PermissionSet]| {
                org.callouts_run_as.iter().all(|other| {
                    sets.iter()
                        .all(|set| org.has_permission_set(other.as_str(), set) == Some(false))
                })
            };
            let idle = credentials.iter().all(|(_, sets)| lacks(sets));
            let Some((credential, sets)) =
                credentials.iter().find(|(_, sets)| lacks(sets) && (idle || unreached(sets)))
            else {
                continue;
            };
            let Some((set, grant)) = sets.first().and_then(|set| {
                org.grants_of(credential).find(|(other, _)| other.name() == set.name())
            }) else {
                continue;
            };
            found
                .at(&credential.component, user, format!("callouts run as `{user}`, who has no permission set in the files given that grants a principal of `{}`", credential.name()))
                .label("runs the callout")
                .related(&grant.reference, format!("`{}` grants it", set.name()))
                .related_to(credential.principals().next().map(|principal| principal.name.span), "the principal")
                .help(format!("assign `{}` to `{user}` (Setup > Permission Sets > {} > Manage Assignments) and log the user in again; being an administrator does not replace it, and a profile that grants the principal shows in Setup only", set.name(), set.name()))
                .field(user.as_str());
        }
    }
}

/// The permission sets that grant a principal of the credential.
fn granting<'a>(org: &'a Org, credential: &'a ExternalCredential) -> Vec<&'a PermissionSet> {
    org.grants_of(credential).map(|(set, _)| set).collect()
}

/// Permission sets that nobody has are a fault of their own.
fn is_in_somebodys_hands(org: &Org, sets: &[&PermissionSet]) -> bool {
    sets.iter().any(|set| org.holders(set).is_some_and(|holders| !holders.is_empty()))
}

fn is_active(org: &Org, user: &Text) -> bool {
    user.known().is_some_and(|name| org.user(name).is_none_or(|user| user.active))
}
