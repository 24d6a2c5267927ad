//! A JWT that nobody signs proves nothing.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in &workspace.jwt_credentials {
        if credential.signing_certificate.as_ref().is_some_and(|certificate| !certificate.is_empty()) {
            continue;
        }
        let place = credential.signing_certificate.as_ref().map_or(credential.flow, |certificate| certificate.element);
        found
            .at(&credential.component, &place, format!("the {} names no certificate to sign its JWT with", credential.noun()))
            .label(if credential.signing_certificate.is_some() { "this name is empty" } else { "this flow signs a JWT" })
            .help(if credential.legacy {
                "set `jwtSigningCertificate` (*JWT Signing Certificate* in Setup) to a certificate of Setup > Security > Certificate and Key Management"
            } else {
                "add a parameter of type `SigningCertificate` with a `<certificate>` (*Signing Certificate* in Setup > Security > Named Credentials > External Credentials)"
            })
            .field("signing certificate");
    }
}
