//! Finds the logins of the client credentials and the authorization code flow, and the apps that they log in to.

use std::collections::HashMap;

use crate::model::{
    AUTH_PROVIDER, App, ConsumerKey, ExternalCredential, Flow, Host, IDENTITY_PROVIDER, Login,
    MatchedBy, NamedCredential, Org, OrgId, Provider, Workspace,
};

/// Builds the logins of all orgs. The consumer keys of the workspace must be known.
pub fn find(workspace: &Workspace) -> Vec<Login> {
    let apps = ClientCredentialsApps::new(workspace);
    let mut logins = Vec::new();
    for org in &workspace.orgs {
        for external in &org.external_credentials {
            let flow = org.flow_of_external(external);
            if flow.is_client_credentials() || flow.is_authorization_code() {
                logins.push(from_external(org, external, flow));
            }
        }
        for named in &org.named_credentials {
            if named.legacy_protocol() == Some("Oauth") {
                logins.push(from_legacy(org, named));
            }
        }
    }
    for login in &mut logins {
        connect(workspace, &apps, login);
    }
    logins
}

fn from_external(org: &Org, external: &ExternalCredential, flow: Flow) -> Login {
    let has_provider =
        flow.is_authorization_code() || flow == Flow::ClientCredentialsIdentityProvider;
    let provider = org
        .provider_position(IDENTITY_PROVIDER, external.identity_provider())
        .or_else(|| org.provider_position(AUTH_PROVIDER, external.auth_provider()))
        .filter(|_| has_provider);
    let token_endpoint = if flow == Flow::ClientCredentialsIdentityProvider {
        let provider = provider.map(|position| Provider::new(&org.records[position]));
        provider.and_then(|provider| provider.token_url())
    } else {
        external.token_endpoint().filter(|_| flow.is_client_credentials())
    };
    Login {
        component: external.component.clone(),
        legacy: false,
        flow,
        token_endpoint: token_endpoint.cloned(),
        provider,
        scopes: external.scopes().collect(),
        urls: org.users_of(external).filter_map(|named| named.url.clone()).collect(),
        app: None,
        target_org: None,
    }
}

fn from_legacy(org: &Org, named: &NamedCredential) -> Login {
    Login {
        component: named.component.clone(),
        legacy: true,
        flow: Flow::AuthorizationCode,
        token_endpoint: None,
        provider: org.provider_position(AUTH_PROVIDER, named.auth_provider.as_ref()),
        scopes: named.oauth_scope.iter().filter(|scope| !scope.is_empty()).cloned().collect(),
        urls: named.url.iter().cloned().collect(),
        app: None,
        target_org: None,
    }
}

/// The apps with the client credentials flow, per org and over all files.
struct ClientCredentialsApps {
    of_org: HashMap<OrgId, Vec<usize>>,
    all: Vec<(OrgId, usize)>,
}

impl ClientCredentialsApps {
    fn new(workspace: &Workspace) -> Self {
        let mut apps = ClientCredentialsApps { of_org: HashMap::new(), all: Vec::new() };
        for (id, org) in workspace.orgs.iter().enumerate() {
            for (position, app) in org.apps.iter().enumerate() {
                // A run-as user shows that the flow is meant, even if a switch is off.
                if app.uses_client_credentials() || app.client_credentials_user().is_some() {
                    apps.of_org.entry(OrgId(id)).or_default().push(position);
                    apps.all.push((OrgId(id), position));
                }
            }
        }
        apps
    }
}

/// Finds the target org and the app of a login.
fn connect(workspace: &Workspace, apps: &ClientCredentialsApps, login: &mut Login) {
    let calling_org = workspace.org(login.component.org);
    let provider = login.provider(calling_org);
    let mut hosts = login
        .token_endpoint
        .iter()
        .chain(provider.iter().flat_map(|provider| provider.urls()))
        .filter_map(Host::of_url);
    let target_org = hosts.find_map(|host| workspace.org_of_host(&host));
    let key = provider.and_then(|provider| provider.key()).filter(|key| !key.is_empty());
    let app = if login.flow.is_client_credentials() {
        client_credentials_app(workspace, apps, login, target_org)
    } else if let Some(key) = key {
        app_with_key(workspace, &key, target_org)
    } else {
        provider
            .filter(Provider::is_identity)
            .and_then(|provider| app_of_identity_provider(workspace, &provider, target_org?))
    };
    login.target_org =
        target_org.or(app.filter(|(.., by)| *by != MatchedBy::OnlyCandidate).map(|(org, ..)| org));
    login.app = app;
}

/// The one app of the target org with the client credentials flow. If the files do not show which org that is, the only
/// such app in the files.
fn client_credentials_app(
    workspace: &Workspace,
    apps: &ClientCredentialsApps,
    login: &Login,
    target_org: Option<OrgId>,
) -> Option<(OrgId, usize, MatchedBy)> {
    if let Some(org) = target_org {
        return match apps.of_org.get(&org).map(Vec::as_slice) {
            Some([one]) => Some((org, *one, MatchedBy::Host)),
            Some(_) | None => None,
        };
    }
    let host = login.token_host()?;
    let [(org, app)] = apps.all.as_slice() else { return None };
    let may_be = host.is_salesforce() && workspace.org(*org).my_domain.is_none();
    may_be.then_some((*org, *app, MatchedBy::OnlyCandidate))
}

/// The one app of the target org that lists the callback URL of an external auth identity provider, whose consumer key is
/// not in the files; or else the only app of that org that people log in with.
fn app_of_identity_provider(
    workspace: &Workspace,
    provider: &Provider<'_>,
    target_org: OrgId,
) -> Option<(OrgId, usize, MatchedBy)> {
    let apps = || workspace.org(target_org).apps.iter().enumerate();
    let calls_back = |app: &App| {
        let mut urls = app.callback_urls().into_iter();
        urls.any(|(url, line)| provider.is_callback(&url) || provider.is_callback_among(&line))
    };
    let mut listed = apps().filter(|(_, app)| calls_back(app));
    match (listed.next(), listed.next()) {
        (Some((position, _)), None) => Some((target_org, position, MatchedBy::Host)),
        (Some(_), Some(_)) => None,
        (None, _) => {
            let is_for_people =
                |app: &App| !app.has_certificate() && !app.uses_client_credentials();
            let mut all = apps().filter(|(_, app)| app.takes_oauth() && is_for_people(app));
            let (position, _) = all.next()?;
            all.next().is_none().then_some((target_org, position, MatchedBy::OnlyCandidate))
        }
    }
}

/// The app with the consumer key: in the target org, or else in any org.
fn app_with_key(
    workspace: &Workspace,
    key: &ConsumerKey,
    target_org: Option<OrgId>,
) -> Option<(OrgId, usize, MatchedBy)> {
    workspace
        .apps_with_key(key)
        .min_by_key(|&(org, ..)| Some(org) != target_org)
        .map(|(org, app, _)| (org, app, MatchedBy::ConsumerKey))
}
