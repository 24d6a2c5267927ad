//! All orgs, and the connections between them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use time::Date;

use super::allow::Allow;
use super::app::{App, AppKind};
use super::callout::Callout;
use super::certificate::Certificate;
use super::component::{Component, Named, OrgId, Record, without_namespace};
use super::components::find_named;
use super::connection::{Connection, MatchedBy};
use super::consumer_key::ConsumerKey;
use super::custom_rule::CustomRule;
use super::external_credential::{ExternalCredential, ParameterType};
use super::host::{Host, HostKind};
use super::jwt_credential::{JwtCredential, SigningCertificate};
use super::login::{AppLogin, Login};
use super::metadata_types::SchemaViolation;
use super::named_credential::NamedCredential;
use super::org::Org;
use super::package::{Package, PackageDirectories};
use super::provider::{AUTH_PROVIDER, IDENTITY_PROVIDER, Provider, called_back};
use super::secret::LeakedSecret;
use super::url::Url;
use super::user::Username;
use crate::source::{FileId, Located, Span, Text};

/// A file that could not be parsed as the type that its name indicates.
#[derive(Clone, Debug)]
pub struct Unreadable {
    pub type_name: &'static str,
    pub name: String,
    pub file: FileId,
    pub message: String,
    pub span: Span,
    pub related: Option<(Span, String)>,
    pub org: OrgId,
}

/// The reason why a credential must use the My Domain of the target org.
#[derive(Clone, Copy, Debug)]
pub enum NeedsMyDomain<'a> {
    ExternalClientApp(&'a App),
    /// A field of the My Domain settings of the target org, and its place.
    Setting(&'static str, &'a Text),
}

/// A field for which a description and a metadata file give different values; the metadata's is used.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The component, if the metadata contains it.
    pub component: Component,
    pub org: OrgId,
    /// The key in the description.
    pub field: &'static str,
    pub described: Described,
    pub metadata: Described,
}

/// A value for display, and its place.
#[derive(Clone, Debug)]
pub struct Described {
    pub value: String,
    pub place: Span,
}

/// Whether two values mean the same: Ignores JSON quotes, surrounding whitespace, a final slash, and the case of names
/// and hosts, but not the case of consumer keys and paths.
pub fn same_value(left: &str, right: &str) -> bool {
    let (left, right) = (plain(left), plain(right));
    left == right
        || !ConsumerKey::new(&left).looks_generated()
            && !left.contains("://")
            && left.eq_ignore_ascii_case(&right)
}

/// Removes JSON quotes and a final slash, and converts the host to lower case.
fn plain(text: &str) -> String {
    let text = text.trim();
    let unquoted = match serde_json::from_str(text) {
        Ok(serde_json::Value::String(inner)) => inner.trim().to_owned(),
        Ok(serde_json::Value::Array(items)) => match items.as_slice() {
            [serde_json::Value::String(one)] => one.trim().to_owned(),
            _ => serde_json::Value::Array(items).to_string(),
        },
        _ => text.to_owned(),
    };
    let url = Url::parse(&unquoted);
    if url.scheme.is_empty() {
        return unquoted;
    }
    let host = url.host.to_ascii_lowercase();
    unquoted.replacen(&url.host, &host, 1).trim_end_matches('/').to_owned()
}

/// A username that belongs to an org other than the target org.
#[derive(Clone, Debug)]
pub struct ForeignSubject {
    pub username: Username,
    pub suffix: String,
    pub host: Located<Host>,
}

