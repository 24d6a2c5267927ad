//! One org: everything in the files that belongs to it.

use super::{
    ApexUnit, App, Certificate, Component, ExternalCredential, Host, MutingPermissionSet, Named, NamedCredential, PermissionSet, PermissionSetGroup, Profile, Record, find_named,
    split_principal,
};
use crate::source::{FileId, Located, Span, Text};

/// What a description calls `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrgKind {
    Production,
    Developer,
    Sandbox,
    Scratch,
    Trailhead,
}

/// A user, where a description or an export names one.
#[derive(Clone, Debug)]
pub struct User {
    pub username: Text,
    pub profile: Option<Text>,
    /// `None`: not said.
    pub permission_sets: Option<Vec<Text>>,
    pub active: bool,
}

/// A `callout:` in Apex.
#[derive(Clone, Debug)]
pub struct Callout {
    /// The named credential's name, as typed after `callout:`.
    pub name: Text,
    /// What follows the name, as far as literals tell.
    pub path: String,
    pub class: Component,
    /// What follows the name, with [`super::HOLE`] for what literals do not tell.
    pub path_text: Option<Text>,
    /// It is handed to `setEndpoint`.
    pub sent: bool,
    /// In a test or a mock.
    pub in_test: bool,
    /// Where the same request is given an `Authorization` header.
    pub authorization: Option<Span>,
}

/// An org of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Org {
    pub name: String,
    pub kind: Option<OrgKind>,
    /// The My Domain, described or told by `sfdcLoginUrl`.
    pub my_domain: Option<Located<Host>>,
    pub namespace: Option<String>,
    /// `sourceApiVersion` of the project, as a whole number.
    pub api_version: Option<u32>,
    pub external_credentials: Vec<ExternalCredential>,
    pub named_credentials: Vec<NamedCredential>,
    pub apps: Vec<App>,
    pub permission_sets: Vec<PermissionSet>,
    pub groups: Vec<PermissionSetGroup>,
    pub muting: Vec<MutingPermissionSet>,
    pub profiles: Vec<Profile>,
    pub certificates: Vec<Certificate>,
    /// Auth providers, remote sites, settings and the other types that are read field by field.
    pub records: Vec<Record>,
    pub callouts: Vec<Callout>,
    pub apex: Vec<ApexUnit>,
    pub callouts_run_as: Vec<Text>,
    /// `None`: nobody said which users there are.
    pub users: Option<Vec<User>>,
    /// An export of all permission set assignments was given.
    pub assignments_known: bool,
    pub files: Vec<FileId>,
}

impl Org {
    pub fn component_count(&self) -> usize {
        self.external_credentials.len()
            + self.named_credentials.len()
            + self.apps.len()
            + self.permission_sets.len()
            + self.groups.len()
            + self.muting.len()
            + self.profiles.len()
            + self.certificates.len()
            + self.records.len()
    }

    /// The named credentials that use an external credential.
    pub fn users_of<'a>(&'a self, credential: &'a ExternalCredential) -> impl Iterator<Item = &'a NamedCredential> {
        self.named_credentials.iter().filter(move |named| {
            named
                .external_credential
                .as_ref()
                .and_then(Text::known)
                .and_then(|reference| find_named(&self.external_credentials, reference))
                .is_some_and(|found| std::ptr::eq(found, credential) || found.name() == credential.name())
        })
    }

    pub fn certificate(&self, reference: &str) -> Option<&Certificate> {
        find_named(&self.certificates, reference)
    }

    /// The permission sets that grant a principal of a credential, with the grants that are switched on.
    pub fn grants_of<'a>(&'a self, credential: &'a ExternalCredential) -> impl Iterator<Item = (&'a PermissionSet, &'a super::Grant)> {
        self.permission_sets
            .iter()
            .flat_map(move |set| set.granted().map(move |grant| (set, grant)))
            .filter(move |(_, grant)| self.grant_names(grant.reference.as_str(), credential))
    }

    /// Whether a reference names any principal of this credential.
    pub fn grant_names(&self, reference: &str, credential: &ExternalCredential) -> bool {
        let Some((name, principal)) = split_principal(reference) else { return false };
        find_named(&self.external_credentials, name).is_some_and(|found| found.name() == credential.name())
            && credential.principals().any(|candidate| same_principal(candidate.name.as_str(), principal))
    }

    /// The user of this name; usernames do not distinguish upper and lower case.
    pub fn user(&self, username: &str) -> Option<&User> {
        self.users.as_ref()?.iter().find(|user| user.username.as_str().eq_ignore_ascii_case(username))
    }

    /// A place that stands for the org: where its My Domain is written.
    pub fn place(&self) -> Option<Span> {
        self.my_domain.as_ref().map(|host| host.span)
    }
}

/// Principal names are compared without regard to case and to the blanks around them.
pub fn same_principal(left: &str, right: &str) -> bool {
    left.trim().eq_ignore_ascii_case(right.trim())
}
