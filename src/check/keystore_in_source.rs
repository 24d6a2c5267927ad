//! A keystore carries private keys, behind a password that is short as a rule.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let SecretKind::Keystore { format } = secret.kind else { continue };
        found
            .at(&secret.component, &secret.place, format!("`{}` is a {format} keystore, which carries private keys", secret.component.name))
            .help("replace the keys in it and their certificates; take the file out of the repository, and import the new keystore under Setup > Security > Certificate and Key Management")
            .field(format);
    }
}
