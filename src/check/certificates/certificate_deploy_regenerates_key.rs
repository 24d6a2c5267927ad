//! A deployment to another org copies the certificate's name, but not its key.

use crate::finding::Findings;
use crate::model::{Key, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let certificate = signing.certificate;
        let Some((body, x509)) =
            certificate.body.as_ref().and_then(|body| body.x509().map(|x509| (body, x509)))
        else {
            continue;
        };
        let is_complete = certificate.metadata.is_some()
            && certificate.malformed_expiration().is_none()
            && matches!(x509.key, Key::Rsa { .. });
        if !workspace.package_directories.hold(body.span.file)
            || workspace.is_context(body.span.file)
            || workspace.package_of(body.span.file).is_some()
            || !is_complete
            || ends_soon(workspace, x509.not_after.date())
            || is_mismatched(workspace, &signing)
        {
            continue;
        }
        let name = certificate.name();
        found
            .report(
                &certificate.component,
                &certificate.component,
                format!(
                    "`{name}` is deployed with the project, and a deployment to another org \
                     generates a new key pair under this name"
                ),
            )
            .label("in a package directory")
            .related(signing.reference, format!("`{}` signs with it", signing.credential.name))
            .help(format!(
                "add `**/certs/{name}.crt*` to `.forceignore` and create the certificate in each \
                 org; or upload the public part of each org's certificate to the app after its \
                 first deployment"
            ))
            .field("package directory");
    }
}

/// Whether another rule already suggests a new certificate.
fn ends_soon(workspace: &Workspace, end: time::Date) -> bool {
    end <= workspace
        .today
        .saturating_add(time::Duration::days(i64::from(workspace.certificate_warning_days)))
}

/// Whether an app already trusts another key, which `certificate-mismatch` reports.
fn is_mismatched(workspace: &Workspace, signing: &crate::model::SigningUse<'_>) -> bool {
    let others = signing.others.iter().map(|other| other.credential);
    let trusted = std::iter::once(signing.credential)
        .chain(others)
        .filter_map(|component| workspace.signing_credential_at(component))
        .filter_map(|credential| workspace.connection_of(credential))
        .filter_map(|connection| connection.app.certificate.as_ref()?.x509());
    signing
        .certificate
        .x509()
        .is_some_and(|ours| trusted.into_iter().any(|theirs| !ours.same_key(theirs)))
}
