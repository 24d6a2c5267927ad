//! `Oauth` alone says nothing: a variant or somebody to log in at must say how the token is got.

use crate::finding::Findings;
use crate::model::{ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let Some(protocol) =
            credential.protocol.as_ref().filter(|protocol| protocol.known() == Some("Oauth"))
        else {
            continue;
        };
        if credential.variant().is_some_and(|variant| !variant.is_empty()) || credential.has_login()
        {
            continue;
        }
        // What an installed package brings is retrieved without what its subscriber sets.
        if credential.component.is_installed() {
            continue;
        }
        let signs =
            credential.claims().next().is_some() || credential.signing_certificate().is_some();
        let empty = credential
            .of(ParameterType::AuthProtocolVariant)
            .next()
            .map(|parameter| parameter.element);
        let endpoint: Option<&Text> = credential.token_endpoint();
        found
            .at(&credential.component, &empty.unwrap_or(protocol.span), "the protocol is `Oauth`, but nothing says which flow: there is neither a variant nor an auth provider nor an identity provider")
            .label(if empty.is_some() { "this variant has no value" } else { "which flow of OAuth is not said" })
            .related_to(endpoint, "a token endpoint is there")
            .help(if signs {
                "add a parameter named `Oauth` of type `AuthProtocolVariant` with the value `JwtBearer` (*Authentication Flow Type* in Setup > Security > Named Credentials > External Credentials)"
            } else {
                "add a parameter named `Oauth` of type `AuthProtocolVariant`, or name the auth provider of a browser flow (*Authentication Flow Type* in Setup > Security > Named Credentials > External Credentials)"
            })
            .field("variant");
    }
}
