//! The users of the target org are described, and `sub` is not one of them, or is inactive.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{ForeignSubject, User, Workspace};
use crate::nearest::Suggestions;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut suggestions: HashMap<&str, Suggestions<'_>> = HashMap::new();
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let (Some(username), Some(org)) = (login.username(), workspace.answering_org(credential))
        else {
            continue;
        };
        let users = org.users.as_deref().unwrap_or_default();
        match org.user(username.as_str()) {
            Some(User { active: true, .. }) => {}
            Some(user) => {
                found
                    .report(
                        &credential.component,
                        subject,
                        format!("the user `{username}` of org `{}` is inactive", org.name),
                    )
                    .label("the subject")
                    .related(&user.username, "described as inactive")
                    .help(
                        "activate the user (Setup > Users > Edit > Active), or set `sub` to the \
                         username of an active one",
                    )
                    .field("sub");
            }
            None if org.assigns(username) => {}
            None => {
                let Some(listed) = org.lacks_user(username.as_str()) else { continue };
                let near = suggestions
                    .entry(&org.name)
                    .or_default()
                    .nearest(username.as_str(), users.iter().map(|user| user.username.as_str()));
                let is_missing =
                    org.missing_users.iter().any(|missing| missing.span == listed.span);
                let shown =
                    near.and_then(|near| org.user(near)).map_or(listed, |near| &near.username);
                let stray = workspace.foreign_subject(credential);
                let help = match (near, stray) {
                    (None, Some(ForeignSubject { suffix, .. })) => {
                        format!(
                            "the username has the suffix of sandbox `{suffix}`: set `sub` to the \
                             username that the user has in the target org"
                        )
                    }
                    (Some(near), _) => format!(
                        "did you mean `{near}`? `sub` must be the exact username in the target org"
                    ),
                    (None, None) => {
                        "set `sub` to the exact username of a user in the target org (Setup > \
                         Users there, column Username), or add the user to the description"
                            .to_owned()
                    }
                };
                found
                    .report(
                        &credential.component,
                        subject,
                        match is_missing {
                            true => {
                                format!("org `{}` does not have the user `{username}`", org.name)
                            }
                            false => format!(
                                "`{username}` is not one of the users described for org `{}`",
                                org.name
                            ),
                        },
                    )
                    .label("the subject")
                    .related_to(
                        Some(shown),
                        if near.is_some() {
                            "the most similar username"
                        } else if is_missing {
                            "described as missing"
                        } else {
                            "the users described for the org"
                        },
                    )
                    .help(help)
                    .field("sub");
            }
        }
    }
}
