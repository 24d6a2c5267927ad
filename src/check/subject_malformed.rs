//! A username is stored bare: quotes, escapes and blanks make it somebody else's.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(subject) = credential.subject() else { continue };
        let Some(login) = credential.login() else { continue };
        let Some(username) = login.username().filter(|username| subject.raw() != username.as_str())
        else {
            continue;
        };
        let typed = subject.as_str();
        let what = if typed == username.as_str() {
            "has blanks or line breaks around it"
        } else if typed.contains(username.as_str()) {
            "is in quotes"
        } else {
            "is escaped"
        };
        found
            .at(
                &credential.component,
                subject,
                format!("the subject `{typed}` {what}, and is sent as it stands"),
            )
            .label("the subject")
            .related_to(
                credential.token_endpoint.as_ref(),
                "the org in which the username must exist",
            )
            .help(format!(
                "set `sub` to `{username}`: a username is stored without quotes, blanks and escapes"
            ))
            .safe_fix(
                "write the bare username",
                Edit::replace_trimmed(subject, username.as_str()),
            )
            .field("sub");
    }
}
