//! A session ID gives anyone who reads it the access of its user until the session ends.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in
        workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::Session)
    {
        let help = if secret.component.type_name == "File" {
            "log out the Salesforce CLI (`sf org logout`) or end the session (Setup > Security > \
             Session Management), revoke the refresh token beside it, and keep the file out of the \
             repository"
        } else {
            "end the session (Setup > Security > Session Management), and call a named credential \
             from the code instead"
        };
        found
            .report(&secret.component, &secret.place, "this file contains a session ID")
            .label("a session ID or access token")
            .help(help)
            .field("session id");
    }
}
