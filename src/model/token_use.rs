//! The flows that a component takes part in, and whether they lead to Salesforce.

use super::{
    AUTH_PROVIDER, App, Component, ExternalCredential, Flow, Host, IDENTITY_PROVIDER,
    NamedCredential, Org, Provider, Workspace, find_named, without_namespace,
};
use crate::source::Text;

/// One flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUse {
    pub flow: Flow,
    /// Whether the server that issues the token, or else the called server, is a Salesforce org; `None` if it is unknown.
    pub to_salesforce: Option<bool>,
    /// Whether the callout itself goes to a Salesforce org; `None` if it is unknown.
    pub calls_salesforce: Option<bool>,
}

impl Workspace {
    /// The flows of the callouts that a component takes part in; empty if they are unknown.
    pub fn token_uses(&self, component: &Component) -> Vec<TokenUse> {
        let org = self.org(component.org);
        let name = component.name.as_str();
        match component.type_name {
            "ExternalCredential" => org
                .external_credentials
                .exact(name)
                .map(|position| self.use_of_external(org, &org.external_credentials[position]))
                .into_iter()
                .collect(),
            "NamedCredential" => org
                .named_credentials
                .exact(name)
                .map(|position| self.use_of_named(org, &org.named_credentials[position]))
                .into_iter()
                .collect(),
            "PermissionSet" => self.uses_of_grants(org, name),
            AUTH_PROVIDER | IDENTITY_PROVIDER => {
                let key = (component.type_name, without_namespace(name).to_ascii_lowercase());
                let position = org.index().records_by_name.get(&key);
                position
                    .map(|&position| use_of_provider(Provider::new(&org.records[position])))
                    .into_iter()
                    .collect()
            }
            _ => {
                let app = org.apps.exact(name).map(|position| &org.apps[position]);
                let is_own = |app: &&App| {
                    app.component.type_name == component.type_name
                        || app
                            .records
                            .iter()
                            .any(|record| record.component.place == component.place)
                };
                app.filter(is_own).map_or_else(Vec::new, |app| self.uses_of_app(app))
            }
        }
    }

    fn use_of_external(&self, org: &Org, credential: &ExternalCredential) -> TokenUse {
        let flow = org.flow_of_external(credential);
        let issuer = credential.token_endpoint().map(|text| self.leads_to_salesforce(text));
        let by_login = || {
            let login = self.login_at(&credential.component)?;
            let provider = login.provider(org)?;
            use_of_provider(provider).to_salesforce
        };
        let called = || {
            let mut known = org
                .users_of(credential)
                .filter_map(|named| self.leads_to_salesforce(named.url.as_ref()?));
            let first = known.next()?;
            known.all(|other| other == first).then_some(first)
        };
        let calls_salesforce = called();
        let by_issuer = match issuer {
            Some(known) => known,
            None if flow.is_authorization_code() => by_login(),
            None => calls_salesforce,
        };
        let is_known_org = self
            .signing_credential_at(&credential.component)
            .is_some_and(|signing| signing.described_target.is_some());
        TokenUse {
            flow,
            to_salesforce: if is_known_org { Some(true) } else { by_issuer },
            calls_salesforce: calls_salesforce.or(is_known_org.then_some(true)),
        }
    }

    fn use_of_named(&self, org: &Org, named: &NamedCredential) -> TokenUse {
        let calls_salesforce = named.url.as_ref().and_then(|text| self.leads_to_salesforce(text));
        if let Some(external) = org.external_of(named) {
            let own = self.use_of_external(org, external);
            return TokenUse { calls_salesforce: calls_salesforce.or(own.calls_salesforce), ..own };
        }
        let issuer = named.token_endpoint.as_ref().or(named.url.as_ref());
        let to_salesforce = issuer.and_then(|text| self.leads_to_salesforce(text));
        TokenUse { flow: org.flow_of(named), to_salesforce, calls_salesforce }
    }

    /// Whether the callouts of a named credential certainly go to another system than Salesforce.
    pub fn calls_another_system(&self, named: &NamedCredential) -> bool {
        named.url.as_ref().and_then(|text| self.leads_to_salesforce(text)) == Some(false)
    }

    fn uses_of_grants(&self, org: &Org, set: &str) -> Vec<TokenUse> {
        let Some(set) = find_named(&org.permission_sets, set) else { return Vec::new() };
        let mut uses = Vec::new();
        for grant in set.granted() {
            // What a grant that is not understood leads to is unknown.
            let granted = grant.reference.known().and_then(|name| org.granted_principal(name));
            let Some((credential, _)) = granted else { return Vec::new() };
            let own = self.use_of_external(org, credential);
            if !uses.contains(&own) {
                uses.push(own);
            }
        }
        uses
    }

    /// An app answers every flow that it is set up for.
    fn uses_of_app(&self, app: &App) -> Vec<TokenUse> {
        let to = |flow| TokenUse { flow, to_salesforce: Some(true), calls_salesforce: Some(true) };
        let mut uses = vec![to(Flow::AuthorizationCode)];
        uses.extend(self.is_jwt_app(app).then(|| to(Flow::JwtBearer)));
        uses.extend((!app.excludes_client_credentials()).then(|| to(Flow::ClientCredentials)));
        uses
    }

    fn leads_to_salesforce(&self, url: &Text) -> Option<bool> {
        let host = Host::of_url(url).filter(|host| !host.as_str().is_empty())?;
        Some(host.is_salesforce() || self.org_of_host(&host).is_some())
    }
}

fn use_of_provider(provider: Provider<'_>) -> TokenUse {
    let flow = if provider.is_identity() {
        provider.identity_provider_flow()
    } else {
        Flow::AuthorizationCode
    };
    let to_salesforce = match provider.is_to_salesforce() {
        true => Some(true),
        false => {
            (provider.is_of_another_vendor() || provider.hosts().next().is_some()).then_some(false)
        }
    };
    TokenUse { flow, to_salesforce, calls_salesforce: None }
}
