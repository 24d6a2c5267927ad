//! Finds connections: by consumer key, by host, or because the description leaves only one choice.

use std::collections::HashMap;

use crate::model::{
    App, Claim, ConsumerKey, ExternalCredential, Flow, Host, JwtCredential, MatchedBy,
    NamedCredential, Org, OrgId, ParameterType, Workspace,
};
use crate::source::{Syntax, Text};

/// Builds the JWT credentials of all orgs, and matches them with apps.
pub fn find(workspace: &mut Workspace) {
    let mut credentials = Vec::new();
    let mut others = Vec::new();
    for org in &workspace.orgs {
        for credential in &org.external_credentials {
            match credential.flow() {
                Flow::JwtBearer => credentials.push(from_external(org, credential)),
                Flow::JwtAssertion | Flow::DirectJwt => others.push(from_external(org, credential)),
                Flow::ClientCredentials
                | Flow::ClientCredentialsBasic
                | Flow::ClientCredentialsIdentityProvider
                | Flow::AuthorizationCode
                | Flow::AuthorizationCodeIdentityProvider
                | Flow::Basic
                | Flow::Aws
                | Flow::AwsSts
                | Flow::AwsRolesAnywhere
                | Flow::Custom
                | Flow::NoAuthentication
                | Flow::Unknown => {}
            }
        }
        credentials.extend(
            org.named_credentials.iter().filter(|named| named.exchanges_jwt()).map(from_legacy),
        );
        others.extend(
            org.named_credentials.iter().filter(|named| named.sends_jwt()).map(from_legacy),
        );
    }
    for credential in credentials.iter_mut().chain(&mut others) {
        credential.described_target = described_target(workspace, credential);
    }
    workspace.to_salesforce = credentials
        .iter()
        .enumerate()
        .filter(|(_, credential)| credential.is_to_salesforce())
        .map(|(index, _)| index)
        .collect();
    workspace.jwt_credentials = credentials;
    workspace.other_jwt_credentials = others;
    workspace.keys = keys(workspace);
    workspace.sandboxes = workspace.find_sandboxes();
    let mut app_matches = Vec::new();
    let mut candidates = Candidates::new(workspace);
    for (index, credential) in workspace.jwt_credentials.iter().enumerate() {
        if let Some((target_org, app, matched_by)) = candidates.match_app(credential) {
            app_matches.push((index, target_org, app, matched_by));
        }
    }
    workspace.app_matches = app_matches;
}

fn keys(workspace: &Workspace) -> HashMap<ConsumerKey, Vec<(OrgId, usize)>> {
    let mut keys: HashMap<ConsumerKey, Vec<(OrgId, usize)>> = HashMap::new();
    for (org, content) in workspace.orgs.iter().enumerate() {
        for (index, key) in
            content.apps.iter().enumerate().filter_map(|(index, app)| Some((index, app.key()?)))
        {
            keys.entry(key).or_default().push((OrgId(org), index));
        }
    }
    keys
}

fn from_external(org: &Org, credential: &ExternalCredential) -> JwtCredential {
    let claims = |kind: ParameterType| {
        credential
            .parameters_of(kind)
            .filter_map(|parameter| {
                parameter.name.as_ref().map(|name| Claim {
                    name: name.clone(),
                    value: parameter.value.clone(),
                    element: parameter.element,
                })
            })
            .collect::<Vec<_>>()
    };
    JwtCredential {
        component: credential.component.clone(),
        legacy: false,
        flow: credential.flow_place(),
        flow_entry: credential.parameters_of(ParameterType::AuthProtocolVariant).next().and_then(
            |parameter| parameter.value.as_ref().map(|value| (parameter.element, value.syntax)),
        ),
        token_endpoint: credential.token_endpoint().cloned(),
        body_claims: claims(ParameterType::JwtBodyClaim),
        header_claims: claims(ParameterType::JwtHeaderClaim),
        validity_seconds: None,
        signing_certificate: credential.signing_certificate().cloned(),
        scopes: credential.scopes().collect(),
        named_principal: credential
            .principals()
            .any(|principal| principal.parameter.kind != ParameterType::PerUserPrincipal),
        per_user_principal: credential
            .principals()
            .any(|principal| principal.parameter.kind == ParameterType::PerUserPrincipal),
        urls: org.users_of(credential).filter_map(|named| named.url.clone()).collect(),
        described_target: None,
    }
}

fn from_legacy(named: &NamedCredential) -> JwtCredential {
    let per_user = named.principal_type.as_ref().and_then(Text::known) == Some("PerUser");
    let claim = |name: &str, value: &Option<Text>| {
        value.as_ref().map(|value| Claim {
            name: Text::at(name, value.element, Syntax::Verbatim),
            value: Some(value.clone()),
            element: value.element,
        })
    };
    let subject = if named.jwt_text_subject.is_some() {
        &named.jwt_text_subject
    } else {
        &named.jwt_formula_subject
    };
    JwtCredential {
        component: named.component.clone(),
        legacy: true,
        flow: named.protocol.as_ref().map_or(named.component.place, |protocol| protocol.span),
        flow_entry: named.protocol.as_ref().map(|protocol| (protocol.element, protocol.syntax)),
        token_endpoint: named.token_endpoint.clone(),
        body_claims: [
            claim("iss", &named.jwt_issuer),
            claim("sub", subject),
            claim("aud", &named.jwt_audience),
        ]
        .into_iter()
        .flatten()
        .collect(),
        header_claims: Vec::new(),
        validity_seconds: named.jwt_validity_seconds.clone(),
        signing_certificate: named.jwt_signing_certificate.clone(),
        scopes: named.oauth_scope.iter().filter(|scope| !scope.is_empty()).cloned().collect(),
        named_principal: !per_user,
        per_user_principal: per_user,
        urls: named.url.iter().cloned().collect(),
        described_target: None,
    }
}