/// The input of the rules: all orgs and the connections between them.
#[derive(Debug)]
pub struct Workspace {
    pub orgs: Vec<Org>,
    pub jwt_credentials: Vec<JwtCredential>,
    /// Credentials of the client credentials and the authorization code flow.
    pub logins: Vec<Login>,
    /// Credentials that sign a JWT in another flow: client assertions and direct tokens.
    pub other_jwt_credentials: Vec<JwtCredential>,
    /// Indexes of the `jwt_credentials` with a Salesforce token endpoint, which most rules use.
    pub(crate) to_salesforce: Vec<usize>,
    /// The matches of credentials with apps: the credential, the target org, the app in it, and how they were matched.
    pub(crate) app_matches: Vec<(usize, OrgId, usize, MatchedBy)>,
    /// The apps with each consumer key: the org, and the app in it.
    pub(crate) keys: HashMap<ConsumerKey, Vec<(OrgId, usize)>>,
    /// The names of all sandboxes, from all hosts in the files.
    pub(crate) sandboxes: Vec<String>,
    pub unreadable: Vec<Unreadable>,
    /// Elements and values that the metadata types do not have.
    pub deviations: Vec<SchemaViolation>,
    /// Fields for which a description and the metadata have different values.
    pub contradictions: Vec<Contradiction>,
    /// Credentials, certificates and permission sets field by field, for the custom rules.
    pub(crate) records: Vec<Record>,
    /// The custom rules.
    pub custom: Vec<CustomRule>,
    /// Secrets in files.
    pub leaked_secrets: Vec<LeakedSecret>,
    pub packages: Vec<Package>,
    pub package_directories: PackageDirectories,
    /// The allows of the settings and of inline comments.
    pub allows: Vec<Allow>,
    /// What `replacements` wrote, in the order of files and offsets.
    pub(crate) replaced: Vec<Span>,
    /// The date at which certificates and allows must be valid.
    pub today: Date,
    /// The number of days before its expiry at which a certificate is reported.
    pub certificate_warning_days: u32,
    /// The descriptions (`sfcred.yaml`).
    pub(crate) description_files: Vec<FileId>,
    /// Files that `.forceignore` excludes from deployment.
    pub(crate) context_files: Vec<FileId>,
    /// The first org with each My Domain.
    pub(crate) hosts: HashMap<String, OrgId>,
    /// Built on first use, which must be after connections are found.
    pub(crate) index: OnceLock<WorkspaceIndex>,
}

/// References across orgs, so that lookups need no search.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceIndex {
    /// The match of each JWT credential, by the position of the credential.
    app_matches: HashMap<usize, usize>,
    /// The matches of each app.
    of_app: HashMap<(OrgId, usize), Vec<usize>>,
    /// Named credentials by name in lower case, over all orgs.
    named: HashMap<String, usize>,
    /// Callouts whose named credential is not in their own org, by name in lower case: org and callout. Only from
    /// projects that have a namespace and no description.
    unresolved_callouts: HashMap<String, Vec<(OrgId, usize)>>,
    /// The names of all named and external credentials in lower case and without namespace.
    bare_named: HashSet<String>,
    bare_external: HashSet<String>,
    /// Unreadable files by org, type and name in lower case without namespace, and by org and type alone.
    unreadable: HashSet<(OrgId, &'static str, Option<String>)>,
    unreadable_named: HashSet<String>,
    /// Apps by the auth provider that a callback URL names, in lower case and without a namespace.
    of_callback: HashMap<String, Vec<(OrgId, usize)>>,
    /// The first of [`Workspace::signing_credentials`], and of the logins, with each place.
    signing_at: HashMap<Span, usize>,
    login_at: HashMap<Span, usize>,
    /// The first package that a file is built into.
    packages: HashMap<FileId, usize>,
    /// The apps that verify with a public key, by its SHA-256: org, and app in it.
    pub verifiers: HashMap<[u8; 32], Vec<(OrgId, usize)>>,
    /// The first certificate in Certificate and Key Management with a public key.
    key_pairs: HashMap<[u8; 32], (OrgId, usize)>,
}

/// A name in lower case and without its namespace, as references are compared.
fn bare(name: &str) -> String {
    without_namespace(name).to_ascii_lowercase()
}

