//! An empty `.crt` file: the org that it is deployed to generates the key.

use crate::finding::Findings;
use crate::model::{CertificateBody, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let signings = workspace.signings_by_certificate();
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let Some(body) =
            certificate.body.as_ref().filter(|body| matches!(body.value, CertificateBody::Empty))
        else {
            continue;
        };
        let name = certificate.name();
        let message = format!(
            "`{name}.crt` is empty: the org generates a key pair on deployment, and the public key \
             is not known until then"
        );
        let finding = match signings.get(&certificate.component.place) {
            Some(signing) => found
                .report(signing.credential, signing.reference, message)
                .label("signs with this certificate")
                .related(body, "empty"),
            None => found.report(&certificate.component, body, message).label("empty"),
        };
        finding
            .help(
                "after the first deployment, download the certificate in Setup > Security > \
                 Certificate and Key Management, replace the empty file with it, and upload it to \
                 the apps that must trust it",
            )
            .field("body");
    }
}
