//! Connected apps and external client apps, in one type, because most rules about apps apply to both.

use super::certificate::CertificateBody;
use super::component::{Component, Named, Record};
use super::consumer_key::ConsumerKey;
use super::record_id::RecordId;
use super::scope::Scope;
use super::url::Url;
use crate::source::{Located, Span, Spanned, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppKind {
    ConnectedApp,
    ExternalClientApp,
}

/// A page of an app in Setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupPage {
    /// The consumer key and secret.
    ConsumerDetails,
    /// Permitted users, IP relaxation, refresh tokens and sessions.
    Policies,
    /// The approved permission sets and profiles.
    Approvals,
    /// Scopes, flows and certificate.
    OauthSettings,
}

/// The metadata type with the OAuth policies of an external client app.
pub const OAUTH_POLICIES: &str = "ExtlClntAppOauthConfigurablePolicies";
/// The metadata type with the keys, certificate and callback URLs of an external client app.
pub const OAUTH_GLOBALS: &str = "ExtlClntAppGlobalOauthSettings";
/// The metadata type with the scopes of an external client app.
pub const OAUTH_SETTINGS: &str = "ExtlClntAppOauthSettings";
/// The metadata type that holds the addresses of token requests of an external client app.
pub const OAUTH_SECURITY: &str = "ExtlClntAppOauthSecuritySettings";

/// *Permitted Users* in Setup.
#[derive(Clone, Debug)]
pub enum PermittedUsers {
    /// *Admin approved users are pre-authorized*.
    AdminApproved(Span),
    /// *All users may self-authorize*.
    SelfAuthorize(Text),
    /// Not set. By default, users authorize the app themselves.
    Default,
    /// A placeholder, or an app whose settings are not in the files.
    Unknown,
}

/// A `ConnectedApp`, or an `ExternalClientApplication` with the files of its settings and policies.
#[derive(Clone, Debug)]
pub struct App {
    pub component: Component,
    pub kind: AppKind,
    pub label: Option<Text>,
    /// The place of the OAuth settings; `None` for packaged and SAML apps.
    pub oauth: Option<Span>,
    pub consumer_key: Option<Text>,
    pub certificate: Option<Located<CertificateBody>>,
    /// Whether the org blocks the app, as far as a description says.
    pub blocked: Option<Text>,
    pub callback: Option<Text>,
    /// `None` if the list is not in the files.
    pub scopes: Option<Vec<Text>>,
    pub permitted_users: PermittedUsers,
    /// Display names of approved profiles.
    pub profiles: Vec<Text>,
    /// Approved permission sets: labels for a connected app, names for an external client app.
    pub permission_sets: Vec<Text>,
    /// Whether the policies, which contain the approvals, are in the files.
    pub policies: bool,
    /// The files of the app, field by field.
    pub records: Vec<Record>,
    /// The settings and policies that a description has, field by field, in the types of the files.
    pub described: Vec<Record>,
}

/// A setting of an app that a description can have: its key, and the fields of a connected app and of an external client
/// app, the latter each with the type of its file.
pub struct AppSetting {
    pub key: &'static str,
    pub connected: &'static str,
    pub external: &'static [(&'static str, &'static str)],
}

pub const APP_SETTINGS: &[AppSetting] = &[
    AppSetting {
        key: "client_credentials",
        connected: "oauthConfig/isClientCredentialEnabled",
        external: &[
            (OAUTH_GLOBALS, "isClientCredentialsFlowEnabled"),
            (OAUTH_POLICIES, "isClientCredentialsFlowEnabled"),
        ],
    },
    AppSetting {
        key: "client_credentials_user",
        connected: "oauthConfig/oauthClientCredentialUser",
        external: &[(OAUTH_POLICIES, "clientCredentialsFlowUser")],
    },
    AppSetting {
        key: "pkce_required",
        connected: "oauthConfig/isPkceRequired",
        external: &[(OAUTH_GLOBALS, "isPkceRequired")],
    },
    AppSetting {
        key: "ip_relaxation",
        connected: "oauthPolicy/ipRelaxation",
        external: &[(OAUTH_POLICIES, "ipRelaxationPolicyType")],
    },
    AppSetting {
        key: "refresh_token_policy",
        connected: "oauthPolicy/refreshTokenPolicy",
        external: &[(OAUTH_POLICIES, "refreshTokenPolicyType")],
    },
    AppSetting {
        key: "session_level",
        connected: "sessionPolicy/sessionLevel",
        external: &[(OAUTH_POLICIES, "requiredSessionLevel")],
    },
];

