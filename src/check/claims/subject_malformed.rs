//! `sub` is sent exactly as stored; quotes, escapes or whitespace make it a different username.

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
            "has whitespace around it"
        } else if typed.contains(username.as_str()) {
            "is in quotes"
        } else {
            "is escaped"
        };
        found
            .report(
                &credential.component,
                subject,
                format!("the subject `{typed}` {what} and is sent that way"),
            )
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the username must exist in this org")
            .help(format!("set `sub` to `{username}`, without quotes, whitespace or escapes"))
            .safe_fix("use the bare username", Edit::replace_trimmed(subject, username.as_str()))
            .field("sub");
    }
}
