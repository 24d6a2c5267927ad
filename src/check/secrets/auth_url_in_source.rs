//! A login URL of the Salesforce CLI contains a refresh token.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in
        workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::AuthUrl)
    {
        found
            .report(
                &secret.component,
                &secret.place,
                "this file contains a login URL (`force://…`) with its refresh token",
            )
            .label("gives access to the org")
            .help(
                "revoke the token (Setup > Apps > Connected Apps > Connected Apps OAuth Usage), \
                 and keep the new URL in the secret store of your CI system",
            )
            .field("auth url");
    }
}