impl AppSetting {
    /// The fields of an app of this kind, each with the type of its file.
    pub fn fields(&self, kind: AppKind) -> Vec<(&'static str, &'static str)> {
        match kind {
            AppKind::ConnectedApp => vec![("ConnectedApp", self.connected)],
            AppKind::ExternalClientApp => self.external.to_vec(),
        }
    }
}

impl Named for App {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl App {
    /// An external client app of which no file has been read yet.
    pub fn external_client(component: Component) -> Self {
        App {
            component,
            kind: AppKind::ExternalClientApp,
            label: None,
            oauth: None,
            consumer_key: None,
            certificate: None,
            blocked: None,
            callback: None,
            scopes: None,
            permitted_users: PermittedUsers::Default,
            profiles: Vec::new(),
            permission_sets: Vec::new(),
            policies: false,
            records: Vec::new(),
            described: Vec::new(),
        }
    }

    /// Whether it has OAuth settings, or may have them in files that are missing.
    pub fn takes_oauth(&self) -> bool {
        self.oauth.is_some() || self.kind == AppKind::ExternalClientApp
    }

    pub fn key(&self) -> Option<ConsumerKey> {
        self.consumer_key.as_ref().and_then(Text::known).map(ConsumerKey::new)
    }

    /// Whether the key is not in the files, or is filled in at deployment.
    pub fn key_is_unknown(&self) -> bool {
        self.consumer_key.as_ref().and_then(Text::known).is_none()
    }

    /// Whether only a description has it, in which everything that is not given is unknown.
    pub fn is_only_described(&self) -> bool {
        self.records.is_empty() && self.oauth == Some(self.component.place)
    }

