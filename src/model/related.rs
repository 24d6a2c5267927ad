//! The components that are involved when a credential is used, from the Apex that calls it to the app that it logs in
//! to.

use super::{
    AUTH_PROVIDER, App, AppLogin, Callout, Component, Connection, ExternalCredential, Flow,
    IDENTITY_PROVIDER, JwtCredential, Login, Named, NamedCredential, Org, OrgId, PermissionSet,
    Workspace, find_named, without_namespace,
};
use crate::source::Text;

/// The components related to a credential, in all orgs that have a credential with its name.
#[derive(Debug)]
pub struct RelatedComponents<'a> {
    workspace: &'a Workspace,
    /// The named credentials, each with its org.
    pub named_credentials: Vec<(OrgId, &'a NamedCredential)>,
    pub external_credentials: Vec<(OrgId, &'a ExternalCredential)>,
    pub jwt_credentials: Vec<&'a JwtCredential>,
    pub connections: Vec<Connection<'a>>,
    /// The logins in other flows than JWT bearer, and their apps.
    logins: Vec<&'a Login>,
    app_logins: Vec<AppLogin<'a>>,
    /// Type, full name and org.
    members: Vec<(&'static str, &'a str, OrgId)>,
}

/// The metadata types that an app is made of.
const APP_TYPES: &[&str] = &[
    "ConnectedApp",
    "ExternalClientApplication",
    "ExtlClntAppConfigurablePolicies",
    "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
    "ExtlClntAppOauthSettings",
];

impl Workspace {
    /// The components related to the named or external credential with this name; `None` if the files do not contain
    /// it.
    pub fn related(&self, name: &str) -> Option<RelatedComponents<'_>> {
        let mut related = RelatedComponents {
            workspace: self,
            named_credentials: Vec::new(),
            external_credentials: Vec::new(),
            jwt_credentials: Vec::new(),
            connections: Vec::new(),
            logins: Vec::new(),
            app_logins: Vec::new(),
            members: Vec::new(),
        };
        for (index, org) in self.orgs.iter().enumerate() {
            related.enter(OrgId(index), org, name);
        }
        if related.named_credentials.is_empty() && related.external_credentials.is_empty() {
            return None;
        }
        related.gather();
        Some(related)
    }
}

impl<'a> RelatedComponents<'a> {
    /// Adds the credentials with this name in one org, and the credentials that they are used with.
    fn enter(&mut self, id: OrgId, org: &'a Org, name: &str) {
        let named = find_named(&org.named_credentials, name);
        let external = find_named(&org.external_credentials, name);
        // If a named and an external credential have the same name, they belong together in almost every project.
        self.named_credentials.extend(named.map(|named| (id, named)));
        let used = named.and_then(|named| org.external_of(named));
        for credential in external.into_iter().chain(used) {
            if self.external_credentials.iter().any(|(_, known)| std::ptr::eq(*known, credential)) {
                continue;
            }
            self.external_credentials.push((id, credential));
            if named.is_none() {
                self.named_credentials.extend(org.users_of(credential).map(|named| (id, named)));
            }
        }
    }

