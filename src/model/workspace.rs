//! All orgs, and what lies between them.

use std::collections::HashMap;

use time::Date;

use super::{
    Allow, App, AppKind, Component, Connection, ConsumerKey, CustomRule, SchemaViolation, Environment,
    LeakedSecret, ExternalCredential, JwtCredential, MatchedBy, NamedCredential, Org, OrgId, OrgKind,
    Package, Record, SigningCertificate, Url, User,
};
use crate::source::{FileId, Span, Text};

/// A file that could not be read as what it is named.
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

/// What makes the My Domain the only host that can answer.
#[derive(Clone, Copy, Debug)]
pub enum NeedsMyDomain<'a> {
    ExternalClientApp(&'a App),
    /// A field of the answering org's My Domain settings, and where it says so.
    Setting(&'static str, &'a Text),
}

/// A field for which a description and a metadata file give different values; the metadata's is used.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The component, where the metadata has it.
    pub component: Component,
    pub org: OrgId,
    /// What it is called in the description.
    pub field: &'static str,
    pub described: Described,
    pub metadata: Described,
}

/// A value, for people, and where it is said.
#[derive(Clone, Debug)]
pub struct Described {
    pub value: String,
    pub place: Span,
}

/// Whether two texts mean the same: JSON quotes, blanks, a final slash and the case of names make no difference, the case
/// of a consumer key and of a path does.
pub fn same_value(left: &str, right: &str) -> bool {
    let (left, right) = (plain(left), plain(right));
    left == right
        || !ConsumerKey::new(&left).looks_generated()
            && !left.contains("://")
            && left.eq_ignore_ascii_case(&right)
}

/// Without JSON quotes, and hosts in lower case.
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

/// Everything that the rules look at.
#[derive(Debug)]
pub struct Workspace {
    pub orgs: Vec<Org>,
    pub jwt_credentials: Vec<JwtCredential>,
    /// Credentials that sign a JWT in another flow: client assertions and direct tokens.
    pub other_jwt_credentials: Vec<JwtCredential>,
    /// Those of `jwt_credentials` whose token endpoint is Salesforce's: most rules ask for them.
    pub(crate) to_salesforce: Vec<usize>,
    /// Credential, spoke, app in the spoke, and how they met.
    pub(crate) meetings: Vec<(usize, OrgId, usize, MatchedBy)>,
    /// The apps of each consumer key: org, and app in it.
    pub(crate) keys: HashMap<ConsumerKey, Vec<(OrgId, usize)>>,
    /// The names of all sandboxes that any host in the files tells.
    pub(crate) sandboxes: Vec<String>,
    pub unreadable: Vec<Unreadable>,
    /// What the files hold beside their metadata types.
    pub deviations: Vec<SchemaViolation>,
    /// Where a description and the metadata say different things.
    pub contradictions: Vec<Contradiction>,
    /// Credentials, certificates and permission sets field by field, for the rules of a team's own.
    pub(crate) records: Vec<Record>,
    /// The rules of a team's own.
    pub custom: Vec<CustomRule>,
    /// Secrets that stand in files.
    pub leaked_secrets: Vec<LeakedSecret>,
    pub packages: Vec<Package>,
    /// What the team lives with, and how much of it was met.
    pub allows: Vec<Allow>,
    /// The day on which validity is judged.
    pub today: Date,
    /// Days before its end at which a certificate is reported.
    pub certificate_warning_days: u32,
    /// Files named by `.forceignore`.
    pub(crate) context_files: Vec<FileId>,
    /// Certificates that lie in a package directory of an `sfdx-project.json`, so that deployments take them along.
    pub(crate) packaged_certificates: Vec<FileId>,
}

impl Workspace {
    pub fn org(&self, id: OrgId) -> &Org {
        &self.orgs[id.0]
    }

    /// Where a credential meets an app, over all orgs.
    pub fn connections(&self) -> impl Iterator<Item = Connection<'_>> {
        self.meetings.iter().map(|&(credential, target_org, app, matched_by)| {
            let credential = &self.jwt_credentials[credential];
            let target_org = self.org(target_org);
            Connection {
                credential,
                app: &target_org.apps[app],
                calling_org: self.org(credential.component.org),
                target_org,
                matched_by,
            }
        })
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

    /// JWT credentials whose token endpoint is Salesforce's.
    pub fn jwt_credentials_to_salesforce(&self) -> impl Iterator<Item = &JwtCredential> {
        self.to_salesforce.iter().map(|&index| &self.jwt_credentials[index])
    }

    /// Every credential that signs a JWT, whatever the flow.
    pub fn signing_credentials(&self) -> impl Iterator<Item = &JwtCredential> {
        self.jwt_credentials.iter().chain(&self.other_jwt_credentials)
    }

