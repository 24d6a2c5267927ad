//! All orgs, and what lies between them.

use time::Date;

use super::{Allow, App, Environment, Exposed, ExternalCredential, Handshake, JwtCredential, Meeting, NamedCredential, Org, OrgId, OrgKind, Package, SigningCertificate, User};
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

/// Everything that the rules look at.
#[derive(Debug)]
pub struct Workspace {
    pub orgs: Vec<Org>,
    pub jwt_credentials: Vec<JwtCredential>,
    /// Credential, spoke, app in the spoke, and how they met.
    pub(crate) meetings: Vec<(usize, OrgId, usize, Meeting)>,
    pub unreadable: Vec<Unreadable>,
    /// Secrets that stand in files.
    pub exposed: Vec<Exposed>,
    pub packages: Vec<Package>,
    /// What the team lives with, and how much of it was met.
    pub allows: Vec<Allow>,
    /// The day on which validity is judged.
    pub today: Date,
    /// Days before its end at which a certificate is reported.
    pub certificate_warning_days: u32,
    /// Files named by `.forceignore`.
    pub(crate) context_files: Vec<FileId>,
}

impl Workspace {
    pub fn org(&self, id: OrgId) -> &Org {
        &self.orgs[id.0]
    }

    /// Where a credential meets an app, over all orgs.
    pub fn handshakes(&self) -> impl Iterator<Item = Handshake<'_>> {
        self.meetings.iter().map(|&(credential, spoke, app, meeting)| {
            let credential = &self.jwt_credentials[credential];
            let spoke = self.org(spoke);
            Handshake { credential, app: &spoke.apps[app], hub: self.org(credential.component.org), spoke, meeting }
        })
    }

    /// All apps with their org.
    pub fn apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.orgs.iter().flat_map(|org| org.apps.iter().map(move |app| (org, app)))
    }

    pub fn external_credentials(&self) -> impl Iterator<Item = (&Org, &ExternalCredential)> {
        self.orgs.iter().flat_map(|org| org.external_credentials.iter().map(move |credential| (org, credential)))
    }

    pub fn named_credentials(&self) -> impl Iterator<Item = (&Org, &NamedCredential)> {
        self.orgs.iter().flat_map(|org| org.named_credentials.iter().map(move |credential| (org, credential)))
    }

    /// JWT credentials whose token endpoint is Salesforce's.
    pub fn jwt_credentials_to_salesforce(&self) -> impl Iterator<Item = &JwtCredential> {
        self.jwt_credentials.iter().filter(|credential| credential.is_to_salesforce())
    }

    /// The handshakes of one app.
    pub fn handshakes_of<'a>(&'a self, app: &'a App) -> impl Iterator<Item = Handshake<'a>> {
        self.handshakes().filter(move |handshake| std::ptr::eq(handshake.app, app))
    }

    pub fn handshake_of<'a>(&'a self, credential: &'a JwtCredential) -> Option<Handshake<'a>> {
        self.handshakes().find(|handshake| std::ptr::eq(handshake.credential, credential))
    }

    /// Apps that take part in the JWT bearer flow: a credential meets them, or they carry a certificate.
    pub fn jwt_apps(&self) -> impl Iterator<Item = (&Org, &App)> {
        self.apps().filter(|(_, app)| app.has_certificate() || self.handshakes_of(app).next().is_some())
    }

    /// The certificate that a credential signs with, in its own org.
    pub fn signing_certificate<'a>(&'a self, credential: &'a JwtCredential) -> Option<SigningCertificate<'a>> {
        let reference = credential.signing_certificate.as_ref().filter(|reference| !reference.is_empty())?;
        let certificate = reference.known().and_then(|name| self.org(credential.component.org).certificate(name));
        Some(SigningCertificate { reference, certificate })
    }

    /// The org behind a My Domain.
    pub fn org_of_host(&self, host: &super::Host) -> Option<OrgId> {
        self.orgs.iter().position(|org| org.my_domain.as_ref().is_some_and(|domain| domain.value == *host)).map(OrgId)
    }

    pub fn is_context(&self, file: FileId) -> bool {
        self.context_files.binary_search(&file).is_ok()
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
        use super::{Named, find_named};
        let mut known = self.assignments_known;
        let mut holders: Vec<&Text> = Vec::new();
        if let Some(assigned) = &set.assigned_to {
            known = true;
            holders.extend(assigned);
        }
        for group in &self.groups {
            let holds = group.members.iter().any(|member| find_named(&self.permission_sets, member.as_str()).is_some_and(|found| found.name() == set.name()));
            if let (true, Some(assigned)) = (holds, &group.assigned_to) {
                known = true;
                holders.extend(assigned);
            }
        }
        for user in self.users.iter().flatten() {
            let sets = user.permission_sets.iter().flatten();
            let names = |name: &str| {
                find_named(&self.permission_sets, name).is_some_and(|found| found.name() == set.name())
                    || find_named(&self.groups, name)
                        .is_some_and(|group| group.members.iter().any(|member| find_named(&self.permission_sets, member.as_str()).is_some_and(|found| found.name() == set.name())))
            };
            if sets.clone().any(|name| names(name.as_str())) {
                known = true;
                holders.push(&user.username);
            }
        }
        known.then(|| holders.into_iter().filter(|name| self.user(name.as_str()).is_none_or(|user: &User| user.active)).collect())
    }
}