    /// Whether the app has a certificate, readable or not, which enables the JWT bearer flow.
    pub fn has_certificate(&self) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|certificate| !matches!(certificate.value, CertificateBody::Empty))
    }

    /// Whether a scope is listed; `None` if the list is not in the files, or if it contains a placeholder or an unknown
    /// value that may mean this scope.
    pub fn lists(&self, wanted: impl Fn(Scope) -> bool) -> Option<bool> {
        let scopes = self.scopes.as_ref()?;
        if scopes.iter().any(|scope| wanted(Scope::parse(scope.as_str()))) {
            return Some(true);
        }
        scopes
            .iter()
            .all(|scope| scope.known().is_some_and(|scope| Scope::parse(scope) != Scope::Unknown))
            .then_some(false)
    }

    /// The separator of the list of scopes, which external client apps keep in one element: `, ` or `,`.
    pub fn scope_separator(&self) -> &'static str {
        match self.scopes.as_deref() {
            Some([first, second, ..]) if second.span.start == first.span.end + 1 => ",",
            _ => ", ",
        }
    }

    /// The files, and then what a description has.
    fn all_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().chain(&self.described)
    }

    /// A field of any of the app's files, or of its description.
    pub fn field(&self, path: &str) -> Option<&Text> {
        self.all_records().find_map(|record| record.get(path))
    }

    /// The file of an external client app with this metadata type or, without one, the settings in the description.
    pub fn part(&self, type_name: &str) -> Option<&Record> {
        self.all_records().find(|record| record.component.type_name == type_name)
    }

    /// One of an external client app's files, by its metadata type.
    pub fn file(&self, type_name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.component.type_name == type_name)
    }

    /// A field of a connected app, or of the OAuth policies of an external client app.
    fn policy(&self, connected: &str, external: &str) -> Option<&Text> {
        match self.kind {
            AppKind::ConnectedApp => self.field(connected),
            AppKind::ExternalClientApp => self.part(OAUTH_POLICIES)?.get(external),
        }
    }

    /// A switch of the OAuth settings, which the two kinds of app have under one name.
    pub fn oauth_switch(&self, name: &str) -> Option<&Text> {
        match self.kind {
            AppKind::ConnectedApp => self.field(&format!("oauthConfig/{name}")),
            AppKind::ExternalClientApp => self.part(OAUTH_GLOBALS)?.get(name),
        }
    }

    /// A switch of the OAuth settings that is on.
    pub fn enabled_oauth_switch(&self, name: &str) -> Option<&Text> {
        self.oauth_switch(name).filter(|switch| switch.is_true())
    }

    /// Whether access tokens are JWTs. API 61 to 63 had the switch of an external client app in its policies as well.
    pub fn named_user_jwt(&self) -> Option<&Text> {
        let name = "isNamedUserJwtEnabled";
        let policy = || match self.kind {
            AppKind::ConnectedApp => None,
            AppKind::ExternalClientApp => self.part(OAUTH_POLICIES)?.get(name),
        };
        self.enabled_oauth_switch(name).or_else(policy)
    }

    /// What limits the addresses from which tokens are requested and used, if anything does.
    pub fn token_addresses(&self) -> Option<&Text> {
        match self.kind {
            AppKind::ConnectedApp => self.enabled_oauth_switch("isIpBindingEnabled"),
            AppKind::ExternalClientApp => {
                self.part(OAUTH_SECURITY)?.get("tokenIpRanges/startIpAddress")
            }
        }
    }

    /// *IP Relaxation* in Setup.
    pub fn ip_relaxation(&self) -> Option<&Text> {
        self.policy("oauthPolicy/ipRelaxation", "ipRelaxationPolicyType")
    }

    /// *Refresh Token Policy* in Setup: `infinite`, `zero`, `specific_lifetime:…`, or `Infinite`, `Zero` and so on.
    pub fn refresh_token_policy(&self) -> Option<&Text> {
        self.policy("oauthPolicy/refreshTokenPolicy", "refreshTokenPolicyType")
    }

    /// The session security level that the app requires.
    pub fn session_level(&self) -> Option<&Text> {
        self.policy("sessionPolicy/sessionLevel", "requiredSessionLevel")
    }

    /// The setting that enables the client credentials flow, in either file of an external client app.
    pub fn client_credentials_switch(&self) -> Option<&Text> {
        let paths = ["oauthConfig/isClientCredentialEnabled", "isClientCredentialsFlowEnabled"];
        paths.iter().find_map(|path| {
            self.all_records().find_map(|record| record.get(path).filter(|text| text.is_true()))
        })
    }

    /// The user that the client credentials flow runs as.
    pub fn client_credentials_user(&self) -> Option<&Text> {
        self.client_credentials().filled_user()
    }

    /// What the files say about the client credentials flow.
    pub fn client_credentials(&self) -> ClientCredentials<'_> {
        match self.kind {
            AppKind::ConnectedApp => {
                let settings = self.field("oauthConfig/isClientCredentialEnabled");
                let user = self.field("oauthConfig/oauthClientCredentialUser");
                let has_file = self.oauth.is_some() && !self.records.is_empty();
                ClientCredentials {
                    settings,
                    policy: None,
                    user,
                    user_element: "oauthClientCredentialUser",
                    has_settings: has_file || settings.is_some(),
                    has_policies: false,
                    has_user: has_file || user.is_some(),
                }
            }
            AppKind::ExternalClientApp => {
                let (globals, policies) = (self.part(OAUTH_GLOBALS), self.part(OAUTH_POLICIES));
                let switch = "isClientCredentialsFlowEnabled";
                // API 58 and before had another name for it.
                let settings = globals.and_then(|globals| {
                    globals.get(switch).or_else(|| globals.get("isClientCredentialEnabled"))
                });
                let policy = policies.and_then(|policies| policies.get(switch));
                let user = policies.and_then(|policies| policies.get("clientCredentialsFlowUser"));
                let has_policies = self.file(OAUTH_POLICIES).is_some();
                ClientCredentials {
                    settings,
                    policy,
                    user,
                    user_element: "clientCredentialsFlowUser",
                    has_settings: self.file(OAUTH_GLOBALS).is_some() || settings.is_some(),
                    has_policies: has_policies || policy.is_some(),
                    has_user: has_policies || user.is_some(),
                }
            }
        }
    }

    /// Whether the client credentials flow is on, and the app has no scope that it grants: it ignores `Full`, `Web` and
    /// the refresh scopes.
    pub fn grants_no_client_credentials_scope(&self) -> bool {
        let granted = |scope| !matches!(scope, Scope::Full | Scope::Web | Scope::RefreshToken);
        self.client_credentials().is_on() && self.lists(granted) == Some(false)
    }

    /// Whether the client credentials flow is enabled, in either file of an external client app or by a description.
    pub fn uses_client_credentials(&self) -> bool {
        self.client_credentials_switch().is_some()
    }

    /// Whether the files show that the client credentials flow is disabled. The settings of an external client app are
    /// in two files, and a packaged app keeps some of them in its package.
    pub fn excludes_client_credentials(&self) -> bool {
        self.client_credentials().has_settings && !self.uses_client_credentials()
    }

    /// The setting that requires PKCE in the authorization code flow.
    pub fn required_code_challenge(&self) -> Option<&Text> {
        self.enabled_oauth_switch("isPkceRequired")
    }

    /// The `distributionState` of an external client app that can be used only in its own org.
    pub fn local_distribution(&self) -> Option<&Text> {
        self.distribution("Local").filter(|_| self.kind == AppKind::ExternalClientApp)
    }

    /// The `distributionState`, if it is this one.
    fn distribution(&self, wanted: &str) -> Option<&Text> {
        self.field("distributionState")
            .filter(|state| state.known().is_some_and(|state| state.eq_ignore_ascii_case(wanted)))
    }

    /// The place of the setting that lets users authorize the app themselves; if this is the default, the place where
    /// it applies.
    pub fn self_authorization(&self) -> Option<Span> {
        match (&self.permitted_users, self.kind) {
            (PermittedUsers::SelfAuthorize(text), _) => Some(text.span),
            (PermittedUsers::Default, AppKind::ConnectedApp) => self.oauth,
            (PermittedUsers::Default, AppKind::ExternalClientApp) => {
                self.part(OAUTH_POLICIES).map(|policies| policies.component.place)
            }
            (PermittedUsers::AdminApproved(_) | PermittedUsers::Unknown, _) => None,
        }
    }

    /// The callback URLs, which share one value and are separated by line breaks; commas and spaces do not separate
    /// them.
    pub fn callback_urls(&self) -> Vec<(Url, Text)> {
        let Some(callback) = &self.callback else { return Vec::new() };
        callback
            .lines()
            .into_iter()
            .filter(|piece| piece.known().is_some())
            .map(|piece| (Url::parse(piece.as_str()), piece))
            .collect()
    }

    /// The IDs of the orgs that the app is bound to, from links such as `<org id>:<…>`.
    pub fn bound_orgs(&self) -> Vec<(String, &Text)> {
        let fields = self
            .records
            .iter()
            .flat_map(|record| [record.get("orgScopedExternalApp"), record.get("oauthLink")]);
        fields.flatten().filter_map(|text| Some((bound_org(text)?, text))).collect()
    }

    /// Whether approved permission sets are listed by label; external client apps and descriptions list names.
    pub fn lists_labels(&self) -> bool {
        self.kind == AppKind::ConnectedApp && !self.records.is_empty()
    }

    /// It is created to be packaged: its files refer to global settings of the org that it was created in.
    pub fn is_for_packages(&self) -> bool {
        self.distribution("Packaged").is_some()
    }

    /// Whether the app comes from a package, which may contain settings that are not in the files.
    pub fn is_packaged(&self, own_namespace: Option<&str>) -> bool {
        let foreign = self.component.name.split_once("__").is_some_and(|(namespace, _)| {
            own_namespace.is_none_or(|own| !own.eq_ignore_ascii_case(namespace))
        });
        foreign
            || self
                .field("distributionState")
                .and_then(Text::known)
                .is_some_and(|state| !state.eq_ignore_ascii_case("Local"))
    }

    /// The path to one of its pages in Setup.
    pub fn setup(&self, page: SetupPage) -> String {
        let name = self.name();
        match (self.kind, page) {
            (AppKind::ConnectedApp, page) => {
                let rest = match page {
                    SetupPage::ConsumerDetails => "View > Manage Consumer Details",
                    SetupPage::Policies => "Manage > Edit Policies",
                    SetupPage::Approvals => "Manage > Manage Permission Sets",
                    SetupPage::OauthSettings => "Edit",
                };
                format!("Setup > App Manager > {name} > {rest}")
            }
            (AppKind::ExternalClientApp, page) => {
                let rest = match page {
                    SetupPage::ConsumerDetails => {
                        "Settings > OAuth Settings > Consumer Key and Secret"
                    }
                    SetupPage::Policies => "Policies > OAuth Policies",
                    SetupPage::Approvals => "Policies > App Policies",
                    SetupPage::OauthSettings => "Settings > OAuth Settings",
                };
                format!("Setup > External Client App Manager > {name} > {rest}")
            }
        }
    }

    /// "connected app" or "external client app".
    pub fn noun(&self) -> &'static str {
        match self.kind {
            AppKind::ConnectedApp => "connected app",
            AppKind::ExternalClientApp => "external client app",
        }
    }

    /// The place of the OAuth settings, or of the app if it has none.
    pub fn oauth_place(&self) -> Span {
        self.oauth.unwrap_or(self.component.span())
    }
}

