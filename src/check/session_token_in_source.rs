//! A session id is a login: whoever reads it is that user until it ends.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::Session) {
        found
            .at(&secret.component, &secret.place, "a session id stands in this file")
            .label("a session id or access token")
            .help("end the session (Setup > Security > Session Management), and let the code call a named credential instead")
            .field("session id");
    }
}