    fn gather(&mut self) {
        let workspace = self.workspace;
        let mut members: Vec<(&'static str, &'a str, OrgId)> = Vec::new();
        members
            .extend(self.named_credentials.iter().map(|(org, named)| key(&named.component, *org)));
        members.extend(
            self.external_credentials.iter().map(|(org, external)| key(&external.component, *org)),
        );
        self.jwt_credentials = workspace
            .signing_credentials()
            .filter(|credential| {
                members.contains(&key(&credential.component, credential.component.org))
            })
            .collect();
        self.connections = workspace
            .connections()
            .filter(|connection| {
                self.jwt_credentials.iter().any(|own| std::ptr::eq(*own, connection.credential))
            })
            .collect();
        let credentials = self.named_credentials.iter().map(|(_, named)| &named.component);
        self.logins = credentials
            .chain(self.external_credentials.iter().map(|(_, external)| &external.component))
            .filter_map(|component| workspace.login_at(component))
            .collect();
        self.app_logins =
            self.logins.iter().filter_map(|login| workspace.app_login(login)).collect();
        for login in &self.logins {
            let id = login.component.org;
            let provider = login.provider(workspace.org(id));
            members.extend(provider.map(|provider| key(&provider.record.component, id)));
        }
        for &Connection { credential, app, target_org, .. } in &self.connections {
            members.extend(members_of_app(workspace, app, target_org, credential.subject()));
        }
        for &AppLogin { login, app, target_org, .. } in &self.app_logins {
            let user = app.client_credentials_user();
            let user = user.filter(|_| login.flow.is_client_credentials());
            members.extend(members_of_app(workspace, app, target_org, user));
        }
        for credential in &self.jwt_credentials {
            let certificate =
                workspace.signing_certificate(credential).and_then(|signing| signing.certificate);
            members.extend(
                certificate
                    .map(|certificate| key(&certificate.component, credential.component.org)),
            );
        }
        for (id, external) in &self.external_credentials {
            let org = workspace.org(*id);
            let sets: Vec<&PermissionSet> = org.grants_of(external).map(|(set, _)| set).collect();
            members.extend(sets.iter().map(|set| key(&set.component, *id)));
            let holds = |name: &Text| {
                find_named(&org.permission_sets, name.as_str())
                    .is_some_and(|found| sets.iter().any(|set| set.name() == found.name()))
            };
            for group in org.groups.iter().filter(|group| group.members.iter().any(holds)) {
                members.push(key(&group.component, *id));
                members.extend(
                    group
                        .muting
                        .iter()
                        .filter_map(|name| find_named(&org.muting, name.as_str()))
                        .map(|muting| key(&muting.component, *id)),
                );
            }
        }
        for (id, named) in &self.named_credentials {
            members.extend(
                workspace.org(*id).callouts_of(named).map(|callout| key(&callout.class, *id)),
            );
        }
        self.members = members;
    }

    /// Whether a component is involved.
    pub fn holds(&self, component: &Component) -> bool {
        self.members.iter().any(|(kind, name, org)| {
            *kind == component.type_name && *name == component.name && *org == component.org
        })
    }

    /// Whether a component is involved or may be, because it is not known to serve other credentials only.
    pub fn may_contain(&self, component: &Component) -> bool {
        if self.holds(component) {
            return true;
        }
        match component.type_name {
            "ExternalCredential" | "NamedCredential" => false,
            "Certificate" => !self.signs_for_others(component) && !self.has_certificate(),
            "PermissionSet" => !self.grants_others_only(component),
            kind if APP_TYPES.contains(&kind) => {
                !self.has_app() && !self.is_connected_to_others(component)
            }
            AUTH_PROVIDER | IDENTITY_PROVIDER => !self.logs_in_others_only(component),
            _ => !self.is_called_by_others_only(component),
        }
    }

    /// Whether the files contain an app that the credential logs in to.
    pub fn has_app(&self) -> bool {
        !self.connections.is_empty() || !self.app_logins.is_empty()
    }

    /// The orgs that the credential logs in to, if the files contain them.
    pub fn target_orgs(&self) -> impl Iterator<Item = &'a Org> + '_ {
        let of_logins = self.logins.iter().filter_map(|login| login.target_org);
        let workspace = self.workspace;
        self.connections
            .iter()
            .map(|connection| connection.target_org)
            .chain(self.app_logins.iter().map(|login| login.target_org))
            .chain(of_logins.map(move |id| workspace.org(id)))
    }

    /// Whether the files contain the signing certificate.
    pub fn has_certificate(&self) -> bool {
        self.jwt_credentials.iter().any(|credential| {
            self.workspace
                .signing_certificate(credential)
                .is_some_and(|signing| signing.certificate.is_some())
        })
    }

