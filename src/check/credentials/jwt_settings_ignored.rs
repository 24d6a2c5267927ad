//! Claims and a signing certificate mean nothing to a flow that signs no JWT.

use crate::finding::Findings;
use crate::model::{
    Component, ExternalCredential, Flow, NamedCredential, NamedCredentialModel, ParameterType,
    Workspace,
};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let Some(flow) = flow_without_jwt(credential) else { continue };
        let said = credential.variant().or(credential.protocol.as_ref());
        report(&credential.component, said, flow, &settings(credential), found);
    }
    for (_, named) in workspace
        .named_credentials()
        .filter(|(_, named)| named.model == NamedCredentialModel::Legacy)
    {
        let Some(protocol) = legacy_without_jwt(named) else { continue };
        let settings: Vec<(String, Span)> =
            named.jwt_settings().map(|(name, text)| (format!("`{name}`"), text.element)).collect();
        report(
            &named.component,
            named.protocol.as_ref(),
            &format!("the protocol `{protocol}`"),
            &settings,
            found,
        );
    }
}

fn report(
    component: &Component,
    said: Option<&Text>,
    flow: &str,
    settings: &[(String, Span)],
    found: &mut Findings,
) {
    let Some((_, first)) = settings.first() else { return };
    let names: Vec<&str> = settings.iter().map(|(name, _)| name.as_str()).collect();
    let (list, verb) = match names.as_slice() {
        [rest @ .., last] if !rest.is_empty() => {
            (format!("{} and {last}", rest.join(", ")), "have")
        }
        _ => (names.concat(), "has"),
    };
    found
        .at(component, first, format!("{flow} signs no JWT, so that {list} {verb} no effect"))
        .label("not used by this flow")
        .related_to(said, "this decides the flow")
        .help("choose *JWT Bearer Flow* (`AuthProtocolVariant` `JwtBearer`, or `JwtExchange` in the legacy model) if a JWT is meant; remove the settings if not")
        .field("jwt settings");
}

/// The flow in words, if it is known to sign no JWT. Roles Anywhere of AWS signs with a certificate, so AWS is left alone.
fn flow_without_jwt(credential: &ExternalCredential) -> Option<&'static str> {
    match credential.flow() {
        Flow::ClientCredentials => Some("the client credentials flow with a client secret"),
        Flow::Browser if credential.has_login() => Some("the browser flow"),
        Flow::Basic => Some("basic authentication"),
        Flow::Custom => Some("custom authentication"),
        Flow::Browser
        | Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::DirectJwt
        | Flow::Aws
        | Flow::Unknown => None,
    }
}

fn settings(credential: &ExternalCredential) -> Vec<(String, Span)> {
    let claims =
        credential.claims().map(|(_, name, parameter)| (format!("`{name}`"), parameter.element));
    let certificates = credential
        .of(ParameterType::SigningCertificate)
        .filter(|parameter| parameter.certificate.as_ref().is_some_and(|text| !text.is_empty()));
    claims
        .chain(
            certificates.map(|parameter| ("the signing certificate".to_owned(), parameter.element)),
        )
        .collect()
}

fn legacy_without_jwt(named: &NamedCredential) -> Option<&str> {
    named.protocol.as_ref()?.known().filter(|protocol| {
        matches!(*protocol, "Oauth" | "Password" | "NoAuthentication" | "AwsSv4")
    })
}
