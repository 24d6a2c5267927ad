//! A signing key that can be exported from its org.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let Some(exportable) = signing
            .certificate
            .private_key_exportable
            .as_ref()
            .filter(|exportable| exportable.is_true())
        else {
            continue;
        };
        found
            .report(
                signing.credential,
                signing.reference,
                format!(
                    "the credential signs with `{}`, whose private key can be exported",
                    signing.certificate.name()
                ),
            )
            .label("signs with this certificate")
            .related(exportable, "exportable")
            .help(
                "create the next certificate without *Exportable Private Key*: anyone who exports \
                 the key can log in to the target org; the setting of an existing certificate \
                 cannot be changed",
            )
            .field("privateKeyExportable");
    }
}
