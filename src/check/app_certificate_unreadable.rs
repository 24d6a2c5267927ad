//! Where an app keeps its certificate stands something that is none.

use crate::finding::Findings;
use crate::model::{App, CertificateBody, Named, Workspace};
use crate::source::{Certainty, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(certificate) = &app.certificate else { continue };
        let problem = match &certificate.value {
            CertificateBody::Name(name)
                if !is_left_over(app) && !names_are_allowed(app, certificate.span) =>
            {
                format!("holds the name `{name}`, and not the certificate itself")
            }
            CertificateBody::Unreadable(reason) => {
                format!("holds no certificate that can be read: {reason}")
            }
            CertificateBody::Request => {
                "holds a signing request, and not the signed certificate".to_owned()
            }
            _ => continue,
        };
        if is_told_of_signer(workspace, app) {
            continue;
        }
        found
            .at(&app.component, certificate, format!("the certificate of the {} `{}` {problem}", app.noun(), app.name()))
            .label("no certificate")
            .help("download the public certificate of the credential that signs (Setup > Security > Certificate and Key Management of the calling org), and upload it to the app, or write its PEM or base64 text here")
            .field("certificate");
    }
}

/// A template's blank is a fault of its own.
fn is_left_over(app: &App) -> bool {
    let texts =
        ["oauthConfig/certificate", "certificate"].into_iter().filter_map(|path| app.field(path));
    texts.into_iter().any(|text| text.certainty == Certainty::Unfilled)
}

/// Sources disagree what `clientAssertionCertificate` holds: a name may be right there.
fn names_are_allowed(app: &App, place: crate::source::Span) -> bool {
    app.field("clientAssertionCertificate").map(|text: &Text| text.span) == Some(place)
}

/// One file that a description names on both sides is one fault, told where it signs.
fn is_told_of_signer(workspace: &Workspace, app: &App) -> bool {
    let damaged = |body: &CertificateBody| {
        matches!(
            body,
            CertificateBody::Unreadable(_) | CertificateBody::Name(_) | CertificateBody::Request
        )
    };
    app.records.is_empty()
        && workspace
            .connections_of(app)
            .filter_map(|connection| {
                workspace.signing_certificate(connection.credential)?.certificate?.body.as_ref()
            })
            .any(|body| damaged(body))
}
