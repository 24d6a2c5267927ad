//! The certificate that signs the JWT should not also be the client certificate for mutual TLS.

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
            .report(
                &named.component,
                client,
                format!(
                    "the certificate `{name}` signs the JWT, but `{}` also uses it as the client \
                     certificate for mutual TLS",
                    named.name()
                ),
            )
            .label("the client certificate")
            .related(signing, "the same certificate signs the JWT")
            .help(if salesforce {
                "clear it (*Client Certificate* in Setup > Security > Named Credentials): it is \
                 harmless, but the flow does not need it, and renewing one then changes the other"
            } else {
                "clear it, or use a separate certificate, unless the target system requires mutual \
                 TLS with this one (*Client Certificate* in Setup > Security > Named Credentials)"
            })
            .field("client certificate");
    }
}
