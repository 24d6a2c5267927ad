//! Salesforce signs with RSA, but the certificate has another kind of key.

use crate::finding::Findings;
use crate::model::{Key, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let Some((body, x509)) =
            signing.certificate.body.as_ref().and_then(|body| body.x509().map(|x509| (body, x509)))
        else {
            continue;
        };
        let Key::Other(kind) = x509.key else { continue };
        if kind == Key::UNKNOWN {
            continue;
        }
        found
            .report(
                signing.credential,
                signing.reference,
                format!(
                    "the credential signs with `{}`, whose key is {kind}, not RSA",
                    signing.certificate.name()
                ),
            )
            .label("signs with this certificate")
            .related(body, format!("{}, key {kind}", x509.common_name()))
            .help(
                "create a certificate with an RSA key of 2048 or 4096 bits in Setup > Security > \
                 Certificate and Key Management, select it as the signing certificate, and upload \
                 its public part to the app",
            )
            .field("signing certificate");
    }
}