impl WorkspaceIndex {
    fn new(workspace: &Workspace) -> WorkspaceIndex {
        let mut index = WorkspaceIndex::default();
        for (number, &(credential, org, app, _)) in workspace.app_matches.iter().enumerate() {
            index.app_matches.entry(credential).or_insert(number);
            index.of_app.entry((org, app)).or_default().push(number);
        }
        for (id, org) in workspace.orgs.iter().enumerate() {
            for (position, certificate) in org.certificates.iter().enumerate() {
                if let Some(x509) = certificate.x509() {
                    index.key_pairs.entry(x509.public_key_sha256).or_insert((OrgId(id), position));
                }
            }
            for named in &org.named_credentials {
                *index.named.entry(named.component.name.to_ascii_lowercase()).or_default() += 1;
                if !named.component.name.is_empty() {
                    index.bare_named.insert(bare(&named.component.name));
                }
            }
            for external in &org.external_credentials {
                index.bare_external.insert(bare(&external.component.name));
            }
            for (position, app) in org.apps.iter().enumerate() {
                if let Some(x509) = app.certificate.as_ref().and_then(|body| body.x509()) {
                    let apps = index.verifiers.entry(x509.public_key_sha256).or_default();
                    apps.push((OrgId(id), position));
                }
            }
            if org.namespace.is_none() || org.is_described() {
                continue;
            }
            for (position, callout) in org.callouts.iter().enumerate() {
                let name = callout.name.known();
                if let Some(name) =
                    name.filter(|name| find_named(&org.named_credentials, name).is_none())
                {
                    let callouts = index.unresolved_callouts.entry(name.to_ascii_lowercase());
                    callouts.or_default().push((OrgId(id), position));
                }
            }
        }
        for (id, org) in workspace.orgs.iter().enumerate() {
            for (position, app) in org.apps.iter().enumerate() {
                for (url, _) in app.callback_urls() {
                    let path = url.path.trim_end_matches('/');
                    let Some(name) = called_back(path) else { continue };
                    let name = without_namespace(name).to_ascii_lowercase();
                    index.of_callback.entry(name).or_default().push((OrgId(id), position));
                }
            }
        }
        for (position, credential) in workspace.signing_credentials().enumerate() {
            index.signing_at.entry(credential.component.place).or_insert(position);
        }
        for (position, login) in workspace.logins.iter().enumerate() {
            index.login_at.entry(login.component.place).or_insert(position);
        }
        for file in &workspace.unreadable {
            index.unreadable.insert((file.org, file.type_name, None));
            index.unreadable.insert((file.org, file.type_name, Some(bare(&file.name))));
            if file.type_name == "NamedCredential" {
                index.unreadable_named.insert(file.name.to_ascii_lowercase());
            }
        }
        for (position, package) in workspace.packages.iter().enumerate() {
            for file in &package.files {
                index.packages.entry(*file).or_insert(position);
            }
        }
        index
    }
}

impl Workspace {
    pub fn org(&self, id: OrgId) -> &Org {
        &self.orgs[id.0]
    }

    /// Whether `replacements` wrote some of the bytes of a span.
    pub fn is_replaced(&self, span: Span) -> bool {
        let before = |replaced: &Span| (replaced.file, replaced.end) <= (span.file, span.start);
        let next = self.replaced.partition_point(before);
        self.replaced
            .get(next)
            .is_some_and(|replaced| replaced.file == span.file && replaced.start < span.end)
    }

    /// Whether `replacements` wrote anything in a file.
    pub fn has_replaced(&self, file: FileId) -> bool {
        let next = self.replaced.partition_point(|replaced| replaced.file < file);
        self.replaced.get(next).is_some_and(|replaced| replaced.file == file)
    }

    pub(crate) fn index(&self) -> &WorkspaceIndex {
        self.index.get_or_init(|| WorkspaceIndex::new(self))
    }

