//! A session ID gives anyone who reads it the access of its user until the session ends.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in
        workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::Session)
    {
        found
            .report(&secret.component, &secret.place, "this file contains a session ID")
            .label("a session ID or access token")
            .help(
                "end the session (Setup > Security > Session Management), and call a named \
                 credential from the code instead",
            )
            .field("session id");
    }
}
