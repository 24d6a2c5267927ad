//! Apex exchanges an assertion for a token, although a credential for the same org already does.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, JwtCredential, Named, OrgId, Url, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut by_host: HashMap<(OrgId, String), &JwtCredential> = HashMap::new();
    for credential in &workspace.jwt_credentials {
        if let Some(host) = credential.token_host() {
            let key = (credential.component.org, host.as_str().to_owned());
            by_host.entry(key).or_insert(credential);
        }
    }
    for org in &workspace.orgs {
        for unit in &org.apex {
            let Some(exchange) = unit.exchange else { continue };
            let endpoints = unit.endpoints.iter().filter_map(|endpoint| {
                let url = Url::parse(endpoint.url.known()?);
                let host = Host::parse(&url.host);
                (endpoint.of_exchange || url.path.contains("/oauth2/token"))
                    .then_some((endpoint.url.span, host))
            });
            let duplicate = endpoints.into_iter().find_map(|(place, host)| {
                let key = (unit.component.org, host.as_str().to_owned());
                by_host.get(&key).map(|credential| (place, host, *credential))
            });
            let Some((place, host, credential)) = duplicate else { continue };
            found
                .report(
                    &unit.component,
                    &place,
                    format!(
                        "this class requests a token from `{}` itself, although the {} `{}` \
                         already does",
                        host.as_str(),
                        credential.noun(),
                        credential.name()
                    ),
                )
                .label("the token endpoint")
                .related(&exchange, "the JWT bearer flow in Apex")
                .related(
                    &credential.component.span(),
                    "the credential that makes the same exchange",
                )
                .help(
                    "call the named credential (`callout:Name`); the platform signs the JWT and \
                     requests, stores and renews the token",
                )
                .field(host.as_str());
        }
    }
}
