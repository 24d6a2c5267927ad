//! Anyone who has the private key can sign as its owner.

use crate::finding::Findings;
use crate::model::{Named, SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let SecretKind::PrivateKey { encrypted } = secret.kind else { continue };
        // `private-key-opens-app` reports those that are known to open an app.
        if workspace.apps_opened_by(secret).next().is_some() {
            continue;
        }
        let certificate = workspace.certificate_of_key(secret);
        let message = match certificate {
            Some(certificate) => format!(
                "this private key belongs to the certificate `{}`: anyone who has it can sign as \
                 this org",
                certificate.name()
            ),
            None if encrypted => {
                "this file contains a private key, protected only by its passphrase".to_owned()
            }
            None => "this file contains an unprotected private key".to_owned(),
        };
        found
            .report(&secret.component, &secret.place, message)
            .label("a private key")
            .related_to(
                certificate.and_then(|certificate| certificate.body.as_ref()).map(|body| body.span),
                "the certificate with the same key",
            )
            .help(
                "create a new key pair and upload its certificate to the app; remove this file \
                 from the repository, and let CI read the new key from its secret store",
            )
            .field("private key");
    }
}
