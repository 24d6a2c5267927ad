//! Every use of an app: a credential that logs in with it, in any flow.

use std::collections::HashMap;

use super::app::App;
use super::component::Component;
use super::external_credential::ExternalCredential;
use super::flow::Flow;
use super::login::AppLogin;
use super::named_credential::NamedCredential;
use super::org::Org;
use super::workspace::Workspace;
use crate::source::Span;

/// A credential, and the app that it logs in with.
#[derive(Clone, Copy, Debug)]
pub struct AppUse<'a> {
    /// The external credential, or the legacy named credential.
    pub credential: &'a Component,
    pub flow: Flow,
    /// What selects the flow or the app.
    pub place: Span,
    pub app: &'a App,
    pub calling_org: &'a Org,
    legacy: bool,
}

impl<'a> AppUse<'a> {
    /// The named credentials that send the token.
    pub fn named_credentials(&self) -> impl Iterator<Item = &'a NamedCredential> + use<'a> {
        let org = self.calling_org;
        let name = &self.credential.name;
        let external = org.external_credentials.exact(name).filter(|_| !self.legacy);
        let used = external
            .map(|position| &org.external_credentials[position])
            .into_iter()
            .flat_map(move |external: &ExternalCredential| org.users_of(external));
        let own = org.named_credentials.exact(name).filter(|_| self.legacy);
        used.chain(own.map(|position| &org.named_credentials[position]))
    }
}

/// The consumer key of the auth provider, or the token endpoint.
fn place(login: &AppLogin<'_>) -> Span {
    let provider = login.login.provider(login.calling_org);
    let key = provider.and_then(|provider| provider.consumer_key());
    let place = key.or(login.login.token_endpoint.as_ref());
    place.map_or(login.login.component.place, |text| text.span)
}

impl Workspace {
    /// The credentials whose app is in the files: connections of the JWT bearer flow, and logins of the others.
    pub fn app_uses(&self) -> impl Iterator<Item = AppUse<'_>> {
        let connections = self.connections().map(|connection| AppUse {
            credential: &connection.credential.component,
            flow: Flow::JwtBearer,
            place: connection.credential.flow,
            app: connection.app,
            calling_org: connection.calling_org,
            legacy: connection.credential.legacy,
        });
        let logins = self.app_logins().map(|login| AppUse {
            credential: &login.login.component,
            flow: login.login.flow,
            place: place(&login),
            app: login.app,
            calling_org: login.calling_org,
            legacy: login.login.legacy,
        });
        connections.chain(logins)
    }

    /// The first credential that logs in with each app, by the place of the app.
    pub fn credentials_by_app(&self) -> HashMap<Span, AppUse<'_>> {
        let mut uses = HashMap::new();
        for used in self.app_uses() {
            uses.entry(used.app.component.place).or_insert(used);
        }
        uses
    }
}
