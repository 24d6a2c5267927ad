//! Anyone who has the private key can sign as its owner.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let SecretKind::PrivateKey { encrypted } = secret.kind else { continue };
        // `private-key-opens-app` reports those that are known to open an app.
        if workspace.app_opened_by(secret).is_some() {
            continue;
        }
        let message = if encrypted {
            "this file contains a private key, protected only by its passphrase"
        } else {
            "this file contains an unprotected private key"
        };
        found
            .report(&secret.component, &secret.place, message)
            .label("a private key")
            .help(
                "create a new key pair and upload its certificate to the app; remove this file \
                 from the repository, and let CI read the new key from its secret store",
            )
            .field("private key");
    }
}
