//! `kid` identifies the key to verify with; Salesforce presets it to the name of the signing
//! certificate.

use crate::finding::Findings;
use crate::model::{Workspace, same_component};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let key_ids = credential
            .header_claims
            .iter()
            .filter(|claim| claim.name.as_str() == "kid")
            .filter_map(|claim| claim.value.as_ref());
        let Some(certificate) = &credential.signing_certificate else { continue };
        let Some(name) = certificate.known() else { continue };
        for text in key_ids {
            let Some(id) =
                text.known().filter(|id| !id.starts_with("{!") && !same_component(id, name))
            else {
                continue;
            };
            let help = if credential.is_to_salesforce() {
                "harmless as long as only Salesforce verifies the JWT: it finds the key by `iss` \
                 and ignores `kid`"
            } else {
                "correct if the receiver assigned this ID to the key; if it knows the key by the \
                 certificate name, or the certificate was replaced here, set `kid` to the current \
                 name"
            };
            found
                .report(
                    &credential.component,
                    text,
                    format!("`kid` is `{id}`, but the JWT is signed with the certificate `{name}`"),
                )
                .label("the key ID")
                .related(certificate, "signs with this certificate")
                .help(help)
                .field("kid");
        }
    }
}