/// What the files of an app say about its client credentials flow.
#[derive(Clone, Copy, Debug)]
pub struct ClientCredentials<'a> {
    /// The switch in the settings; a connected app has no other.
    pub settings: Option<&'a Text>,
    /// The switch in the policies of an external client app.
    pub policy: Option<&'a Text>,
    /// The run-as user; can be empty.
    pub user: Option<&'a Text>,
    /// The element of the run-as user.
    pub user_element: &'static str,
    /// Whether the file of the first switch is present; in a description, the switch itself.
    pub has_settings: bool,
    /// Whether the policies of an external client app are present.
    pub has_policies: bool,
    /// Whether the file or key that names the run-as user is present.
    pub has_user: bool,
}

impl<'a> ClientCredentials<'a> {
    /// Whether a switch is certainly off: absent, or false.
    pub fn is_off(switch: Option<&Text>) -> bool {
        switch.is_none_or(|switch| switch.is_false() || switch.is_empty())
    }

    /// The switch that turns the flow on, if all switches in the files do.
    pub fn switch(&self) -> Option<&'a Text> {
        let settings_allow = self.settings.is_none_or(Text::is_true);
        let last = if self.has_policies { self.policy } else { self.settings };
        last.filter(|switch| settings_allow && switch.is_true())
    }

    pub fn is_on(&self) -> bool {
        self.switch().is_some()
    }

    /// The run-as user, if the element has a value, known or not.
    pub fn filled_user(&self) -> Option<&'a Text> {
        self.user.filter(|user| !user.is_empty())
    }
}