    /// The flows of the credentials.
    pub fn flows(&self) -> impl Iterator<Item = Flow> + '_ {
        let external = self
            .external_credentials
            .iter()
            .map(|(org, external)| self.workspace.org(*org).flow_of_external(external));
        let legacy = self.named_credentials.iter().filter_map(|(_, named)| named.legacy_flow());
        external.chain(legacy)
    }

    /// The orgs that contain the credential.
    pub fn calling_orgs(&self) -> impl Iterator<Item = &'a Org> + '_ {
        let mut ids: Vec<OrgId> = self
            .named_credentials
            .iter()
            .map(|(id, _)| *id)
            .chain(self.external_credentials.iter().map(|(id, _)| *id))
            .collect();
        ids.sort();
        ids.dedup();
        let workspace = self.workspace;
        ids.into_iter().map(move |id| workspace.org(id))
    }

    /// The Apex that calls it.
    pub fn callouts(&self) -> impl Iterator<Item = &'a Callout> + '_ {
        self.named_credentials
            .iter()
            .flat_map(|(id, named)| self.workspace.org(*id).callouts_of(named))
    }

    fn signs_for_others(&self, component: &Component) -> bool {
        self.workspace
            .signing_credentials()
            .filter(|credential| credential.component.org == component.org)
            .any(|credential| {
                self.workspace
                    .signing_certificate(credential)
                    .and_then(|signing| signing.certificate)
                    .is_some_and(|certificate| certificate.name() == component.name)
            })
    }

    /// Whether all grants of a permission set are for principals of other credentials.
    fn grants_others_only(&self, component: &Component) -> bool {
        let Some(org) = self.workspace.orgs.get(component.org.0) else { return false };
        let Some(set) = org.permission_sets.iter().find(|set| set.name() == component.name) else {
            return false;
        };
        !set.grants.is_empty()
            && set
                .grants
                .iter()
                .all(|grant| org.granted_principal(grant.reference.as_str()).is_some())
    }

    fn is_connected_to_others(&self, component: &Component) -> bool {
        let same = |other: &Component| {
            other.type_name == component.type_name && other.name == component.name
        };
        let apps = self.workspace.connections().map(|connection| connection.app);
        apps.chain(self.workspace.app_logins().map(|login| login.app)).any(|app| {
            same(&app.component) || app.records.iter().any(|record| same(&record.component))
        })
    }

    /// Whether other credentials log in by an auth provider or external auth identity provider.
    fn logs_in_others_only(&self, component: &Component) -> bool {
        let Some(org) = self.workspace.orgs.get(component.org.0) else { return false };
        let others = self.workspace.logins.iter().filter(|login| {
            login.component.org == component.org
                && !self.logins.iter().any(|own| std::ptr::eq(*own, *login))
        });
        others
            .filter_map(|login| login.provider(org))
            .any(|provider| provider.record.component.place == component.place)
    }

    /// Whether all named credentials that the Apex calls are others.
    fn is_called_by_others_only(&self, component: &Component) -> bool {
        let Some(org) = self.workspace.orgs.get(component.org.0) else { return false };
        let mut calls = org
            .callouts
            .iter()
            .filter(|callout| {
                callout.class.type_name == component.type_name
                    && callout.class.name == component.name
            })
            .peekable();
        let own = |callout: &Callout| {
            let name = without_namespace(callout.name.as_str().trim());
            self.named_credentials
                .iter()
                .any(|(_, named)| without_namespace(named.name()).eq_ignore_ascii_case(name))
        };
        let known =
            |callout: &Callout| find_named(&org.named_credentials, callout.name.as_str()).is_some();
        calls.peek().is_some() && calls.all(|callout| known(callout) && !own(callout))
    }
}

/// An app with its parts, and the profile of the user that a credential logs in as.
fn members_of_app<'a>(
    workspace: &Workspace,
    app: &'a App,
    target_org: &'a Org,
    user: Option<&Text>,
) -> Vec<(&'static str, &'a str, OrgId)> {
    let id = org_id(workspace, target_org);
    let user = user.and_then(Text::known).and_then(|name| target_org.user(name));
    let profile = user
        .and_then(|user| user.profile.as_ref())
        .and_then(Text::known)
        .and_then(|label| target_org.profile(label));
    std::iter::once(&app.component)
        .chain(app.records.iter().map(|record| &record.component))
        .chain(profile.map(|profile| &profile.component))
        .map(|component| key(component, id))
        .collect()
}

/// The key of a component. The org is a parameter, because the parts of an app do not contain it.
fn key(component: &Component, org: OrgId) -> (&'static str, &str, OrgId) {
    (component.type_name, &component.name, org)
}

fn org_id(workspace: &Workspace, org: &Org) -> OrgId {
    OrgId(workspace.orgs.iter().position(|other| std::ptr::eq(other, org)).unwrap_or_default())
}
