//! The certificate on an app has expired: a risk, but not a proven failure.

use crate::finding::Findings;
use crate::model::{App, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(certificate) = &app.certificate else { continue };
        let Some(x509) = certificate.x509() else { continue };
        if x509.not_after.date() >= workspace.today || signer_is_reported(workspace, app) {
            continue;
        }
        found
            .report(
                &app.component,
                certificate,
                format!(
                    "the {} `{}` verifies with a certificate that expired on {}",
                    app.noun(),
                    app.name(),
                    x509.not_after.date()
                ),
            )
            .label(format!("{}, valid {}", x509.common_name(), x509.validity()))
            .help(
                "Salesforce reportedly ignores the date for the JWT bearer flow, so this may not \
                 be why a callout fails; still, replace the certificate on the app and on the \
                 credential that signs, both at the same time",
            )
            .field("certificate");
    }
}

/// If the credential signs with the same expired certificate, that more serious finding is enough.
fn signer_is_reported(workspace: &Workspace, app: &App) -> bool {
    let theirs = app.certificate.as_ref().and_then(|certificate| certificate.x509());
    workspace.connections_of(app).any(|connection| {
        let signing = workspace
            .signing_certificate(connection.credential)
            .and_then(|signing| signing.certificate);
        signing.and_then(|certificate| certificate.x509()).zip(theirs).is_some_and(
            |(ours, theirs)| ours.same_key(theirs) && ours.not_after.date() < workspace.today,
        )
    })
}
