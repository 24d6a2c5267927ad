//! A login URL of the command line tool holds a refresh token.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::AuthUrl) {
        found
            .at(&secret.component, &secret.place, "a login URL (`force://…`) with its refresh token stands in this file")
            .label("whoever has it can log in")
            .help("revoke the token (Setup > Apps > Connected Apps > Connected Apps OAuth Usage), and keep the new URL in the secret store of CI")
            .field("auth url");
    }
}
