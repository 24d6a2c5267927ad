//! Whoever has the private key can sign as its owner.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let SecretKind::PrivateKey { encrypted } = secret.kind else { continue };
        let how = if encrypted {
            "a private key stands in this file; only its passphrase protects it"
        } else {
            "a private key stands in this file, and nothing protects it"
        };
        found
            .at(&secret.component, &secret.place, how)
            .label("a private key")
            .help("make a new key pair and put its certificate into the app; take this file out of the repository, and let CI read the new key from its secret store")
            .field("private key");
    }
}
