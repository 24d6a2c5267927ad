//! An app without a certificate cannot verify a JWT.

use crate::finding::Findings;
use crate::model::{App, AppKind, CertificateBody, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(connection) = workspace.connections_of(app).next() else { continue };
        let absent = app
            .certificate
            .as_ref()
            .is_none_or(|certificate| matches!(certificate.value, CertificateBody::Empty));
        if !absent || !says_what_it_has(app) {
            continue;
        }
        found
            .at(&app.component, &app.oauth_place(), format!("the {} `{}` has no certificate to verify the JWT with", app.noun(), app.name()))
            .label("no `certificate` here")
            .related(&connection.credential.flow, format!("`{}` signs a JWT for it", connection.credential.name()))
            .help("upload the public certificate of the credential that signs: *Use digital signatures* (connected app) or *Enable JWT Bearer Flow* (external client app) in Setup > App Manager > the app")
            .field("certificate");
    }
}

/// An external client app keeps the certificate in a file that is often not in the repository.
fn says_what_it_has(app: &App) -> bool {
    app.kind == AppKind::ConnectedApp
        || app.records.is_empty()
        || app
            .records
            .iter()
            .any(|record| record.component.type_name == "ExtlClntAppGlobalOauthSettings")
}
