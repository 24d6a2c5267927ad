//! A certificate that was issued for servers only is presented as a client certificate.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(reference) = &named.client_certificate else { continue };
        let certificate = reference.known().and_then(|name| org.certificate(name));
        let Some(body) = certificate.and_then(|certificate| certificate.body.as_ref()) else {
            continue;
        };
        let Some(x509) = body.x509() else { continue };
        if x509.self_issued || x509.authenticates_clients != Some(false) {
            continue;
        }
        found
            .report(
                &named.component,
                reference,
                format!(
                    "`{}` presents the client certificate `{reference}`, whose purposes do not \
                     include client authentication",
                    named.name()
                ),
            )
            .label("client certificate for mutual TLS")
            .related(&body.span, format!("issued by `{}`", x509.issuer))
            .help(
                "have it issued with the extended key usage *TLS Web Client Authentication*; public \
                 certificate authorities have stopped issuing certificates for both servers and \
                 clients, so this usually needs a private one",
            )
            .field("client certificate");
    }
}
