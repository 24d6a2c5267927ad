//! Apex exchanges an assertion for a token, although a credential for the same org already does.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, JwtCredential, Named, OrgId, Url, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut by_host: HashMap<(OrgId, String), &JwtCredential> = HashMap::new();
    // By the consumer key and the user of the assertion, too.
    let mut by_identity: HashMap<(OrgId, String, String), &JwtCredential> = HashMap::new();
    for credential in &workspace.jwt_credentials {
        let Some(host) = credential.token_host() else { continue };
        let (org, host) = (credential.component.org, host.as_str().to_owned());
        for known in [credential.issuer(), credential.subject()].into_iter().flatten() {
            let Some(known) = known.known() else { continue };
            let identity = known.trim_matches(['"', '\'']).to_ascii_lowercase();
            by_identity.entry((org, host.clone(), identity)).or_insert(credential);
        }
        by_host.entry((org, host)).or_insert(credential);
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
                let (org, name) = (unit.component.org, host.as_str().to_owned());
                let mut identities = unit.identities.iter();
                let same = identities
                    .find_map(|known| by_identity.get(&(org, name.clone(), known.clone())));
                // A shared login host leads to any org, and other literals to another app or user.
                let is_open = unit.identities.is_empty() && !host.is_shared_login();
                let same = same.or_else(|| by_host.get(&(org, name)).filter(|_| is_open));
                same.map(|credential| (place, host, *credential))
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
