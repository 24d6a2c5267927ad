//! One org: everything in the files that belongs to it.

use super::{
    ApexUnit, App, Certificate, Component, ExternalCredential, Host, MutingPermissionSet, Named,
    NamedCredential, PermissionSet, PermissionSetGroup, Profile, Record, find_named,
    is_standard_profile, same_name, split_principal, without_namespace,
};
use crate::nearest::nearest;
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
    /// The namespace of the code, where it is part of a managed package.
    pub namespace: Option<String>,
    /// What follows the name, with [`super::DYNAMIC_PART`] for what literals do not tell.
    pub path_text: Option<Text>,
    /// It is handed to `setEndpoint`.
    pub sent: bool,
    /// In a test or a mock.
    pub in_test: bool,
    /// Where the same request is given an `Authorization` header.
    pub authorization: Option<Span>,
}

/// Which part of a request Apex writes a text into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    Header,
    Body,
    /// A variable or a method in between.
    Unknown,
}

/// A merge field `{!$Credential…}` in an Apex literal.
#[derive(Clone, Debug)]
pub struct MergeField {
    pub place: Span,
    pub part: RequestPart,
    /// The named credential that the class calls, where it is one and no other.
    pub named: Option<String>,
}

/// An org of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Org {
    pub name: String,
    /// Where its files lie, unless a description says so.
    pub folder: Option<std::path::PathBuf>,
    pub kind: Option<OrgKind>,
    /// The My Domain, described or told by `sfdcLoginUrl`.
    pub my_domain: Option<Located<Host>>,
    /// The org's id, where a description tells it.
    pub org_id: Option<Text>,
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
    pub merge_fields: Vec<MergeField>,
    /// Some Apex puts names of named credentials together, so that nobody can tell what it calls.
    pub callouts_unseen: bool,
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
    pub fn users_of<'a>(
        &'a self,
        credential: &'a ExternalCredential,
    ) -> impl Iterator<Item = &'a NamedCredential> {
        self.named_credentials.iter().filter(move |named| {
            named
                .external_credential
                .as_ref()
                .and_then(Text::known)
                // The cheap question first: there may be thousands of each.
                .filter(|reference| same_name(reference, credential.name()))
                .and_then(|reference| find_named(&self.external_credentials, reference))
                .is_some_and(|found| {
                    std::ptr::eq(found, credential) || found.name() == credential.name()
                })
        })
    }

    pub fn certificate(&self, reference: &str) -> Option<&Certificate> {
        find_named(&self.certificates, reference)
    }

    /// The permission sets that grant a principal of a credential, with the grants that are switched on.
    pub fn grants_of<'a>(
        &'a self,
        credential: &'a ExternalCredential,
    ) -> impl Iterator<Item = (&'a PermissionSet, &'a super::Grant)> {
        self.permission_sets
            .iter()
            .flat_map(move |set| set.granted().map(move |grant| (set, grant)))
            .filter(move |(_, grant)| self.grant_names(grant.reference.as_str(), credential))
    }

    /// Whether a reference names any principal of this credential.
    pub fn grant_names(&self, reference: &str, credential: &ExternalCredential) -> bool {
        let Some((name, principal)) = split_principal(reference) else { return false };
        same_name(name, credential.name())
            && find_named(&self.external_credentials, name)
                .is_some_and(|found| found.name() == credential.name())
            && credential
                .principals()
                .any(|candidate| same_principal(candidate.name.as_str(), principal))
    }

    /// The user of this name; usernames do not distinguish upper and lower case.
    pub fn user(&self, username: &str) -> Option<&User> {
        self.users
            .as_ref()?
            .iter()
            .find(|user| user.username.as_str().eq_ignore_ascii_case(username))
    }

    /// The organization id in 15 characters: described, or told by every external client app that is bound to an org.
    pub fn organization_id(&self) -> Option<(&str, Span)> {
        if let Some(id) = &self.org_id {
            return id.known().and_then(short).map(|short| (short, id.span));
        }
        let links: Vec<&Text> = self
            .apps
            .iter()
            .flat_map(|app| &app.records)
            .filter_map(|record| {
                record.get("orgScopedExternalApp").or_else(|| record.get("oauthLink"))
            })
            .collect();
        let ids: Vec<(&str, Span)> = links
            .into_iter()
            .filter_map(|link| {
                link.known()?.split(':').next().and_then(short).map(|id| (id, link.span))
            })
            .collect();
        let first = ids.first().copied()?;
        ids.iter().all(|(id, _)| *id == first.0).then_some(first)
    }

    /// Whether a permission set that an app approves is in the files. `None` where nobody can tell: ids, placeholders,
    /// other namespaces, files that hold no permission sets, or one whose label is not known.
    pub fn approves_permission_set(&self, app: &App, listed: &Text) -> Option<bool> {
        let name =
            listed.known().filter(|name| !self.is_foreign(name) && !is_record_id(name, "0PS"))?;
        let labelled = |label: &Option<Text>| {
            label.as_ref().is_some_and(|label| label.as_str().eq_ignore_ascii_case(name))
        };
        let by_label = || {
            self.permission_sets.iter().any(|set| labelled(&set.label))
                || self.groups.iter().any(|group| labelled(&group.label))
        };
        if find_named(&self.permission_sets, name).is_some()
            || find_named(&self.groups, name).is_some()
            || (app.lists_labels() && by_label())
        {
            return Some(true);
        }
        let unlabelled =
            app.lists_labels() && self.permission_sets.iter().any(|set| set.label.is_none());
        (!self.permission_sets.is_empty() && !unlabelled).then_some(false)
    }

    /// Whether a profile that an app approves is in the files. `None` where nobody can tell: standard profiles, ids,
    /// placeholders, and names that are like no custom profile of the files.
    pub fn approves_profile(&self, listed: &Text) -> Option<bool> {
        let name = listed
            .known()
            .filter(|name| !is_standard_profile(name) && !is_record_id(name, "00e"))?;
        let folded = name.to_lowercase();
        if self.profiles.iter().any(|profile| profile.name().to_lowercase() == folded) {
            return Some(true);
        }
        // A renamed profile keeps its old name in apps, so only a name that is nearly right is surely wrong.
        let custom = self
            .profiles
            .iter()
            .filter(|profile| profile.custom && !is_standard_profile(profile.name()))
            .map(Named::name);
        nearest(name, custom).map(|_| false)
    }

    /// Carries the prefix of a namespace that is not this org's own.
    pub fn is_foreign(&self, name: &str) -> bool {
        let prefix =
            name.strip_suffix(without_namespace(name)).and_then(|prefix| prefix.strip_suffix("__"));
        prefix.is_some_and(|prefix| {
            !self.namespace.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(prefix))
        })
    }

    /// The settings file of that name, as `ConnectedApp`.
    pub fn settings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(move |record| record.component.type_name == "Settings" && record.name() == name)
    }

    /// A place that stands for the org: where its My Domain is written.
    pub fn place(&self) -> Option<Span> {
        self.my_domain.as_ref().map(|host| host.span)
    }
}

/// The 15 characters that 15 and 18 share.
fn short(id: &str) -> Option<&str> {
    id.get(..15).filter(|short| {
        short.starts_with("00D")
            && matches!(id.len(), 15 | 18)
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_record_id(text: &str, prefix: &str) -> bool {
    text.starts_with(prefix)
        && matches!(text.len(), 15 | 18)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Principal names are compared without regard to case and to the blanks around them.
pub fn same_principal(left: &str, right: &str) -> bool {
    left.trim().eq_ignore_ascii_case(right.trim())
}
