//! The certificate that a named credential presents in mutual TLS has expired.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let signings = workspace.signings_by_certificate();
    for (org, named) in workspace.named_credentials() {
        let Some(reference) = &named.client_certificate else { continue };
        let Some(certificate) = reference.known().and_then(|name| org.certificate(name)) else {
            continue;
        };
        let Some((end, place)) = certificate.end().filter(|(end, _)| *end < workspace.today) else {
            continue;
        };
        // A certificate that also signs is reported once, by `certificate-expired`.
        if signings.contains_key(&certificate.component.place) {
            continue;
        }
        found
            .report(
                &named.component,
                reference,
                format!(
                    "`{}` presents the client certificate `{}`, which expired on {end}",
                    named.name(),
                    certificate.name()
                ),
            )
            .label("client certificate for mutual TLS")
            .related(&place, format!("valid until {end}"))
            .help(
                "renew it in Setup > Security > Certificate and Key Management and select the new \
                 one, or clear *Client Certificate* if the server does not ask for one",
            )
            .field("client certificate");
    }
}
