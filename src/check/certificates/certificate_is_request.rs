//! A credential signs with a signing request: the signed certificate was never uploaded.

use crate::finding::Findings;
use crate::model::{CertificateBody, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let Some(body) = signing
            .certificate
            .body
            .as_ref()
            .filter(|body| matches!(body.value, CertificateBody::Request))
        else {
            continue;
        };
        let name = signing.certificate.name();
        found
            .report(
                signing.credential,
                signing.reference,
                format!(
                    "the credential signs with `{name}`, but `{name}.crt` contains a signing \
                     request, not a certificate"
                ),
            )
            .label("signs with this certificate")
            .related(body, "a certificate signing request")
            .help(
                "have the certificate authority sign the request, and upload the signed \
                 certificate in Setup > Security > Certificate and Key Management > the \
                 certificate > Upload Signed Certificate; or create a self-signed certificate, \
                 which this flow accepts",
            )
            .field("signing certificate");
    }
}
