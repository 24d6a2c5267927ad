//! Reads from a message which kind of token request it is about.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::explain::FlowFamily;
use crate::model::{Flow, NamedCredential, RelatedComponents, Workspace};

/// Words of logs that say which flow was used, for the fast first pass.
pub(super) const WORDS: &[&str] =
    &["grant_type", "login jwt", "login web", "auth:jwt", "auth:web", "auth code", "refresh token"];

/// What names a flow: the grant type of a request, the exception of Apex, and the commands and
/// errors of the Salesforce CLI.
static EVIDENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i-u)",
        r"(?P<jwt>\bJWT token exchange\b|\bgrant-type:jwt-bearer\b|\bJSON web token error\b",
        r"|\bJwt(?:Grant|Auth)Error\b|\bauth:jwt:grant\b|\blogin jwt\b|\bOrgLoginJwt\b",
        r"|\bauthenticating with JWT\b|\bJWTBearerTokenExchange\b|\bassertion=|\[audience=)",
        r#"|(?P<client>\bgrant_type["']? ?[=:] ?["']?client_credentials\b)"#,
        r#"|(?P<code>\bgrant_type["']? ?[=:] ?["']?authorization_code\b|\bwith auth code\b"#,
        r"|\bAuthCodeExchangeError\b|\blogin web\b|\bauth:web:login\b|\bOrgLoginWeb\b",
        r"|/services/oauth2/authorize\b|/services/authcallback/|/identity/sso/ui/AuthorizationError\b)",
        r#"|(?P<refresh>\bgrant_type["']? ?[=:] ?["']?refresh_token\b|\bwith the refresh token\b"#,
        r"|\bRefreshTokenAuthError\b)",
        r#"|(?P<password>\bgrant_type["']? ?[=:] ?["']?password\b)"#,
    ))
    .expect("a constant pattern")
});

/// A place in a text that names a flow.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub range: Range<usize>,
    pub flow: FlowFamily,
}

/// All places that name a flow, in order.
pub(super) fn evidence(text: &str) -> Vec<Evidence> {
    let named = |found: &regex::Captures<'_>| {
        [
            ("jwt", FlowFamily::JwtBearer),
            ("client", FlowFamily::ClientCredentials),
            ("code", FlowFamily::AuthorizationCode),
            ("refresh", FlowFamily::RefreshToken),
            ("password", FlowFamily::Password),
        ]
        .into_iter()
        .find_map(|(name, flow)| Some(Evidence { range: found.name(name)?.range(), flow }))
    };
    EVIDENCE.captures_iter(text).filter_map(|found| named(&found)).collect()
}

/// The flows that are named inside of a message, each once.
pub(super) fn within(evidence: &[Evidence], message: &Range<usize>) -> Vec<FlowFamily> {
    let first = evidence.partition_point(|one| one.range.end <= message.start);
    let mut flows: Vec<FlowFamily> = Vec::new();
    for one in evidence[first..].iter().take_while(|one| one.range.start < message.end) {
        if !flows.contains(&one.flow) {
            flows.push(one.flow);
        }
    }
    flows
}

/// The flows that a credential may have used; empty if one of them is unknown or requests no token.
pub(super) fn of_credential(related: &RelatedComponents<'_>) -> Vec<FlowFamily> {
    let mut families: Vec<FlowFamily> = Vec::new();
    for flow in flows(related) {
        let known = FlowFamily::of(flow);
        if known.is_empty() {
            return Vec::new();
        }
        families.extend(
            known.iter().filter(|family| !families.contains(family)).copied().collect::<Vec<_>>(),
        );
    }
    families
}

/// The flows of the credentials of one name.
pub(super) fn flows(related: &RelatedComponents<'_>) -> Vec<Flow> {
    related.flows().collect()
}

/// The flows of all credentials of a project, each once.
pub(super) fn of_project(workspace: &Workspace) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::new();
    for org in &workspace.orgs {
        let external =
            org.external_credentials.iter().map(|external| org.flow_of_external(external));
        let legacy = org.named_credentials.iter().filter_map(NamedCredential::legacy_flow);
        for flow in external.chain(legacy) {
            if !flows.contains(&flow) {
                flows.push(flow);
            }
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_read_from_requests_exceptions_and_commands() {
        for (text, flow) in [
            ("Unable to complete the JWT token exchange. Error: a.", FlowFamily::JwtBearer),
            ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", FlowFamily::JwtBearer),
            ("$ sf org login jwt --client-id 3M", FlowFamily::JwtBearer),
            ("Error (JwtGrantError): a", FlowFamily::JwtBearer),
            ("sfdx force:auth:jwt:grant", FlowFamily::JwtBearer),
            ("grant_type=client_credentials&client_id=3M", FlowFamily::ClientCredentials),
            ("\"grant_type\": \"client_credentials\"", FlowFamily::ClientCredentials),
            ("Error authenticating with auth code due to: a", FlowFamily::AuthorizationCode),
            ("sf org login web", FlowFamily::AuthorizationCode),
            ("Error authenticating with the refresh token due to: a", FlowFamily::RefreshToken),
            ("grant_type=password&username=a", FlowFamily::Password),
        ] {
            assert_eq!(within(&evidence(text), &(0..text.len())), [flow], "{text}");
        }
        for text in [
            "invalid client credentials",
            "no client credentials user enabled",
            "refresh_token scope is required",
            "expired access/refresh token",
            "expired authorization code",
            "cannot perform hybrid grant with jwts enabled",
        ] {
            assert!(evidence(text).is_empty(), "{text}");
        }
    }
}
