//! Salesforce exchanges a signed JWT for an access token; it does not accept the JWT as one.

use std::collections::HashMap;

use crate::finding::{Edit, Findings, external_credential_parameter};
use crate::model::{ExternalCredential, Host, JwtCredential, Workspace};
use crate::source::{Located, Span, Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut by_place: HashMap<Span, &JwtCredential> = HashMap::new();
    for credential in &workspace.other_jwt_credentials {
        by_place.entry(credential.component.place).or_insert(credential);
    }
    let external = workspace
        .external_credentials()
        .map(|(_, owner)| (&owner.component, &owner.protocol, Some(owner)));
    let legacy =
        workspace.named_credentials().map(|(_, named)| (&named.component, &named.protocol, None));
    for (component, protocol, owner) in external.chain(legacy) {
        let Some(protocol) = protocol.as_ref().filter(|protocol| protocol.known() == Some("Jwt"))
        else {
            continue;
        };
        let Some(credential) = by_place.get(&component.place) else { continue };
        let mut hosts: Vec<Located<Host>> =
            credential.token_host().into_iter().chain(credential.url_hosts()).collect();
        if hosts.is_empty() {
            hosts.extend(owner.into_iter().flat_map(ExternalCredential::hosts_in_parameters));
        }
        let Some(host) = hosts.iter().find(|host| {
            host.value.is_org()
                || credential.described_target.is_some() && workspace.org_of_host(host).is_some()
        }) else {
            continue;
        };
        let domain = hosts.iter().find(|host| host.is_my_domain());
        let endpoint = domain
            .filter(|_| credential.token_endpoint.is_none())
            .map(|host| format!("https://{}/services/oauth2/token", host.value));
        let exchange = if credential.legacy { "JwtExchange" } else { "Oauth" };
        let mut edits: Vec<Edit> = Edit::replace(protocol, exchange).into_iter().collect();
        edits.extend(added(protocol, credential.legacy, endpoint.as_deref()));
        found
            .report(
                component,
                protocol,
                format!(
                    "the protocol `Jwt` sends the signed JWT itself, but `{}` does not accept a \
                     JWT as an access token",
                    host.value
                ),
            )
            .label("no token exchange")
            .related(host, "a Salesforce host")
            .help(if credential.legacy {
                "set `protocol` to `JwtExchange` (*JWT Token Exchange* in Setup > Security > Named \
                 Credentials) and `authTokenEndpointUrl` to the token endpoint of that org"
            } else {
                "set `authenticationProtocol` to `Oauth` and add the variant `JwtBearer` with the \
                 token endpoint (*OAuth 2.0*, *JWT Bearer Flow* in Setup > Security > Named \
                 Credentials > External Credentials)"
            })
            .unsafe_fix("exchange the JWT for an access token", edits)
            .field("protocol");
    }
}

/// The elements that a token exchange needs in addition to the protocol.
fn added(protocol: &Text, legacy: bool, endpoint: Option<&str>) -> Vec<Edit> {
    let parameter = |name: &str, kind: &str, value: &str| {
        external_credential_parameter("DefaultGroup", name, kind, &[("parameterValue", value)])
    };
    let elements = match (protocol.syntax, legacy) {
        (Syntax::Xml | Syntax::Cdata, true) => endpoint
            .map(|url| format!("<authTokenEndpointUrl>{url}</authTokenEndpointUrl>"))
            .into_iter()
            .collect(),
        (Syntax::Xml | Syntax::Cdata, false) => {
            let variant = parameter("Oauth", "AuthProtocolVariant", "JwtBearer");
            [variant]
                .into_iter()
                .chain(endpoint.map(|url| parameter("AuthProviderUrl", "AuthProviderUrl", url)))
                .collect()
        }
        (_, true) => endpoint.map(|url| format!("token_endpoint: {url}")).into_iter().collect(),
        (_, false) => ["flow: JwtBearer".to_owned()]
            .into_iter()
            .chain(endpoint.map(|url| format!("token_endpoint: {url}")))
            .collect::<Vec<_>>(),
    };
    elements.into_iter().map(|element| Edit::LineAfter(protocol.element, element)).collect()
}
