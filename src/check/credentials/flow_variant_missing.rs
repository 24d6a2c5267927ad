//! `Oauth` alone does not select a flow; a variant, an auth provider or an identity provider does.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{DeviationKind, ParameterType, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let invented: HashSet<Span> = workspace
        .deviations
        .iter()
        .filter(|deviation| matches!(deviation.kind, DeviationKind::InventedValue))
        .map(|deviation| deviation.component.place)
        .collect();
    for (_, credential) in workspace.external_credentials() {
        // `unknown-element` says how to write what selects the flow.
        if invented.contains(&credential.component.place) {
            continue;
        }
        let Some(protocol) = credential.protocol.as_ref().filter(|_| credential.selects_no_flow())
        else {
            continue;
        };
        let signs_jwt =
            credential.claims().next().is_some() || credential.signing_certificate().is_some();
        let empty = credential
            .parameters_of(ParameterType::AuthProtocolVariant)
            .next()
            .map(|parameter| parameter.element);
        let endpoint: Option<&Text> = credential.token_endpoint();
        found
            .report(
                &credential.component,
                &empty.unwrap_or(protocol.span),
                "the protocol is `Oauth`, but no flow is selected: there is no variant, auth \
                 provider or identity provider",
            )
            .label(if empty.is_some() { "empty variant" } else { "OAuth flow not specified" })
            .related_to(endpoint, "a token endpoint is set")
            .help(if signs_jwt {
                "add a parameter named `Oauth` of type `AuthProtocolVariant` with the value \
                 `JwtBearer` (*Authentication Flow Type* in Setup > Security > Named Credentials > \
                 External Credentials)"
            } else {
                "add a parameter named `Oauth` of type `AuthProtocolVariant`, or set the auth \
                 provider of a browser flow (*Authentication Flow Type* in Setup > Security > \
                 Named Credentials > External Credentials)"
            })
            .described_help(if signs_jwt {
                "add `flow: JwtBearer`"
            } else {
                "add `flow`, or the `auth_provider` of a browser flow"
            })
            .only_answers(&[
                "external-credential-parameters-required",
                "protocol-parameter-refused",
                "credential-not-configured",
            ])
            .field("variant");
    }
}
