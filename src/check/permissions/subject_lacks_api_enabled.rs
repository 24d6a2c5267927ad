//! A user without *API Enabled* cannot use the API, not even with an access token.

use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for login in workspace.login_users() {
        let (subject, target_org) = (login.username, login.target_org);
        let user = login.user();
        match user.and_then(|user| user.api_enabled) {
            None => {}
            Some(true) => continue,
            Some(false) => {
                found
                    .report(
                        login.component,
                        subject,
                        format!(
                            "`{subject}` does not have the permission `API Enabled` in org `{}`",
                            target_org.name
                        ),
                    )
                    .label("logs in as this user")
                    .related_to(user.map(|user| &user.username), "what the user has")
                    .help(
                        "enable *API Enabled* (under *System Permissions*) in a permission set of \
                         the user, or in the profile",
                    )
                    .field(login.field);
                continue;
            }
        }
        let Some((named, profile)) = login.profile() else { continue };
        let (sets, complete) = target_org.permission_sets_of(subject.as_str());
        let enables = |permissions: &[Text]| {
            permissions
                .iter()
                .any(|permission| permission.known().is_none_or(|name| name == "ApiEnabled"))
        };
        if !complete
            || !profile.is_custom()
            || enables(&profile.user_permissions)
            || sets.iter().any(|set| enables(&set.user_permissions))
        {
            continue;
        }
        let set_names = match sets.as_slice() {
            [] => "no permission set".to_owned(),
            sets => {
                sets.iter().map(|set| format!("`{}`", set.name())).collect::<Vec<_>>().join(", ")
            }
        };
        found
            .report(
                login.component,
                subject,
                format!(
                    "`{subject}` has the profile `{named}` and {set_names} in org `{}`, but not \
                     the permission `API Enabled`",
                    target_org.name
                ),
            )
            .label("logs in as this user")
            .related(named, "has this profile")
            .related(&profile.component, "no `ApiEnabled` in this profile")
            .help(
                "enable *API Enabled* (`ApiEnabled`, under *System Permissions*) in a permission \
                 set of the user, or in the profile",
            )
            .field(login.field);
    }
}
