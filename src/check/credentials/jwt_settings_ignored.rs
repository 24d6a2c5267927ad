//! Claims and a signing certificate have no effect in a flow that does not sign a JWT.

use crate::finding::Findings;
use crate::model::{
    Component, ExternalCredential, Flow, NamedCredential, NamedCredentialModel, ParameterType,
    Workspace,
};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let Some(flow) = flow_without_jwt(credential) else { continue };
        let flow_setting = credential.flow_text();
        report(&credential.component, flow_setting, flow, &settings(credential), found);
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
    flow_setting: Option<&Text>,
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
        .report(component, first, format!("{flow} does not sign a JWT, so {list} {verb} no effect"))
        .label("not used by this flow")
        .related_to(flow_setting, "this selects the flow")
        .help(
            "choose *JWT Bearer Flow* (`AuthProtocolVariant` `JwtBearer`, or `JwtExchange` in the \
             legacy model) if you want to send a JWT; otherwise remove the settings",
        )
        .field("jwt settings");
}

/// The name of the flow, if it is known not to sign a JWT. AWS is excluded because its Roles
/// Anywhere signs with a certificate.
fn flow_without_jwt(credential: &ExternalCredential) -> Option<&'static str> {
    match credential.flow() {
        Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider => {
            Some("the client credentials flow with a client secret")
        }
        Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider
            if credential.has_login() =>
        {
            Some("the browser flow")
        }
        Flow::Basic => Some("basic authentication"),
        Flow::Custom | Flow::NoAuthentication => Some("custom authentication"),
        Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider
        | Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::DirectJwt
        | Flow::Aws
        | Flow::AwsSts
        | Flow::AwsRolesAnywhere
        | Flow::Unknown => None,
    }
}

fn settings(credential: &ExternalCredential) -> Vec<(String, Span)> {
    let claims =
        credential.claims().map(|(_, name, parameter)| (format!("`{name}`"), parameter.element));
    let certificates = credential
        .parameters_of(ParameterType::SigningCertificate)
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
