//! A keystore contains private keys, usually protected only by a short password.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let SecretKind::Keystore { format } = secret.kind else { continue };
        found
            .report(
                &secret.component,
                &secret.place,
                format!(
                    "`{}` is a {format} keystore, which contains private keys",
                    secret.component.name
                ),
            )
            .help(
                "replace the keys in it and their certificates, remove the file from the \
                 repository, and import the new keystore under Setup > Security > Certificate and \
                 Key Management",
            )
            .field(format);
    }
}
