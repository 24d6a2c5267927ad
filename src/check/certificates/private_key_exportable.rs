//! A signing key that can leave its org.

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
            .at(&signing.credential.component, signing.reference, format!("the credential signs with `{}`, whose private key can be exported", signing.certificate.name()))
            .label("signs with this certificate")
            .related(exportable, "exportable")
            .help("create the next certificate without *Exportable Private Key*: whoever exports the key can log in to the other org; the setting of this one cannot be changed")
            .field("privateKeyExportable");
    }
}
