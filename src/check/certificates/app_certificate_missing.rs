//! An app needs a certificate to verify a JWT.

use crate::finding::Findings;
use crate::model::{App, AppKind, CertificateBody, Named, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(connection) = workspace.connections_of(app).next() else { continue };
        let absent = app
            .certificate
            .as_ref()
            .is_none_or(|certificate| matches!(certificate.value, CertificateBody::Empty));
        let is_unknown = app.certificate.is_none() && app.is_only_described();
        if !absent || is_unknown || !shows_certificate(app) {
            continue;
        }
        found
            .report(
                &app.component,
                &app.oauth_place(),
                format!(
                    "the {} `{}` has no certificate to verify the JWT with",
                    app.noun(),
                    app.name()
                ),
            )
            .label(if app.is_only_described() {
                "described without a certificate"
            } else {
                "no `certificate` here"
            })
            .related(
                &connection.credential.flow,
                format!("`{}` signs a JWT for this app", connection.credential.name()),
            )
            .help(format!(
                "upload the public certificate of the credential that signs: *{}* in {}",
                match app.kind {
                    AppKind::ConnectedApp => "Use digital signatures",
                    AppKind::ExternalClientApp => "Enable JWT Bearer Flow",
                },
                app.setup(SetupPage::OauthSettings)
            ))
            .field("certificate");
    }
}

/// Whether a missing certificate would be visible in the files. An external client app stores it in
/// a file that is often kept out of the repository.
fn shows_certificate(app: &App) -> bool {
    app.kind == AppKind::ConnectedApp
        || app.records.is_empty()
        || app
            .records
            .iter()
            .any(|record| record.component.type_name == "ExtlClntAppGlobalOauthSettings")
}
