//! A file that cannot be read, and therefore cannot be deployed.

use crate::finding::Findings;
use crate::model::{CertificateBody, Component, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for file in &workspace.unreadable {
        let mut component = Component::new(file.type_name, file.name.clone(), file.span);
        component.org = file.org;
        let mut finding = found
            .report(
                &component,
                &file.span,
                format!("`{}` cannot be read as {}: {}", file.name, file.type_name, file.message),
            )
            .label("here");
        if let Some((span, text)) = &file.related {
            finding = finding.related(span, text);
        }
        finding.help("the deployment rejects such a file; retrieve it again, or fix it here");
    }
    let signings = workspace.signings_by_certificate();
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let Some(body) = &certificate.body else { continue };
        let reason = match &body.value {
            CertificateBody::Unreadable(reason) => reason.as_str(),
            CertificateBody::Name(_) => "it contains a few words, not a certificate",
            CertificateBody::Certificate(_)
            | CertificateBody::Request
            | CertificateBody::Empty
            | CertificateBody::Hidden => continue,
        };
        let message =
            format!("`{}.crt` cannot be read as a certificate: {reason}", certificate.name());
        let finding = match signings.get(&certificate.component.place) {
            Some(signing) => found
                .report(signing.credential, signing.reference, message)
                .label("signs with this certificate")
                .related(body, "its file"),
            None => found.report(&certificate.component, body, message).label("here"),
        };
        finding.help(
            "download the certificate again in Setup > Security > Certificate and Key Management",
        );
    }
}
