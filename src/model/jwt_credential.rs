//! Credentials that sign a JWT: their claims, their signing certificates, and the orgs that they log in to.

use super::audience::Audience;
use super::certificate::Certificate;
use super::component::{Component, Named, OrgId};
use super::consumer_key::ConsumerKey;
use super::host::Host;
use super::lifetime::Lifetime;
use super::subject::Subject;
use super::url::Url;
use crate::source::{Located, Span, Syntax, Text};

/// Header or body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtPart {
    Header,
    Body,
}

const REGISTERED: &[(&str, JwtPart)] = &[
    ("iss", JwtPart::Body),
    ("sub", JwtPart::Body),
    ("aud", JwtPart::Body),
    ("exp", JwtPart::Body),
    ("nbf", JwtPart::Body),
    ("iat", JwtPart::Body),
    ("jti", JwtPart::Body),
    ("alg", JwtPart::Header),
    ("kid", JwtPart::Header),
    ("typ", JwtPart::Header),
];

/// The registered claim with a name, ignoring case, quotes and whitespace, and the part of the JWT that it belongs to.
pub fn registered_claim(name: &str) -> Option<(&'static str, JwtPart)> {
    let bare = name.trim_matches(|mark: char| {
        mark.is_whitespace() || "\"'`\u{201c}\u{201d}\u{2018}\u{2019}".contains(mark)
    });
    REGISTERED.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare)).copied()
}

impl JwtPart {
    pub fn name(self) -> &'static str {
        match self {
            JwtPart::Header => "header",
            JwtPart::Body => "body",
        }
    }

    pub fn parameter_type(self) -> &'static str {
        match self {
            JwtPart::Header => "JwtHeaderClaim",
            JwtPart::Body => "JwtBodyClaim",
        }
    }
}

/// One claim of header or body.
#[derive(Clone, Debug)]
pub struct Claim {
    pub name: Text,
    pub value: Option<Text>,
    pub element: Span,
}

/// A credential that exchanges a signed assertion for an access token (RFC 7523 2.1): an external credential of
/// variant `JwtBearer`, or a legacy named credential of protocol `JwtExchange`.
#[derive(Clone, Debug)]
pub struct JwtCredential {
    pub component: Component,
    pub legacy: bool,
    /// The place of the variant or protocol that makes it a JWT credential.
    pub flow: Span,
    /// The complete parameter, element or entry that selects the flow, and its syntax. New entries are added after it.
    pub flow_entry: Option<(Span, Syntax)>,
    pub token_endpoint: Option<Text>,
    pub body_claims: Vec<Claim>,
    pub header_claims: Vec<Claim>,
    /// Lifetime in seconds if it has its own field (legacy).
    pub validity_seconds: Option<Text>,
    pub signing_certificate: Option<Text>,
    /// Scopes that the credential sends with the assertion.
    pub scopes: Vec<Text>,
    pub named_principal: bool,
    pub per_user_principal: bool,
    /// The URLs of the named credentials that use it.
    pub urls: Vec<Text>,
    /// The described org whose My Domain the credential logs in to, if the host name alone does not identify Salesforce.
    pub described_target: Option<OrgId>,
}

/// The certificate that a credential signs with.
#[derive(Clone, Copy, Debug)]
pub struct SigningCertificate<'a> {
    /// The reference in the credential.
    pub reference: &'a Text,
    /// The certificate, if it is in the files of the same org.
    pub certificate: Option<&'a Certificate>,
}

impl JwtCredential {
    /// The value of a body claim; the first if there are several.
    pub fn claim(&self, name: &str) -> Option<&Text> {
        self.body_claims
            .iter()
            .find(|claim| claim.name.as_str() == name)
            .and_then(|claim| claim.value.as_ref())
    }

    /// The value of a claim, if it is not empty.
    pub fn filled_claim(&self, name: &str) -> Option<&Text> {
        self.claim(name).filter(|value| !value.is_empty())
    }

    pub fn issuer(&self) -> Option<&Text> {
        self.filled_claim("iss")
    }

    pub fn issuer_key(&self) -> Option<ConsumerKey> {
        self.issuer().and_then(Text::known).map(ConsumerKey::new)
    }

    pub fn subject(&self) -> Option<&Text> {
        self.filled_claim("sub")
    }

    /// The parsed `sub` claim, if its value is known.
    pub fn login(&self) -> Option<Subject> {
        self.subject().and_then(Subject::parse)
    }