    /// Why the shared login hosts cannot serve a credential: the app that it meets, or a setting of the answering org.
    pub fn needs_my_domain(&self, credential: &JwtCredential) -> Option<NeedsMyDomain<'_>> {
        let connection = self.meeting_of(credential);
        if let Some((_, app)) = connection.filter(|(_, app)| app.kind == AppKind::ExternalClientApp)
        {
            return Some(NeedsMyDomain::ExternalClientApp(app));
        }
        let target_org =
            connection.map(|(target_org, _)| target_org).or(credential.described_target)?;
        let settings = self
            .org(target_org)
            .records
            .iter()
            .filter(|record| record.component.name == "MyDomain");
        let closed = settings.flat_map(|record| {
            ["canOnlyLoginWithMyDomainUrl", "doesApiLoginRequireOrgDomain"]
                .into_iter()
                .filter_map(|name| record.get(name).map(|text| (name, text)))
        });
        closed
            .into_iter()
            .find(|(_, text)| text.is_true())
            .map(|(name, text)| NeedsMyDomain::Setting(name, text))
    }

    fn meeting_of(&self, credential: &JwtCredential) -> Option<(OrgId, &App)> {
        let matched_by = self.meetings.iter().find(|(index, ..)| {
            self.jwt_credentials.get(*index).is_some_and(|other| std::ptr::eq(other, credential))
        });
        matched_by.map(|&(_, target_org, app, _)| (target_org, &self.org(target_org).apps[app]))
    }

    /// The connections of one app.
    pub fn connections_of<'a>(&'a self, app: &'a App) -> impl Iterator<Item = Connection<'a>> {
        self.connections().filter(move |connection| std::ptr::eq(connection.app, app))
    }

    pub fn connection_of<'a>(&'a self, credential: &'a JwtCredential) -> Option<Connection<'a>> {
        self.connections().find(|connection| std::ptr::eq(connection.credential, credential))
    }

    /// Apps that take part in the JWT bearer flow: a credential meets them, or they carry a certificate.
    pub fn jwt_apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.apps().filter(|(_, app)| self.is_jwt_app(app))
    }

    /// Whether an app takes part in the JWT bearer flow.
    pub fn is_jwt_app(&self, app: &App) -> bool {
        app.has_certificate() || self.connections_of(app).next().is_some()
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

    /// The org behind a My Domain.
    pub fn org_of_host(&self, host: &super::Host) -> Option<OrgId> {
        self.orgs
            .iter()
            .position(|org| org.my_domain.as_ref().is_some_and(|domain| domain.value == *host))
            .map(OrgId)
    }

    /// The components of a metadata type, field by field.
    pub fn fields_of<'a>(
        &'a self,
        type_name: &'a str,
    ) -> impl Iterator<Item = (Component, &'a Record)> {
        let orgs = self.orgs.iter().enumerate().flat_map(|(index, org)| {
            let records = org.records.iter().chain(org.apps.iter().flat_map(|app| &app.records));
            records.map(move |record| {
                (Component { org: OrgId(index), ..record.component.clone() }, record)
            })
        });
        let others = self.records.iter().map(|record| (record.component.clone(), record));
        orgs.chain(others).filter(move |(component, _)| component.type_name == type_name)
    }

    pub fn is_context(&self, file: FileId) -> bool {
        self.context_files.binary_search(&file).is_ok()
    }

    /// Whether the file is half of a certificate in a package directory.
    pub fn is_packaged_certificate(&self, file: FileId) -> bool {
        self.packaged_certificates.binary_search(&file).is_ok()
    }

    /// Whether a file of an org could not be read that may hold a component of this type; of one name, where it is given.
    pub fn is_unreadable(&self, org: OrgId, type_name: &str, name: Option<&str>) -> bool {
        let same = |found: &str| {
            name.is_none_or(|name| {
                super::component::without_namespace(found)
                    .eq_ignore_ascii_case(super::component::without_namespace(name))
            })
        };
        self.unreadable.iter().any(|unreadable| {
            unreadable.org == org && unreadable.type_name == type_name && same(&unreadable.name)
        })
    }
}

impl Org {
    /// Told by the described kind, else by the My Domain.
    pub fn environment(&self) -> Environment {
        match self.kind {
            Some(OrgKind::Production | OrgKind::Developer) => Environment::Production,
            Some(OrgKind::Sandbox | OrgKind::Scratch) => Environment::Test,
            Some(OrgKind::Trailhead) => Environment::Unknown,
            None => self.my_domain.as_ref().map_or(Environment::Unknown, |host| host.environment()),
        }
    }

    /// The active users that hold a permission set, directly or through a group; `None` where nobody said who does.
    pub fn holders<'a>(&'a self, set: &'a super::PermissionSet) -> Option<Vec<&'a Text>> {
        use super::{Named, find_named, same_name};
        // Names are compared before they are looked up: an org may have thousands of sets and of users.
        let is_set = |name: &str| {
            same_name(name, set.name())
                && find_named(&self.permission_sets, name)
                    .is_some_and(|found| found.name() == set.name())
        };
        let groups: Vec<_> = self
            .groups
            .iter()
            .filter(|group| group.members.iter().any(|member| is_set(member.as_str())))
            .collect();
        let is_group = |name: &str| {
            groups.iter().any(|group| {
                same_name(name, group.name())
                    && find_named(&self.groups, name)
                        .is_some_and(|found| found.name() == group.name())
            })
        };
        let mut known = self.assignments_known;
        let mut holders: Vec<&Text> = Vec::new();
        for assigned in std::iter::once(&set.assigned_to)
            .chain(groups.iter().map(|group| &group.assigned_to))
            .flatten()
        {
            known = true;
            holders.extend(assigned);
        }
        for user in self.users.iter().flatten() {
            if user
                .permission_sets
                .iter()
                .flatten()
                .any(|name| is_set(name.as_str()) || is_group(name.as_str()))
            {
                known = true;
                holders.push(&user.username);
            }
        }
        known.then(|| {
            holders
                .into_iter()
                .filter(|name| self.user(name.as_str()).is_none_or(|user: &User| user.active))
                .collect()
        })
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