/// The org in `<org id>:<…>`.
fn bound_org(link: &Text) -> Option<String> {
    let id = link.known()?.split(':').next()?.trim();
    RecordId::organization(id).map(|id| id.short().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::source::{FileId, Syntax};

    fn text(raw: &str) -> Text {
        Text::at(raw, Span::new(FileId(0), 10, 10 + raw.len()), Syntax::Xml)
    }

    fn external(fields: &[(&'static str, &str, &str)]) -> App {
        let component =
            Component::new("ExternalClientApplication", "Hub_Org", Span::new(FileId(0), 0, 0));
        let record = |&(type_name, path, value): &(&'static str, &str, &str)| Record {
            component: Component::new(type_name, "Hub_Org", Span::new(FileId(0), 1, 2)),
            fields: vec![Field { path: path.to_owned(), text: text(value) }],
        };
        App { records: fields.iter().map(record).collect(), ..App::external_client(component) }
    }

    #[test]
    fn an_app_names_the_org_that_it_is_bound_to() {
        let app = external(&[
            ("ExternalClientApplication", "orgScopedExternalApp", "00D5g000004AbCdEAF:Hub_Org"),
            (OAUTH_SETTINGS, "oauthLink", "${ORG}:8885g0000000001"),
        ]);
        assert_eq!(
            app.bound_orgs().iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            ["00D5g000004AbCd"]
        );
    }

    #[test]
    fn callback_urls_are_on_separate_lines() {
        let mut app = external(&[]);
        app.callback = Some(text("https://a.example/cb\n  http://localhost:1717/OauthRedirect"));
        let urls = app.callback_urls();
        assert_eq!(
            urls.iter().map(|(url, _)| url.host.as_str()).collect::<Vec<_>>(),
            ["a.example", "localhost"]
        );
        assert_eq!(urls[1].1.span.start, 10 + 23);
    }

    #[test]
    fn permitted_users_are_unknown_without_a_policy_file() {
        assert!(external(&[]).self_authorization().is_none());
        assert!(external(&[(OAUTH_POLICIES, "label", "x")]).self_authorization().is_some());
    }

    #[test]
    fn packaged_apps_are_recognized_by_namespace_and_state() {
        let mut app = external(&[("ExternalClientApplication", "distributionState", "Local")]);
        assert!(!app.is_packaged(None));
        app.component.name = "acme__Hub_Org".into();
        assert!(app.is_packaged(None) && !app.is_packaged(Some("acme")));
        assert!(
            external(&[("ExternalClientApplication", "distributionState", "Packaged")])
                .is_packaged(None)
        );
    }

    #[test]
    fn the_client_credentials_flow_needs_every_switch_that_is_in_the_files() {
        let switch = "isClientCredentialsFlowEnabled";
        let is_on = |settings: &str, policy: &str| {
            external(&[(OAUTH_GLOBALS, switch, settings), (OAUTH_POLICIES, switch, policy)])
                .client_credentials()
                .is_on()
        };
        assert!(is_on("true", "true"));
        assert!(!is_on("true", "false") && !is_on("false", "true") && !is_on("${ON}", "true"));
        assert!(external(&[(OAUTH_GLOBALS, switch, "true")]).client_credentials().is_on());
        assert!(!external(&[]).client_credentials().is_on());
    }
}