    /// Whether it has only named principals, so that all users share one login.
    pub fn is_for_named_principals(&self) -> bool {
        self.named_principal && !self.per_user_principal
    }

    /// Whether it has only per-user principals, so that each user has their own login.
    pub fn is_for_each_user(&self) -> bool {
        self.per_user_principal && !self.named_principal
    }

    pub fn audience(&self) -> Option<Located<Audience>> {
        let text = self.filled_claim("aud")?;
        Audience::parse(text).map(|audience| Located::new(audience, text.span))
    }

    pub fn lifetime(&self) -> Option<Located<Lifetime>> {
        if let Some(seconds) = &self.validity_seconds {
            let value = seconds.known()?.parse().map_or(Lifetime::Unknown, Lifetime::Seconds);
            return Some(Located::new(value, seconds.span));
        }
        let text = self.filled_claim("exp")?;
        text.known().map(|value| Located::new(Lifetime::parse(value), text.span))
    }

    /// The parts of the token endpoint URL.
    pub fn token_url(&self) -> Option<Located<Url>> {
        let text = self.token_endpoint.as_ref()?;
        text.known().map(|url| Located::new(Url::parse(url), text.span))
    }

    pub fn token_host(&self) -> Option<Located<Host>> {
        self.token_url().map(|url| url.map(|url| Host::parse(&url.host)))
    }

    /// The hosts of the named credentials that use it.
    pub fn url_hosts(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        self.urls
            .iter()
            .filter_map(|text| Host::of_url(text).map(|host| Located::new(host, text.span)))
    }

    /// Whether Salesforce's rules for token endpoints apply. The token endpoint decides; if it is unknown,
    /// the host that is called does.
    pub fn is_to_salesforce(&self) -> bool {
        if self.described_target.is_some() {
            return true;
        }
        match self.token_host() {
            Some(host) if !host.as_str().is_empty() => host.is_salesforce(),
            _ => self.url_hosts().any(|host| host.is_salesforce()),
        }
    }

    /// The host that identifies the target org: the host of the token endpoint, else the host of the called URL.
    pub fn target_host(&self) -> Option<Located<Host>> {
        let token = self.token_host().filter(|host| host.is_salesforce());
        let called = || self.url_hosts().find(|host| host.is_salesforce());
        token.or_else(called)
    }

    /// Every known My Domain of the target org.
    pub fn target_domains(&self) -> Vec<Located<Host>> {
        self.token_host()
            .into_iter()
            .chain(self.url_hosts())
            .filter(|host| host.is_my_domain())
            .collect()
    }

    /// The My Domain of the target org and the audience, if the org may accept it: the login service of its
    /// environment, or the My Domain itself. Other rules report audiences that cannot be right.
    pub fn plausible_audience(&self) -> Option<(Host, Host, Text)> {
        let target_org = self.target_domains().into_iter().next()?.value;
        let audience = self.audience()?;
        let (url, text) = audience.only()?;
        let host = Host::parse(&url.host);
        let shared =
            host.is_shared_login() && !host.environment().contradicts(target_org.environment());
        let plausible = text.known().is_some()
            && matches!(url.path.as_str(), "" | "/")
            && (shared || host == target_org);
        plausible.then(|| (target_org, host, text.clone()))
    }

    /// A noun for messages.
    pub fn noun(&self) -> &'static str {
        if self.legacy { "named credential" } else { "external credential" }
    }

    /// The path in Setup to change a claim.
    pub fn setup_path(&self) -> &'static str {
        if self.legacy {
            "Setup > Security > Named Credentials"
        } else {
            "Setup > Security > Named Credentials > External Credentials"
        }
    }

    /// The issuer, if it is a literal whose format can be checked.
    pub fn literal_issuer(&self) -> Option<(&Text, ConsumerKey)> {
        let issuer = self.issuer()?;
        self.issuer_key()
            .filter(|key| !key.is_empty() && !key.as_str().contains("{!"))
            .map(|key| (issuer, key))
    }
}

impl Named for JwtCredential {
    fn component(&self) -> &Component {
        &self.component
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_known_by_its_name_alone() {
        for name in ["iss", "Iss", " ISS", "\"iss\"", "iss\n"] {
            assert_eq!(registered_claim(name), Some(("iss", JwtPart::Body)), "{name}");
        }
        assert_eq!(registered_claim("Kid"), Some(("kid", JwtPart::Header)));
        for name in ["issuer", "i s s", "scope", "", "https://example.com/iss"] {
            assert_eq!(registered_claim(name), None, "{name}");
        }
    }
}
