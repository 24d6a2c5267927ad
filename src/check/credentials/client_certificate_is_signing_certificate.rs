//! Two certificates with two purposes: one signs the JWT, the other opens a mutual TLS connection.

use crate::finding::Findings;
use crate::model::{ExternalCredential, Named, Workspace, without_namespace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let signing = if named.is_legacy() {
            named.jwt_signing_certificate.as_ref()
        } else {
            org.external_of(named).and_then(ExternalCredential::signing_certificate)
        };
        let (Some(client), Some(signing)) = (&named.client_certificate, signing) else { continue };
        let (Some(name), Some(signer)) = (client.known(), signing.known()) else { continue };
        if !without_namespace(name).eq_ignore_ascii_case(without_namespace(signer)) {
            continue;
        }
        let salesforce = workspace.is_salesforce_url(named);
        found
            .at(&named.component, client, format!("the certificate `{name}` signs the JWT, and `{}` also offers it as client certificate for mutual TLS", named.name()))
            .label("the client certificate")
            .related(signing, "the same certificate signs the JWT")
            .help(if salesforce {
                "clear it (*Client Certificate* in Setup > Security > Named Credentials): it is harmless, but the flow does not need it, and renewing the one then changes the other"
            } else {
                "clear it, or take a certificate of its own, unless the called system asks for mutual TLS with this one (*Client Certificate* in Setup > Security > Named Credentials)"
            })
            .field("client certificate");
    }
}