    fn connection(&self, number: usize) -> Connection<'_> {
        let (credential, target_org, app, matched_by) = self.app_matches[number];
        let credential = &self.jwt_credentials[credential];
        let target_org = self.org(target_org);
        Connection {
            credential,
            app: &target_org.apps[app],
            calling_org: self.org(credential.component.org),
            target_org,
            matched_by,
        }
    }

    /// All connections, over all orgs.
    pub fn connections(&self) -> impl Iterator<Item = Connection<'_>> {
        (0..self.app_matches.len()).map(|number| self.connection(number))
    }

    /// All apps with their org.
    pub fn apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.orgs.iter().flat_map(|org| org.apps.iter().map(move |app| (org, app)))
    }

    /// The apps with this consumer key, over all orgs.
    pub fn apps_with_key(&self, key: &ConsumerKey) -> impl Iterator<Item = (OrgId, usize, &App)> {
        self.keys
            .get(key)
            .into_iter()
            .flatten()
            .map(|&(org, index)| (org, index, &self.org(org).apps[index]))
    }

    pub fn has_app_with_key(&self, key: &ConsumerKey) -> bool {
        self.keys.contains_key(key)
    }

    pub fn external_credentials(&self) -> impl Iterator<Item = (&Org, &ExternalCredential)> {
        self.orgs.iter().flat_map(|org| {
            org.external_credentials.iter().map(move |credential| (org, credential))
        })
    }

    pub fn named_credentials(&self) -> impl Iterator<Item = (&Org, &NamedCredential)> {
        self.orgs
            .iter()
            .flat_map(|org| org.named_credentials.iter().map(move |credential| (org, credential)))
    }

    /// The headers of credentials and the headers and bodies in Apex, which can contain formulas, with their component.
    pub fn formula_texts(&self) -> impl Iterator<Item = (&Component, &Text)> {
        let external = self.external_credentials().flat_map(|(_, credential)| {
            let headers = credential.parameters_of(ParameterType::AuthHeader);
            headers.filter_map(|header| Some((&credential.component, header.value.as_ref()?)))
        });
        let named = self.named_credentials().flat_map(|(_, named)| {
            let headers = named.headers.iter();
            headers.filter_map(|header| Some((&named.component, header.value.as_ref()?)))
        });
        let apex = self.orgs.iter().flat_map(|org| &org.apex).flat_map(|unit| {
            unit.request_texts.iter().map(|request| (&unit.component, &request.text))
        });
        external.chain(named).chain(apex)
    }

    /// JWT credentials with a Salesforce token endpoint.
    pub fn jwt_credentials_to_salesforce(&self) -> impl Iterator<Item = &JwtCredential> {
        self.to_salesforce.iter().map(|&index| &self.jwt_credentials[index])
    }

    /// All auth providers and external auth identity providers, with their org.
    pub fn providers(&self) -> impl Iterator<Item = (&Org, Provider<'_>)> {
        self.orgs.iter().flat_map(|org| {
            org.records
                .iter()
                .filter(|record| {
                    matches!(record.component.type_name, AUTH_PROVIDER | IDENTITY_PROVIDER)
                })
                .map(move |record| (org, Provider::new(record)))
        })
    }

    /// The org that users log in to with a provider: the one with the My Domain of its URLs.
    pub fn org_of_provider(&self, provider: &Provider<'_>) -> Option<&Org> {
        provider.hosts().find_map(|host| self.org_of_host(&host)).map(|id| self.org(id))
    }

    /// The apps whose callback URL names the auth provider.
    pub fn apps_that_call_back<'a>(
        &'a self,
        provider: &Provider<'_>,
    ) -> impl Iterator<Item = (&'a Org, &'a App)> + use<'a> {
        let name = without_namespace(provider.name()).to_ascii_lowercase();
        let apps = self.index().of_callback.get(&name);
        apps.into_iter().flatten().map(|&(org, position)| {
            let org = self.org(org);
            (org, &org.apps[position])
        })
    }

    /// The logins whose app is in the files.
    pub fn app_logins(&self) -> impl Iterator<Item = AppLogin<'_>> {
        self.logins.iter().filter_map(|login| self.app_login(login))
    }

    /// The app that a login logs in to.
    pub fn app_login<'a>(&'a self, login: &'a Login) -> Option<AppLogin<'a>> {
        let (target_org, app, matched_by) = login.app?;
        let target_org = self.org(target_org);
        Some(AppLogin {
            login,
            app: &target_org.apps[app],
            calling_org: self.org(login.component.org),
            target_org,
            matched_by,
        })
    }

    /// The JWT credential that an external credential or a legacy named credential is, in any flow.
    pub fn signing_credential_at(&self, component: &Component) -> Option<&JwtCredential> {
        let position = *self.index().signing_at.get(&component.place)?;
        let of_exchanges = self.jwt_credentials.len();
        let credential = match position.checked_sub(of_exchanges) {
            None => &self.jwt_credentials[position],
            Some(other) => &self.other_jwt_credentials[other],
        };
        (credential.component.name == component.name).then_some(credential)
    }

    /// The login that an external credential or a legacy named credential is.
    pub fn login_at(&self, component: &Component) -> Option<&Login> {
        let login = &self.logins[*self.index().login_at.get(&component.place)?];
        (login.component.name == component.name).then_some(login)
    }

    /// Every credential that signs a JWT, in any flow.
    pub fn signing_credentials(&self) -> impl Iterator<Item = &JwtCredential> {
        self.jwt_credentials.iter().chain(&self.other_jwt_credentials)
    }

    /// Why a credential cannot use the shared login hosts: the app that it connects to, or a setting of the target org.
    pub fn needs_my_domain(&self, credential: &JwtCredential) -> Option<NeedsMyDomain<'_>> {
        let connection = self.connection_of(credential);
        if let Some(connection) =
            connection.filter(|connection| connection.app.kind == AppKind::ExternalClientApp)
        {
            return Some(NeedsMyDomain::ExternalClientApp(connection.app));
        }
        let target_org = connection
            .map(|connection| connection.target_org)
            .or_else(|| credential.described_target.map(|id| self.org(id)))?;
        let name = "canOnlyLoginWithMyDomainUrl";
        let mut settings = target_org.settings("MyDomain").filter_map(|record| record.get(name));
        settings.find(|text| text.is_true()).map(|text| NeedsMyDomain::Setting(name, text))
    }

    /// The connections of one app.
    pub fn connections_of<'a>(
        &'a self,
        app: &App,
    ) -> impl Iterator<Item = Connection<'a>> + use<'a> {
        let org = app.component.org;
        let position = self.org(org).apps.element_offset(app);
        let numbers = position.and_then(|position| self.index().of_app.get(&(org, position)));
        numbers.into_iter().flatten().map(|&number| self.connection(number))
    }

    pub fn connection_of(&self, credential: &JwtCredential) -> Option<Connection<'_>> {
        let position = self.jwt_credentials.element_offset(credential)?;
        self.index().app_matches.get(&position).map(|&number| self.connection(number))
    }

    /// Apps with OAuth settings in the files, regardless of their flows.
    pub fn oauth_apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.apps().filter(|(_, app)| app.oauth.is_some() || app.policies)
    }

    /// Apps that are used in the JWT bearer flow: a credential connects to them, or they have a certificate.
    pub fn jwt_apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.apps().filter(|(_, app)| self.is_jwt_app(app))
    }

    /// Whether an app is used in the JWT bearer flow.
    pub fn is_jwt_app(&self, app: &App) -> bool {
        app.has_certificate() || self.connections_of(app).next().is_some()
    }

    /// The external credential that a JWT credential was built from; `None` for a legacy named credential.
    pub fn external_of(&self, credential: &JwtCredential) -> Option<&ExternalCredential> {
        let component = &credential.component;
        let all = &self.org(component.org).external_credentials;
        let is_same = |other: &&ExternalCredential| other.component.place == component.place;
        // Several components with the same name are rare: they are different versions in two folders.
        all.exact(&component.name)
            .map(|position| &all[position])
            .filter(is_same)
            .or_else(|| {
                let places = &self.org(component.org).index().external_places;
                places.get(&component.place).map(|&position| &all[position])
            })
            .filter(|_| !credential.legacy)
    }

    /// The certificate that a credential signs with, in its own org.
    pub fn signing_certificate<'a>(
        &'a self,
        credential: &'a JwtCredential,
    ) -> Option<SigningCertificate<'a>> {
        let reference =
            credential.signing_certificate.as_ref().filter(|reference| !reference.is_empty())?;
        let certificate =
            reference.known().and_then(|name| self.org(credential.component.org).certificate(name));
        Some(SigningCertificate { reference, certificate })
    }

    /// The org with this My Domain.
    pub fn org_of_host(&self, host: &Host) -> Option<OrgId> {
        self.hosts.get(host.as_str()).copied()
    }

    /// All components, field by field.
    pub fn fields(&self) -> impl Iterator<Item = (Component, &Record)> {
        let orgs = self.orgs.iter().enumerate().flat_map(|(index, org)| {
            let records = org.records.iter().chain(org.apps.iter().flat_map(|app| &app.records));
            records.map(move |record| {
                (Component { org: OrgId(index), ..record.component.clone() }, record)
            })
        });
        let others = self.records.iter().map(|record| (record.component.clone(), record));
        orgs.chain(others)
    }

    /// How many files `.forceignore` excludes.
    pub fn context_count(&self) -> usize {
        self.context_files.len()
    }

    pub fn is_description(&self, file: FileId) -> bool {
        self.description_files.contains(&file)
    }

    pub fn is_context(&self, file: FileId) -> bool {
        self.context_files.binary_search(&file).is_ok()
    }

    /// Whether an unreadable file of the org may contain a component of this type (and name, if given).
    pub fn is_unreadable(&self, org: OrgId, type_name: &'static str, name: Option<&str>) -> bool {
        let name = name.map(bare);
        self.index().unreadable.contains(&(org, type_name, name))
    }

    /// The org that a credential logs in to: by its My Domain, else by the matched app.
    pub fn answering_org<'a>(&'a self, credential: &'a JwtCredential) -> Option<&'a Org> {
        credential
            .described_target
            .map(|id| self.org(id))
            .or_else(|| self.connection_of(credential).map(|connection| connection.target_org))
    }

    /// The names of all sandboxes, from all hosts in the files, without duplicates.
    pub(crate) fn find_sandboxes(&self) -> Vec<String> {
        let described = self
            .orgs
            .iter()
            .filter_map(|org| org.my_domain.as_ref().map(|host| host.value.clone()));
        let used = self
            .jwt_credentials
            .iter()
            .flat_map(|credential| credential.target_domains().into_iter().map(|host| host.value));
        let names: BTreeSet<String> = described
            .chain(used)
            .filter_map(|host| match host.kind() {
                HostKind::MyDomain { sandbox, .. } => sandbox.clone(),
                _ => None,
            })
            .collect();
        names.into_iter().collect()
    }

    /// The user in `sub`, if its suffix is the name of a sandbox but the target org is a production org or another
    /// sandbox. `None` if the description of the target org contains the user.
    pub fn foreign_subject(&self, credential: &JwtCredential) -> Option<ForeignSubject> {
        let username = credential.login()?.username()?.clone();
        let target_org = credential.described_target.map(|id| self.org(id));
        if target_org
            .is_some_and(|org| org.user(username.as_str()).is_some() || org.assigns(&username))
        {
            return None;
        }
        let host = credential
            .target_domains()
            .into_iter()
            .next()
            .or_else(|| target_org.and_then(|org| org.my_domain.clone()))?;
        let suffix = username.contradicts(&host, &self.sandboxes)?.to_owned();
        if credential
            .target_domains()
            .iter()
            .any(|domain| username.contradicts(domain, &self.sandboxes).is_none())
        {
            return None;
        }
        Some(ForeignSubject { username, suffix, host })
    }

    /// Whether a URL belongs to Salesforce: by its host name, or because a described org has that host.
    pub fn is_salesforce_url(&self, named: &NamedCredential) -> bool {
        named.host().is_some_and(|host| host.is_salesforce() || self.org_of_host(&host).is_some())
    }

    /// The callouts from managed packages with another namespace to a named credential, each with the namespace.
    pub fn foreign_callouts<'a>(
        &'a self,
        id: OrgId,
        named: &'a NamedCredential,
    ) -> impl Iterator<Item = (&'a str, &'a Callout)> {
        let same = |left: Option<&str>, right: &str| {
            left.is_some_and(|left| left.eq_ignore_ascii_case(right))
        };
        let folded = named.component.name.to_ascii_lowercase();
        let is_only = self.index().named.get(&folded) == Some(&1) && !self.org(id).is_described();
        // The code of a package refers to this credential only if no description says that they are in different orgs,
        // and no other project has a credential with this name.
        let unresolved = self.index().unresolved_callouts.get(&folded).filter(|_| is_only);
        let others = unresolved
            .into_iter()
            .flatten()
            .filter(move |(org, _)| *org != id)
            .map(|&(org, position)| &self.org(org).callouts[position]);
        self.org(id).callouts_of(named).chain(others).filter_map(move |callout| {
            let namespace = callout.namespace.as_deref()?;
            (!same(named.namespace.as_deref(), namespace)).then_some((namespace, callout))
        })
    }

    /// Whether a file contains a named credential with this name, readable or not.
    pub fn knows_named_credential(&self, name: &str) -> bool {
        self.index().unreadable_named.contains(&name.to_ascii_lowercase())
            || self.index().bare_named.contains(&bare(name))
    }

    /// Whether any org has an external credential of that name.
    pub fn knows_external_credential(&self, name: &str) -> bool {
        self.index().bare_external.contains(&bare(name))
    }

    /// The apps that a private key can sign for: their certificates have the same public key.
    pub fn apps_opened_by(&self, secret: &LeakedSecret) -> impl Iterator<Item = &App> {
        let apps = secret.public_key.and_then(|key| self.index().verifiers.get(&key));
        apps.into_iter().flatten().map(|&(org, app)| &self.org(org).apps[app])
    }

    /// The certificate of Certificate and Key Management that a private key belongs to.
    pub fn certificate_of_key(&self, secret: &LeakedSecret) -> Option<&Certificate> {
        let &(org, certificate) = self.index().key_pairs.get(&secret.public_key?)?;
        Some(&self.org(org).certificates[certificate])
    }

    /// Whether a component is developed for a package.
    pub fn is_packaged(&self, component: &Component) -> bool {
        self.org(component.org).namespace.is_some()
            || self.package_of(component.place.file).is_some()
    }

    /// The package that a file is built into.
    pub fn package_of(&self, file: FileId) -> Option<&Package> {
        self.index().packages.get(&file).map(|&position| &self.packages[position])
    }
}

#[cfg(test)]
mod tests {
    use super::same_value;

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (left, right) in [
            ("https://test.salesforce.com", "\"https://test.salesforce.com\" "),
            ("https://ACME.my.salesforce.com/", "https://acme.my.salesforce.com"),
            ("[\"a\"]", "a"),
            ("Hub_Org", "hub_org"),
        ] {
            assert!(same_value(left, right), "{left} {right}");
        }
        for (left, right) in [
            ("https://test.salesforce.com", "https://login.salesforce.com"),
            ("3MVG9aB", "3MVG9Ab"),
            ("https://a/B", "https://a/b"),
        ] {
            assert!(!same_value(left, right), "{left} {right}");
        }
    }
}
