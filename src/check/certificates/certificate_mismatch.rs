//! The credential signs with one key pair, but the app verifies with another.

use crate::finding::Findings;
use crate::model::{Key, Named, Workspace, X509};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let Some(signing) = workspace.signing_certificate(connection.credential) else { continue };
        let Some((certificate, body)) = signing
            .certificate
            .and_then(|certificate| certificate.body.as_ref().map(|body| (certificate, body)))
        else {
            continue;
        };
        let Some(trusted) = &connection.app.certificate else { continue };
        let (Some(ours), Some(theirs)) = (body.x509(), trusted.x509()) else { continue };
        // A key that cannot sign at all is reported by `certificate-key-not-rsa`.
        if ours.same_key(theirs) || !matches!(ours.key, Key::Rsa { .. }) {
            continue;
        }
        let app = connection.app;
        found
            .report(
                &connection.credential.component,
                signing.reference,
                format!(
                    "the credential signs with `{}`, but the {} `{}` verifies with a certificate \
                     for another key pair",
                    certificate.name(),
                    app.noun(),
                    app.name()
                ),
            )
            .label("signs with this certificate")
            .related(body, describe(ours))
            .related(trusted, describe(theirs))
            .help(format!(
                "upload the public certificate of `{}` to the app: download it in Setup > Security \
                 > Certificate and Key Management of org `{}`, then *Use digital signatures* of \
                 the app in org `{}`; deploying a certificate to another org generates a new key \
                 pair",
                certificate.name(),
                connection.calling_org.name,
                connection.target_org.name
            ))
            .field("certificate");
    }
}

fn describe(certificate: &X509) -> String {
    format!(
        "{}, key {}, {}",
        certificate.common_name(),
        certificate.fingerprint(),
        certificate.validity()
    )
}
