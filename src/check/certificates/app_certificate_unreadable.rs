//! The certificate field of an app contains something other than a certificate.

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
                format!("is the name `{name}`, not the certificate itself")
            }
            CertificateBody::Unreadable(reason) => {
                format!("cannot be read: {reason}")
            }
            CertificateBody::Request => "is a signing request, not a signed certificate".to_owned(),
            _ => continue,
        };
        if is_reported_for_signer(workspace, app) {
            continue;
        }
        found
            .report(
                &app.component,
                certificate,
                format!("the certificate of the {} `{}` {problem}", app.noun(), app.name()),
            )
            .label("not a certificate")
            .help(
                "download the public certificate of the credential that signs (Setup > Security > \
                 Certificate and Key Management of the calling org), and upload it to the app, or \
                 write its PEM or base64 text here",
            )
            .field("certificate");
    }
}

/// A leftover placeholder is reported by another rule.
fn is_left_over(app: &App) -> bool {
    let texts =
        ["oauthConfig/certificate", "certificate"].into_iter().filter_map(|path| app.field(path));
    texts.into_iter().any(|text| text.certainty == Certainty::Unfilled)
}

/// Sources disagree on `clientAssertionCertificate`: it may hold a name.
fn names_are_allowed(app: &App, place: crate::source::Span) -> bool {
    app.field("clientAssertionCertificate").map(|text: &Text| text.span) == Some(place)
}

/// A file that the description uses on both sides is only reported for the credential that signs.
fn is_reported_for_signer(workspace: &Workspace, app: &App) -> bool {
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
