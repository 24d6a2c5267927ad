//! Where one org's credential meets the app of the org it logs in to.

use super::{
    App, Audience, Certificate, Component, ConsumerKey, Environment, Host, HostKind, Lifetime,
    Named, Org, OrgId, Subject, Url,
};
use crate::source::{Located, Span, Syntax, Text};

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
    /// What makes it a JWT credential: the variant, or the protocol.
    pub flow: Span,
    /// The whole parameter, element or entry that says so, and how it is written: new ones go behind it.
    pub flow_entry: Option<(Span, Syntax)>,
    pub token_endpoint: Option<Text>,
    pub body_claims: Vec<Claim>,
    pub header_claims: Vec<Claim>,
    /// Lifetime in seconds where it is a field of its own (legacy).
    pub validity_seconds: Option<Text>,
    pub signing_certificate: Option<Text>,
    /// Scopes that the credential sends beside the assertion.
    pub scopes: Vec<Text>,
    pub named_principal: bool,
    pub per_user_principal: bool,
    /// The URLs of the named credentials that use it.
    pub urls: Vec<Text>,
    /// The host that tells it belongs to Salesforce where no suffix does: a described My Domain.
    pub described_target: Option<OrgId>,
}

/// The certificate that a credential signs with, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct SigningCertificate<'a> {
    /// The reference in the credential.
    pub reference: &'a Text,
    /// In the files of the same org.
    pub certificate: Option<&'a Certificate>,
}

/// How credential and app were found to belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// `iss` is the app's consumer key.
    Issuer,
    /// The token endpoint, or the named credential, is the My Domain of an org with one candidate.
    Host,
    /// The description leaves one org and one candidate.
    Description,
}

/// A credential, the app it meets, and their orgs.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    pub credential: &'a JwtCredential,
    pub app: &'a App,
    pub calling_org: &'a Org,
    pub target_org: &'a Org,
    pub matched_by: MatchedBy,
}

impl JwtCredential {
    /// The value of a body claim; the first where there are several.
    pub fn claim(&self, name: &str) -> Option<&Text> {
        self.body_claims
            .iter()
            .find(|claim| claim.name.as_str() == name)
            .and_then(|claim| claim.value.as_ref())
    }

    /// A claim that has a value.
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

    /// What `sub` holds, where that is known.
    pub fn login(&self) -> Option<Subject> {
        self.subject().and_then(Subject::parse)
    }

    /// Only named principals: everybody calls as the same user.
    pub fn is_for_named_principals(&self) -> bool {
        self.named_principal && !self.per_user_principal
    }

    /// Only per-user principals: everybody calls as themselves.
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

    /// The token endpoint, split.
    pub fn token_url(&self) -> Option<Located<Url>> {
        let text = self.token_endpoint.as_ref()?;
        text.known().map(|url| Located::new(Url::parse(url), text.span))
    }

    pub fn token_host(&self) -> Option<Located<Host>> {
        self.token_url().map(|url| url.map(|url| Host::parse(&url.host)))
    }

    /// The hosts of the named credentials that use it.
    pub fn url_hosts(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        self.urls.iter().filter_map(|text| {
            text.known().map(|url| Located::new(Host::parse(&Url::parse(url).host), text.span))
        })
    }

    /// Whether Salesforce's rules for token endpoints apply. The token endpoint decides; where it is not known,
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

    /// The host that names the answering org: the token endpoint, else what is called.
    pub fn target_host(&self) -> Option<Located<Host>> {
        let token = self.token_host().filter(|host| host.is_salesforce());
        let called = || self.url_hosts().find(|host| host.is_salesforce());
        match token {
            Some(host)
                if host.names_an_org() || matches!(host.kind(), HostKind::Instance { .. }) =>
            {
                Some(host)
            }
            Some(host) => Some(host),
            None => called(),
        }
    }

    /// Every My Domain that is known to be the answering org's.
    pub fn target_domains(&self) -> Vec<Located<Host>> {
        self.token_host()
            .into_iter()
            .chain(self.url_hosts())
            .filter(|host| host.is_my_domain())
            .collect()
    }

    /// The My Domain that answers, and the audience, where that is one the org may take: the login service of its
    /// environment, or the My Domain itself. What cannot be right is no matter of taste, and other rules judge it.
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

    /// Words for a message.
    pub fn noun(&self) -> &'static str {
        if self.legacy { "named credential" } else { "external credential" }
    }

    /// What a person clicks in Setup to change a claim.
    pub fn setup_path(&self) -> &'static str {
        if self.legacy {
            "Setup > Security > Named Credentials"
        } else {
            "Setup > Security > Named Credentials > External Credentials"
        }
    }
}

impl Named for JwtCredential {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Connection<'_> {
    /// The environment of the answering org: its host, else what the description says.
    pub fn target_environment(&self) -> Environment {
        let host =
            self.credential.target_host().map_or(Environment::Unknown, |host| host.environment());
        if host == Environment::Unknown { self.target_org.environment() } else { host }
    }
}
