//! Without a token endpoint, there is nowhere to get an access token.

use crate::finding::{Edit, Findings, Setting};
use crate::model::{ExternalCredential, Flow, JwtCredential, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in &workspace.jwt_credentials {
        if credential.token_endpoint.as_ref().is_some_and(|url| !url.is_empty()) {
            continue;
        }
        let element = if credential.legacy { "authTokenEndpointUrl" } else { "AuthProviderUrl" };
        let place = credential.token_endpoint.as_ref().map_or(credential.flow, |url| url.element);
        let domain = credential.url_hosts().find(|host| host.is_my_domain());
        found
            .report(
                &credential.component,
                &place,
                format!(
                    "the {} has no token endpoint (`{element}`) at which to exchange its JWT",
                    credential.noun()
                ),
            )
            .label(if credential.token_endpoint.is_some() {
                "empty URL"
            } else {
                "this flow needs a token endpoint"
            })
            .related_to(domain.as_ref(), "the called org")
            .help(match &domain {
                Some(host) => format!(
                    "set `{element}` (*Identity Provider URL* in Setup) to \
                     `https://{}/services/oauth2/token`",
                    host.value
                ),
                None => format!(
                    "set `{element}` (*Identity Provider URL* in Setup) to \
                     `/services/oauth2/token` on the My Domain of the target org"
                ),
            })
            .unsafe_fix(
                "add the token endpoint of the called org",
                domain.as_ref().and_then(|host| {
                    added(credential, &format!("https://{}/services/oauth2/token", host.value))
                }),
            )
            .field("token endpoint");
    }
    for (_, credential) in workspace.external_credentials().filter(|(_, other)| is_bare(other)) {
        let empty = credential.token_endpoint();
        let flow = credential.variant().map_or(credential.component.place, |flow| flow.span);
        found
            .report(
                &credential.component,
                &empty.map_or(flow, |url| url.element),
                "the external credential has no token endpoint (`AuthProviderUrl`) at which to \
                 request an access token",
            )
            .label(if empty.is_some() { "empty URL" } else { "this flow needs a token endpoint" })
            .help(
                "add a parameter of type `AuthProviderUrl` with the URL (*Identity Provider URL* \
                 in Setup > Security > Named Credentials > External Credentials)",
            )
            .described_help("add `token_endpoint` with the URL")
            .field("token endpoint");
    }
}

/// Whether a credential authenticates as a client, and neither it nor an identity provider has the URL.
fn is_bare(credential: &ExternalCredential) -> bool {
    (credential.requires_parameter(ParameterType::AuthProviderUrl)
        || credential.flow() == Flow::JwtAssertion)
        && credential.token_endpoint().is_none_or(Text::is_empty)
        && !credential.has_login()
}

fn added(credential: &JwtCredential, url: &str) -> Option<Edit> {
    if let Some(empty) = &credential.token_endpoint {
        return Edit::replace_trimmed(empty, url);
    }
    Edit::setting(
        credential,
        &Setting {
            legacy: "authTokenEndpointUrl",
            kind: "AuthProviderUrl",
            element: "parameterValue",
            described: "token_endpoint",
        },
        url,
    )
}