/// The org whose My Domain is the host of the token endpoint; if there is none, the org that the credential calls.
fn described_target(workspace: &Workspace, credential: &JwtCredential) -> Option<OrgId> {
    let token = credential.token_endpoint.as_ref().and_then(Host::of_url);
    if let Some(org) = token.as_ref().and_then(|host| workspace.org_of_host(host)) {
        return Some(org);
    }
    if token.is_some_and(|host| !host.as_str().is_empty() && !host.is_shared_login()) {
        return None;
    }
    credential.urls.iter().filter_map(Host::of_url).find_map(|host| workspace.org_of_host(&host))
}

/// Matches credentials with apps. Caches results that many credentials share.
struct Candidates<'a> {
    workspace: &'a Workspace,
    /// The only app of an org that credentials can refer to, by org and whether the issuer is known.
    of_org: HashMap<(OrgId, bool), Option<usize>>,
    /// JWT credentials that log in to Salesforce, by org.
    to_salesforce: HashMap<OrgId, usize>,
}

impl<'a> Candidates<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        let mut to_salesforce: HashMap<OrgId, usize> = HashMap::new();
        for credential in workspace.jwt_credentials_to_salesforce() {
            *to_salesforce.entry(credential.component.org).or_default() += 1;
        }
        Candidates { workspace, of_org: HashMap::new(), to_salesforce }
    }

    fn match_app(&mut self, credential: &JwtCredential) -> Option<(OrgId, usize, MatchedBy)> {
        if self.workspace.app_of_another_org(credential).is_some() {
            return None;
        }
        let key = credential.issuer_key();
        if let Some(key) = key.as_ref().filter(|key| !key.is_empty())
            && let Some((org, app)) = app_with_key(self.workspace, credential, key)
        {
            return Some((org, app, MatchedBy::Issuer));
        }
        if !credential.is_to_salesforce() {
            return None;
        }
        let (target_org, matched_by) = match credential.described_target {
            Some(target_org) => (target_org, MatchedBy::Host),
            None => (self.only_other_org(credential)?, MatchedBy::Description),
        };
        let org = self.workspace.org(target_org);
        let has_key = key.is_some();
        let app =
            *self.of_org.entry((target_org, has_key)).or_insert_with(|| candidate(org, has_key));
        Some((target_org, app?, matched_by))
    }

    /// The other one of two described orgs, if its host agrees and no other credential in the calling org logs in to
    /// Salesforce.
    fn only_other_org(&self, credential: &JwtCredential) -> Option<OrgId> {
        let calling_org = credential.component.org;
        let [first, second] = self.workspace.orgs.as_slice() else { return None };
        if !first.is_described() || !second.is_described() {
            return None;
        }
        let other = OrgId(1 - calling_org.0);
        let is_alone = self.to_salesforce.get(&calling_org).is_none_or(|count| *count <= 1);
        let host = credential.target_host().filter(|host| host.names_an_org());
        let fits = match (&host, &self.workspace.org(other).my_domain) {
            (Some(host), Some(domain)) => host.value == domain.value,
            (Some(_), None) | (None, _) => true,
        };
        let own = self
            .workspace
            .org(calling_org)
            .my_domain
            .as_ref()
            .is_some_and(|domain| host.is_some_and(|host| host.value == domain.value));
        (is_alone && fits && !own).then_some(other)
    }
}

/// The app whose consumer key is `iss`. If several have it: the one of the token endpoint's org, then one that can
/// verify a JWT, then one of another org.
fn app_with_key(
    workspace: &Workspace,
    credential: &JwtCredential,
    key: &ConsumerKey,
) -> Option<(OrgId, usize)> {
    let doubt = |org: OrgId, app: &App| {
        (
            Some(org) != credential.described_target,
            !app.has_certificate(),
            org == credential.component.org,
        )
    };
    workspace
        .apps_with_key(key)
        .min_by_key(|&(org, _, app)| doubt(org, app))
        .map(|(org, index, _)| (org, index))
}

/// The only app of an org that the credential can refer to. If its issuer is known, apps with a different key are
/// excluded.
fn candidate(org: &Org, has_key: bool) -> Option<usize> {
    let possible: Vec<usize> = org
        .apps
        .iter()
        .enumerate()
        .filter(|(_, app)| app.takes_oauth() && (!has_key || app.key_is_unknown()))
        .map(|(index, _)| index)
        .collect();
    let with_certificate: Vec<usize> =
        possible.iter().copied().filter(|&index| org.apps[index].has_certificate()).collect();
    match (with_certificate.as_slice(), possible.as_slice()) {
        ([one], _) | ([], [one]) => Some(*one),
        _ => None,
    }
}
