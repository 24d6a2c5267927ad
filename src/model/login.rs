//! Credentials that log in by OAuth without a JWT bearer assertion: the client credentials flow, and the authorization
//! code flow.

use super::app::App;
use super::component::{Component, Named, OrgId};
use super::connection::MatchedBy;
use super::flow::Flow;
use super::host::{Environment, Host};
use super::org::Org;
use super::provider::Provider;
use super::scope::Scope;
use super::url::Url;
use crate::source::{Located, Text};

/// An external credential or a legacy named credential that obtains a token without a JWT bearer assertion.
#[derive(Clone, Debug)]
pub struct Login {
    pub component: Component,
    /// A legacy named credential.
    pub legacy: bool,
    pub flow: Flow,
    /// The token endpoint of a client credentials flow, in the credential or in its external auth identity provider.
    pub token_endpoint: Option<Text>,
    /// The position of its auth provider or external auth identity provider in the records of the org.
    pub(crate) provider: Option<usize>,
    /// Scopes that the credential requests itself.
    pub scopes: Vec<Text>,
    /// The URLs of the named credentials that use it.
    pub urls: Vec<Text>,
    /// The app that it logs in to: its org, its position there, and how it was found.
    pub(crate) app: Option<(OrgId, usize, MatchedBy)>,
    /// The org that it logs in to, if the files contain that org.
    pub target_org: Option<OrgId>,
}

/// A login, the app that it logs in to, and their orgs.
#[derive(Clone, Copy, Debug)]
pub struct AppLogin<'a> {
    pub login: &'a Login,
    pub app: &'a App,
    pub calling_org: &'a Org,
    pub target_org: &'a Org,
    pub matched_by: MatchedBy,
}

impl Named for Login {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Login {
    /// "named credential" or "external credential".
    pub fn noun(&self) -> &'static str {
        if self.legacy { "named credential" } else { "external credential" }
    }

    /// The auth provider or external auth identity provider, in the org of the credential.
    pub fn provider<'a>(&self, calling_org: &'a Org) -> Option<Provider<'a>> {
        self.provider.map(|position| Provider::new(&calling_org.records[position]))
    }

    /// Whether the app that it logs in to is in the files.
    pub fn app_is_known(&self) -> bool {
        self.app.is_some()
    }

    pub fn token_host(&self) -> Option<Located<Host>> {
        let text = self.token_endpoint.as_ref().filter(|text| !text.is_empty())?;
        let url = Url::parse(text.known()?);
        Some(Located::new(Host::parse(&url.host), text.span))
    }

    /// The hosts of the named credentials that use it.
    pub fn url_hosts(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        self.urls.iter().filter_map(|text| {
            text.known().map(|url| Located::new(Host::parse(&Url::parse(url).host), text.span))
        })
    }

    /// Whether it logs in to Salesforce.
    pub fn is_to_salesforce(&self, calling_org: &Org) -> bool {
        if self.target_org.is_some() {
            return true;
        }
        if self.flow.is_client_credentials() {
            return self.token_host().is_some_and(|host| host.is_salesforce());
        }
        self.provider(calling_org).is_some_and(|provider| provider.is_to_salesforce())
    }

    /// Every scope that is requested: those of the credential, or else the default scopes of the auth provider. `None`
    /// if nothing is requested or a value is unknown; the app's own scopes are granted then.
    pub fn requested_scopes<'a>(&'a self, calling_org: &'a Org) -> Option<Vec<Text>> {
        let own: Vec<&Text> = self.scopes.iter().collect();
        let texts = if own.is_empty() {
            self.provider(calling_org)?.default_scopes().into_iter().collect()
        } else {
            own
        };
        let known = !texts.is_empty()
            && texts.iter().all(|text| text.known().is_some_and(|text| !text.contains("{!")));
        known.then(|| texts.into_iter().flat_map(words).collect())
    }

    /// Whether the requested scopes include a refresh token; `None` if that is unknown.
    pub fn requests_refresh_token(&self, calling_org: &Org) -> Option<bool> {
        let scopes = self.requested_scopes(calling_org)?;
        Some(scopes.iter().any(|scope| Scope::parse(scope.as_str()) == Scope::RefreshToken))
    }
}

impl AppLogin<'_> {
    pub fn target_environment(&self) -> Environment {
        self.target_org.environment()
    }
}

/// The words of a list of scopes, each with its place.
fn words(text: &Text) -> Vec<Text> {
    let whole = text.as_str();
    whole
        .split(|mark: char| mark.is_whitespace() || mark == ',')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let start = word.as_ptr() as usize - whole.as_ptr() as usize;
            text.part(word, start, start + word.len())
        })
        .collect()
}
