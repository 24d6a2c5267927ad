//! Credentials that log in by OAuth without a JWT bearer assertion: the client credentials flow, and the authorization
//! code flow.

use super::app::App;
use super::component::{Component, Named, OrgId};
use super::connection::MatchedBy;
use super::flow::Flow;
use super::host::Host;
use super::org::Org;
use super::provider::Provider;
use super::scope::Scope;
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
        Host::of_url(text).map(|host| Located::new(host, text.span))
    }

    /// The hosts of the named credentials that use it.
    pub fn url_hosts(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        self.urls
            .iter()
            .filter_map(|text| Host::of_url(text).map(|host| Located::new(host, text.span)))
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
        let texts = match self.scopes.as_slice() {
            [] => std::slice::from_ref(self.provider(calling_org)?.default_scopes()?),
            own => own,
        };
        let is_known = |text: &Text| text.known().is_some_and(|text| !text.contains("{!"));
        let is_separator = |mark: char| mark.is_whitespace() || mark == ',';
        texts
            .iter()
            .all(is_known)
            .then(|| texts.iter().flat_map(|text| text.split(is_separator)).collect())
    }

    /// Whether the requested scopes include a refresh token; `None` if that is unknown.
    pub fn requests_refresh_token(&self, calling_org: &Org) -> Option<bool> {
        let scopes = self.requested_scopes(calling_org)?;
        Some(scopes.iter().any(|scope| Scope::parse(scope.as_str()) == Scope::RefreshToken))
    }
}
