//! One org: its components in the files, and queries for rules.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;

use super::apex::ApexUnit;
use super::app::{App, PermittedUsers};
use super::callout::{Callout, MergeField};
use super::certificate::Certificate;
use super::component::{Named, Record, without_namespace};
use super::components::{Components, find_named};
use super::external_credential::{
    ExternalCredential, ParameterType, Principal, credential_merge_fields,
};
use super::flow::Flow;
use super::host::{Environment, Host};
use super::index::{Lists, OrgIndex};
use super::named_credential::{NamedCredential, NamedCredentialModel};
use super::permissions::{
    Grant, MutingPermissionSet, PermissionSet, PermissionSetGroup, Profile, fold_label,
    fold_principal, label_matches, split_principal,
};
use super::profile_name::{fold_profile, is_standard_profile, same_profile, standard_file_name};
use super::provider::{IDENTITY_PROVIDER, Provider};
use super::record_id::RecordId;
use super::secret_name::is_secret_header;
use super::user::{User, Username, fold_username};
use crate::nearest::Suggestions;
use crate::source::{FileId, Located, Span, Text};

/// The `kind` of an org in a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrgKind {
    Production,
    Developer,
    Sandbox,
    Scratch,
    Trailhead,
}

/// Longer prefixes of a string are not looked up as the name of a credential.
const MAX_NAME_BYTES: usize = 200;
/// The maximum number of apps to compare an issuer with, because the edit distance is expensive to compute.
const MAX_COMPARED_APPS: usize = 50;

/// The apps of an org that use OAuth.
#[derive(Clone, Debug, Default)]
pub(crate) struct OauthApps {
    /// Whether the files contain any.
    pub listed: bool,
    /// Whether the consumer key of at least one is unknown.
    pub has_unknown_key: bool,
    /// The positions of the first of those with OAuth settings, and whether the keys of all of those are known.
    pub configured: Vec<usize>,
    pub all_keys_known: bool,
}

/// One org.
#[derive(Clone, Debug, Default)]
pub struct Org {
    pub name: String,
    /// The folder of its files, unless a description names the org.
    pub folder: Option<std::path::PathBuf>,
    pub kind: Option<OrgKind>,
    /// The My Domain, from the description or from `sfdcLoginUrl`.
    pub my_domain: Option<Located<Host>>,
    /// The organization ID from the description.
    pub org_id: Option<Text>,
    pub namespace: Option<String>,
    /// `sourceApiVersion` of the project, as a whole number.
    pub api_version: Option<u32>,
    pub external_credentials: Components<ExternalCredential>,
    pub named_credentials: Components<NamedCredential>,
    pub apps: Components<App>,
    pub permission_sets: Components<PermissionSet>,
    pub groups: Components<PermissionSetGroup>,
    pub muting: Components<MutingPermissionSet>,
    pub profiles: Components<Profile>,
    pub certificates: Components<Certificate>,
    /// Auth providers, remote sites, settings and the other types that are kept as lists of fields.
    pub records: Components<Record>,
    pub callouts: Vec<Callout>,
    pub merge_fields: Vec<MergeField>,
    /// Some Apex builds the name of a named credential at run time, so its callout target is unknown.
    pub callouts_unseen: bool,
    pub apex: Vec<ApexUnit>,
    pub callouts_run_as: Vec<Text>,
    /// `None` if neither a description nor an export lists the users.
    pub users: Option<Vec<User>>,
    /// Users that the org does not have, as a description says.
    pub missing_users: Vec<Text>,
    /// Whether `users` lists only some users, so that nothing is known about others.
    pub other_users_unknown: bool,
    /// Whether an export of all permission set assignments was given.
    pub assignments_known: bool,
    pub files: Vec<FileId>,
    /// Built on first use, which must be after the org is complete.
    pub(crate) index: OnceLock<OrgIndex>,
    pub(crate) oauth_apps: OnceLock<OauthApps>,
}

impl Org {
    pub(crate) fn index(&self) -> &OrgIndex {
        self.index.get_or_init(|| {
            OrgIndex::new(&Lists {
                external: &self.external_credentials,
                named: &self.named_credentials,
                sets: &self.permission_sets,
                groups: &self.groups,
                profiles: &self.profiles,
                records: &self.records,
                callouts: &self.callouts,
                users: self.users.as_deref().unwrap_or_default(),
            })
        })
    }

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
        let position = self.external_credentials.exact(credential.name());
        let named = position.and_then(|position| self.index().named_of.get(&position));
        named.into_iter().flatten().map(|&named| &self.named_credentials[named])
    }

    pub fn certificate(&self, reference: &str) -> Option<&Certificate> {
        find_named(&self.certificates, reference)
    }

    /// The permission sets that grant a principal of a credential, with the grants that are enabled.
    pub fn grants_of<'a>(
        &'a self,
        credential: &'a ExternalCredential,
    ) -> impl Iterator<Item = (&'a PermissionSet, &'a Grant)> {
        let position = self.external_credentials.exact(credential.name());
        let grants = position.and_then(|position| self.index().grants_of.get(&position));
        grants
            .into_iter()
            .flatten()
            .map(|&(set, grant)| {
                let set = &self.permission_sets[set];
                (set, &set.grants[grant])
            })
            .filter(move |(_, grant)| self.grant_names(grant.reference.as_str(), credential))
    }

    /// Whether a reference names any principal of this credential.
    pub fn grant_names(&self, reference: &str, credential: &ExternalCredential) -> bool {
        let Some((name, principal)) = split_principal(reference) else { return false };
        let found = find_named(&self.external_credentials, name);
        found.is_some_and(|found| found.name() == credential.name())
            && self.principal(credential, principal).is_some()
    }

    /// The principal with this name.
    pub fn principal<'a>(
        &'a self,
        credential: &'a ExternalCredential,
        name: &str,
    ) -> Option<Principal<'a>> {
        let folded = fold_principal(name);
        match self.external_credentials.element_offset(credential) {
            Some(position) => {
                let at = *self.index().principals.get(&(position, folded))?;
                let parameter = &credential.parameters[at];
                parameter.name.as_ref().map(|name| Principal { name, parameter })
            }
            None => credential
                .principals()
                .find(|candidate| fold_principal(candidate.name.as_str()) == folded),
        }
    }

    /// The user with this name; usernames are case-insensitive.
    pub fn user(&self, username: &str) -> Option<&User> {
        let position = self.index().users.get(&fold_username(username))?;
        self.users.as_ref()?.get(*position)
    }

    /// The organization ID: from the description, or from the external client apps if all that are bound to an org
    /// agree.
    pub fn organization_id(&self) -> Option<(&str, Span)> {
        let short = |text| RecordId::organization(text).map(RecordId::short);
        if let Some(id) = &self.org_id {
            return id.known().and_then(short).map(|short| (short, id.span));
        }
        let links = self.apps.iter().flat_map(|app| &app.records).filter_map(|record| {
            record.get("orgScopedExternalApp").or_else(|| record.get("oauthLink"))
        });
        let mut ids = links.filter_map(|link| {
            link.known()?.split(':').next().and_then(short).map(|id| (id, link.span))
        });
        let first = ids.next()?;
        ids.all(|(id, _)| id == first.0).then_some(first)
    }

    /// Whether a permission set that an app approves is in the files. `None` if that is unknown: for IDs, placeholders
    /// and other namespaces, and if the files contain no permission set, or one whose label is unknown.
    pub fn approves_permission_set(&self, app: &App, listed: &Text) -> Option<bool> {
        let name = listed.known().filter(|name| {
            !self.is_foreign(name) && RecordId::parse(name, RecordId::PERMISSION_SET).is_none()
        })?;
        let by_label = || {
            let labels = &self.index().labels;
            labels.contains(&name.to_ascii_lowercase())
        };
        if find_named(&self.permission_sets, name).is_some()
            || find_named(&self.groups, name).is_some()
            || (app.lists_labels() && by_label())
        {
            return Some(true);
        }
        let unlabelled = app.lists_labels() && self.index().has_set_without_label;
        (!self.permission_sets.is_empty() && !unlabelled).then_some(false)
    }

    /// Whether a profile that an app approves is in the files. `None` if that is unknown: standard profiles, IDs,
    /// placeholders, and names that are not similar to a custom profile in the files. `custom` are the suggestions for
    /// the names of custom profiles of this org.
    pub fn approves_profile<'a>(
        &'a self,
        listed: &Text,
        custom: &mut Suggestions<'a>,
    ) -> Option<bool> {
        let name = listed.known().filter(|name| {
            !is_standard_profile(name) && RecordId::parse(name, RecordId::PROFILE).is_none()
        })?;
        if self.index().profile_names.contains(&name.to_lowercase()) {
            return Some(true);
        }
        // A renamed profile keeps its old name in apps, so only a misspelled name is certainly wrong.
        let names = self
            .profiles
            .iter()
            .filter(|profile| profile.custom && !is_standard_profile(profile.name()))
            .map(Named::name);
        custom.nearest(name, names).map(|_| false)
    }

    /// Whether a name has the prefix of a namespace other than this org's own.
    pub fn is_foreign(&self, name: &str) -> bool {
        let prefix =
            name.strip_suffix(without_namespace(name)).and_then(|prefix| prefix.strip_suffix("__"));
        prefix.is_some_and(|prefix| {
            !self.namespace.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(prefix))
        })
    }

    /// The settings files with this name, such as `ConnectedApp`.
    pub fn settings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Record> {
        let positions = self.index().settings.get(name);
        positions.into_iter().flatten().map(|&position| &self.records[position])
    }

    /// Facts about the apps of the org that use OAuth.
    pub(crate) fn oauth_apps(&self) -> &OauthApps {
        self.oauth_apps.get_or_init(|| {
            let mut found = OauthApps { all_keys_known: true, ..OauthApps::default() };
            for (position, app) in self.apps.iter().enumerate() {
                if app.takes_oauth() {
                    found.listed = true;
                    found.has_unknown_key |= app.key_is_unknown();
                }
                if app.oauth.is_some() {
                    found.all_keys_known &= app.key().is_some();
                    if found.configured.len() < MAX_COMPARED_APPS {
                        found.configured.push(position);
                    }
                }
            }
            found
        })
    }

    /// Whether the files identify the org.
    pub fn is_described(&self) -> bool {
        self.kind.is_some() || self.my_domain.is_some()
    }

    /// A place that represents the org in findings: its My Domain.
    pub fn place(&self) -> Option<Span> {
        self.my_domain.as_ref().map(|host| host.span)
    }

    /// The environment by the described kind, else by the My Domain.
    pub fn environment(&self) -> Environment {
        match self.kind {
            Some(OrgKind::Production | OrgKind::Developer) => Environment::Production,
            Some(OrgKind::Sandbox | OrgKind::Scratch) => Environment::Test,
            Some(OrgKind::Trailhead) => Environment::Unknown,
            None => self.my_domain.as_ref().map_or(Environment::Unknown, |host| host.environment()),
        }
    }

    /// The active users who have a permission set, directly or through a group; some more than once.
    pub fn holders<'a>(&'a self, set: &'a PermissionSet) -> impl Iterator<Item = &'a Text> {
        let groups = self.groups_of(set).filter_map(|group| group.assigned_to.as_ref());
        let by_name = self.permission_sets.exact(set.name());
        let listing = by_name.into_iter().flat_map(|set| self.index().users_listing(set));
        let users = self.users.as_deref().unwrap_or_default();
        let listing = listing.map(|position| &users[position].username);
        set.assigned_to
            .iter()
            .chain(groups)
            .flatten()
            .chain(listing)
            .filter(|name| self.is_active(name.as_str()))
    }

    /// Whether a permission set is assigned to an active user, directly or through a group; `None` if the files do not list
    /// assignments.
    pub fn is_held(&self, set: &PermissionSet) -> Option<bool> {
        let by_name = self.permission_sets.exact(set.name());
        let held = by_name.and_then(|set| self.index().is_held(set));
        let known = self.assignments_known
            || held.is_some()
            || set.assigned_to.is_some()
            || self.groups_of(set).any(|group| group.assigned_to.is_some());
        let directly =
            || set.assigned_to.iter().flatten().any(|name| self.is_active(name.as_str()));
        known.then(|| held == Some(true) || directly())
    }

    /// The active users, by [`fold_username`], who have any of some permission sets.
    pub fn holders_of_any<'a>(
        &self,
        sets: impl IntoIterator<Item = &'a PermissionSet>,
    ) -> HashSet<String> {
        let sets =
            sets.into_iter().filter_map(|set| Some((set, self.permission_sets.exact(set.name())?)));
        let users = self.users.as_deref().unwrap_or_default();
        let mut found = self.index().users_of(sets, &self.groups, users);
        found.retain(|name| self.is_active(name));
        found
    }

    /// The positions of the permission sets that any of some users has and is active.
    pub fn permission_sets_of_any<'a>(
        &self,
        usernames: impl IntoIterator<Item = &'a str>,
    ) -> BTreeSet<usize> {
        let active = usernames.into_iter().filter(|name| self.is_active(name));
        self.index().sets_of(active, &self.groups, &self.permission_sets)
    }

    /// Whether a user is active; assumed for users that are not described.
    fn is_active(&self, username: &str) -> bool {
        self.user(username).is_none_or(|user| user.active)
    }

    /// The groups that contain a permission set.
    pub fn groups_of<'a>(
        &'a self,
        set: &PermissionSet,
    ) -> impl Iterator<Item = &'a PermissionSetGroup> {
        let position = self.permission_sets.exact(set.name());
        let groups = position.and_then(|position| self.index().groups_of.get(&position));
        groups.into_iter().flatten().map(|&group| &self.groups[group])
    }

    /// The external credential that a named credential uses, if it is in the files.
    pub fn external_of(&self, named: &NamedCredential) -> Option<&ExternalCredential> {
        find_named(&self.external_credentials, named.external_credential.as_ref()?.known()?)
    }

    /// How a named credential authenticates.
    pub fn flow_of(&self, named: &NamedCredential) -> Flow {
        named.legacy_flow().unwrap_or_else(|| {
            self.external_of(named)
                .map_or(Flow::Unknown, |external| self.flow_of_external(external))
        })
    }

    /// How an external credential authenticates. Its external auth identity provider decides between the authorization
    /// code and the client credentials flow.
    pub fn flow_of_external(&self, external: &ExternalCredential) -> Flow {
        let flow = external.flow();
        if flow != Flow::AuthorizationCodeIdentityProvider {
            return flow;
        }
        let provider = self.provider_position(IDENTITY_PROVIDER, external.identity_provider());
        provider.map_or(flow, |position| {
            Provider::new(&self.records[position]).identity_provider_flow()
        })
    }

    /// The position in the records of the auth provider or external auth identity provider that a reference names.
    pub(crate) fn provider_position(
        &self,
        type_name: &'static str,
        reference: Option<&Text>,
    ) -> Option<usize> {
        let name = without_namespace(reference?.known()?).to_ascii_lowercase();
        self.index().records_by_name.get(&(type_name, name)).copied()
    }

    /// The Apex of this org that calls a named credential.
    pub fn callouts_of<'a>(
        &'a self,
        named: &'a NamedCredential,
    ) -> impl Iterator<Item = &'a Callout> {
        let position = self.named_credentials.element_offset(named);
        let callouts = position.and_then(|position| self.index().callouts_of.get(&position));
        callouts.into_iter().flatten().map(|&callout| &self.callouts[callout])
    }

    /// Whether a name after `callout:` refers to this named credential.
    pub fn calls(&self, name: &str, named: &NamedCredential) -> bool {
        find_named(&self.named_credentials, name).is_some_and(|found| std::ptr::eq(found, named))
    }

    /// The place of the setting that makes a named credential generate the `Authorization` header; `None` if it
    /// generates none, or if that is unknown.
    pub fn generates_authorization(&self, named: &NamedCredential) -> Option<Span> {
        if named.generate_authorization_header.as_ref().is_some_and(|flag| !flag.is_true()) {
            return None;
        }
        match named.model {
            NamedCredentialModel::Secured => {
                let reference = named.external_credential.as_ref()?;
                let external = find_named(&self.external_credentials, reference.known()?)?;
                let has_own_header = || {
                    external.parameters_of(ParameterType::AuthHeader).any(|header| {
                        header
                            .name
                            .as_ref()
                            .is_some_and(|name| name.as_str().eq_ignore_ascii_case("Authorization"))
                    })
                };
                let flow = external.flow();
                let by_flow = flow.generates_authorization()
                    || matches!(flow, Flow::Custom | Flow::NoAuthentication) && has_own_header();
                by_flow.then_some(external.component.place)
            }
            NamedCredentialModel::Legacy => {
                let protocol = named.protocol.as_ref()?;
                let anonymous =
                    named.principal_type.as_ref().and_then(Text::known) == Some("Anonymous");
                (!anonymous
                    && matches!(
                        protocol.known()?,
                        "Oauth" | "Password" | "Jwt" | "JwtExchange" | "AwsSv4"
                    ))
                .then_some(protocol.span)
            }
            NamedCredentialModel::Other => None,
        }
    }

    /// Whether callouts of a named credential certainly send a credential: in the generated header, in a custom header, or
    /// in a merge field that Apex uses.
    pub fn sends_credential(&self, named: &NamedCredential) -> bool {
        let is_secret = |name: Option<&Text>, value: Option<&Text>| {
            let is_formula = value.is_some_and(|value| !credential_merge_fields(value).is_empty());
            is_formula || name.is_some_and(|name| is_secret_header(name.as_str()))
        };
        let external = self.external_of(named);
        let mut own = named.headers.iter();
        let mut of_external = external
            .into_iter()
            .flat_map(|external| external.parameters_of(ParameterType::AuthHeader));
        self.generates_authorization(named).is_some()
            || own.any(|header| is_secret(header.name.as_ref(), header.value.as_ref()))
            || of_external.any(|header| is_secret(header.name.as_ref(), header.value.as_ref()))
            || self
                .merge_fields
                .iter()
                .any(|field| field.named.as_deref().is_some_and(|name| self.calls(name, named)))
    }

    /// The permission sets of a group that are in the files.
    pub fn members_of<'a>(
        &'a self,
        group: &'a PermissionSetGroup,
    ) -> impl Iterator<Item = &'a PermissionSet> {
        group.members.iter().filter_map(|member| find_named(&self.permission_sets, member.as_str()))
    }

    /// Whether a permission set is assigned to a user, directly or through a group; `None` if the files do not show it.
    pub fn has_permission_set(&self, username: &str, set: &PermissionSet) -> Option<bool> {
        if self.is_assigned(username, set) && self.is_active(username) {
            return Some(true);
        }
        (self.lists_all_sets_of(username) || self.lists_all_users_of(set)).then_some(false)
    }

    /// Whether a user has no other permission sets than the files say.
    pub fn lists_all_sets_of(&self, username: &str) -> bool {
        self.assignments_known
            || self.user(username).is_some_and(|user| user.permission_sets.is_some())
    }

    /// Whether no other users have a permission set than the files say.
    pub fn lists_all_users_of(&self, set: &PermissionSet) -> bool {
        let mut groups = self.groups_of(set).peekable();
        let listed = set.assigned_to.is_some() || groups.peek().is_some();
        listed && groups.all(|group| group.assigned_to.is_some())
    }

    fn is_assigned(&self, username: &str, set: &PermissionSet) -> bool {
        let by_name = self.permission_sets.exact(set.name());
        let own = self.permission_sets.element_offset(set).or(by_name);
        own.zip(by_name)
            .is_some_and(|(own, by_name)| self.index().is_assigned(username, own, by_name))
    }

    /// The permission sets of a user, and whether all of them are known and in the files.
    pub fn permission_sets_of(&self, username: &str) -> (Vec<&PermissionSet>, bool) {
        let sets: Vec<&PermissionSet> = self
            .index()
            .sets_of([username], &self.groups, &self.permission_sets)
            .into_iter()
            .filter(|_| self.is_active(username))
            .map(|set| &self.permission_sets[set])
            .collect();
        let named = self.user(username).and_then(|user| user.permission_sets.as_ref());
        let found = |name: &Text| match find_named(&self.groups, name.as_str()) {
            Some(group) => group
                .members
                .iter()
                .all(|member| find_named(&self.permission_sets, member.as_str()).is_some()),
            None => find_named(&self.permission_sets, name.as_str()).is_some(),
        };
        let complete = named.is_some_and(|names| names.iter().all(found))
            && sets.iter().all(|set| !set.described_only);
        (sets, complete)
    }

    /// The profile that Setup shows under this label.
    pub fn profile(&self, label: &str) -> Option<&Profile> {
        find_named(&self.profiles, label)
            .or_else(|| find_named(&self.profiles, standard_file_name(label)?))
    }

    /// The principal that a reference names, if its external credential is in the files.
    pub fn granted_principal(
        &self,
        reference: &str,
    ) -> Option<(&ExternalCredential, Principal<'_>)> {
        let (name, principal) = split_principal(reference)?;
        let credential = find_named(&self.external_credentials, name)?;
        self.principal(credential, principal).map(|found| (credential, found))
    }

    /// Corrects a malformed reference: a credential and its principal without exactly one hyphen between them, or only
    /// one of the two if it is unambiguous.
    pub fn intended_by(&self, typed: &str) -> Option<String> {
        let typed = typed.trim();
        // Where the name ends of each credential that the string begins with, with or without a namespace before it.
        let mut names: BTreeMap<usize, usize> = BTreeMap::new();
        for start in std::iter::once(0).chain(typed.find("__").map(|at| at + 2)) {
            for end in start + 1..=typed.len().min(start + MAX_NAME_BYTES) {
                let name = typed.get(start..end);
                let position = name.and_then(|name| self.external_credentials.ignoring_case(name));
                if let Some(position) = position {
                    names.entry(position).or_insert(end);
                }
            }
        }
        names
            .into_iter()
            .find_map(|(credential, end)| self.reference_meant_by(credential, typed.split_at(end)))
            .or_else(|| if typed.contains('-') { None } else { self.reference_from_part(typed) })
    }

    /// Corrects a malformed reference such as `Spoke_Org.Principal`, `Spoke_Org - Principal` or
    /// `ns__Spoke_OrgPrincipal`: the names of the credential and of a principal, separated by something other than
    /// exactly one hyphen, and not by letters or digits.
    fn reference_meant_by(&self, credential: usize, (name, rest): (&str, &str)) -> Option<String> {
        let parameters = &self.external_credentials[credential].parameters;
        let marks = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
        (0..=marks)
            .filter_map(|at| rest.split_at_checked(at).filter(|(between, _)| *between != "-"))
            .filter_map(|(_, end)| {
                let at = self.index().principals.get(&(credential, fold_principal(end)))?;
                let principal = parameters[*at].name.as_ref()?.known()?;
                end.eq_ignore_ascii_case(principal).then(|| (*at, format!("{name}-{principal}")))
            })
            .min()
            .map(|(_, reference)| reference)
    }

    fn reference_from_part(&self, typed: &str) -> Option<String> {
        if let Some(credential) = find_named(&self.external_credentials, typed) {
            let mut principals = credential.principals();
            return match (principals.next(), principals.next()) {
                (Some(one), None) => Some(format!("{typed}-{}", one.name)),
                _ => None,
            };
        }
        let [(credential, at)] =
            self.index().principals_by_name.get(&fold_principal(typed))?.as_slice()
        else {
            return None;
        };
        let credential = &self.external_credentials[*credential];
        let principal = credential.parameters[*at].name.as_ref()?;
        Some(format!("{}-{principal}", credential.name()))
    }

    /// The positions of the external credentials that a grant refers to, itself or by its principal, possibly misspelled.
    /// `similar` are the suggestions for the names of external credentials of this org.
    pub fn credentials_mentioned<'a>(
        &'a self,
        reference: &str,
        similar: &mut Suggestions<'a>,
    ) -> BTreeSet<usize> {
        let all = &self.external_credentials;
        let index = self.index();
        let called = |name: &str| {
            let positions = index.external_names.get(&name.to_ascii_lowercase());
            let name = name.to_owned();
            let positions = positions.into_iter().flatten().copied();
            positions.filter(move |&position| all[position].name() == name)
        };
        let (name, principal) = reference.split_once('-').unwrap_or((reference, reference));
        let named = all.position(name.trim());
        let mut found: BTreeSet<usize> = named.into_iter().collect();
        if let Some(granted) = split_principal(reference).and_then(|(name, _)| all.position(name)) {
            let same = called(all[granted].name());
            found.extend(same.filter(|&other| self.grant_names(reference, &all[other])));
        }
        let folded = reference.to_ascii_lowercase();
        let longest = (1..=folded.len().min(MAX_NAME_BYTES))
            .rev()
            .find_map(|end| index.external_names.get(folded.get(..end)?));
        found.extend(longest.into_iter().flatten());
        let near = similar.nearest(name.trim(), all.iter().map(Named::name));
        found.extend(near.into_iter().flat_map(called));
        if named.is_none() {
            let owners = index.principals_by_name.get(&fold_principal(principal));
            found.extend(owners.into_iter().flatten().map(|(credential, _)| *credential));
        }
        found
    }

    /// The external credentials that callouts use: those of the named credentials that Apex calls, or all if no Apex calls one.
    pub fn credentials_called(&self) -> Vec<&ExternalCredential> {
        let called: HashSet<&str> = self
            .callouts
            .iter()
            .filter_map(|callout| find_named(&self.named_credentials, callout.name.as_str()))
            .map(Named::name)
            .collect();
        let is_called =
            |named: &NamedCredential| called.is_empty() || called.contains(named.name());
        self.external_credentials
            .iter()
            .filter(|credential| self.users_of(credential).any(is_called))
            .collect()
    }

    /// The described users, if there are any.
    pub fn described_users(&self) -> Option<&[User]> {
        self.users.as_deref().filter(|users| !users.is_empty())
    }

    /// The place that says that the org has no user with this name, if there is one.
    pub fn lacks_user(&self, username: &str) -> Option<&Text> {
        if self.user(username).is_some() {
            return None;
        }
        let folded = fold_username(username);
        let missing = self.missing_users.iter().find(|name| fold_username(name.as_str()) == folded);
        let listed = || {
            let first = self.described_users()?.first()?;
            (!self.other_users_unknown).then_some(&first.username)
        };
        missing.or_else(listed)
    }

    /// Whether any permission set or group is assigned to the user.
    pub fn assigns(&self, username: &Username) -> bool {
        self.index().is_assignee(username.as_str())
    }

    /// Whether an app that requires approval accepts a user; `None` if that is unknown.
    pub fn approves(&self, app: &App, username: &Username) -> Option<bool> {
        if !matches!(app.permitted_users, PermittedUsers::AdminApproved(_))
            || !app.policies
            || (app.profiles.is_empty() && app.permission_sets.is_empty())
        {
            return None;
        }
        let user = self.user(username.as_str());
        if user.is_some_and(|user| !user.active) || self.lacks_user(username.as_str()).is_some() {
            return None;
        }
        let profile = user.and_then(|user| user.profile.as_ref()).and_then(Text::known);
        let by_profile =
            app.profiles.iter().map(|approved| self.is_profile(profile?, name_of(approved)?));
        let by_set = app
            .permission_sets
            .iter()
            .map(|approved| self.holds(app, user, username, name_of(approved)?));
        let answers: Vec<Option<bool>> = by_profile.chain(by_set).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        answers.iter().all(Option::is_some).then_some(false)
    }

    /// Whether a profile is the one that an app names. `None` if the files contain profiles, but not the one that the
    /// app names.
    fn is_profile(&self, profile: &str, approved: &str) -> Option<bool> {
        let same = same_profile(profile, approved)?;
        let found = is_standard_profile(approved)
            || self.profiles.is_empty()
            || self.index().profiles.contains(&fold_profile(approved));
        (same || found).then_some(same)
    }

    /// Whether a user has a permission set that an app names by label or by name.
    fn holds(
        &self,
        app: &App,
        user: Option<&User>,
        username: &Username,
        approved: &str,
    ) -> Option<bool> {
        let set = self.set_called(approved);
        let by_name = set.and_then(|set| self.permission_sets.exact(set.name()));
        let mut known = false;
        let mut unresolved = false;
        if let Some(names) = user.and_then(|user| user.permission_sets.as_ref()) {
            known = true;
            for name in names {
                let name = name.known()?;
                let held = self.set_called(name);
                let same = || held.zip(set).is_some_and(|(held, set)| held.name() == set.name());
                let group = self.groups.position(name);
                let in_group = || {
                    by_name
                        .zip(group)
                        .is_some_and(|(set, group)| self.index().is_member(set, group))
                };
                if label_matches(name, approved) || same() || in_group() {
                    return Some(true);
                }
                unresolved |= held.is_none() && group.is_none();
            }
        }
        if let Some(set) = set {
            if self.is_assigned(username.as_str(), set) {
                return Some(true);
            }
            known |= self.assignments_known
                || (set.assigned_to.is_some()
                    && self.groups_of(set).all(|group| group.assigned_to.is_some()));
        }
        // A connected app lists labels, and the label of a permission set that is not in the files is unknown.
        let unproven = set.is_none()
            && (!self.permission_sets.is_empty() || (unresolved && app.lists_labels()));
        (known && !unproven).then_some(false)
    }

    /// The first permission set with that label.
    pub fn permission_set_labeled(&self, label: &str) -> Option<&PermissionSet> {
        let position = self.index().set_labels.get(&label.to_ascii_lowercase());
        position.map(|&position| &self.permission_sets[position])
    }

    /// The permission set with that label, else with that name.
    pub fn set_called(&self, reference: &str) -> Option<&PermissionSet> {
        let index = self.index();
        let position = index
            .set_labels
            .get(&reference.to_ascii_lowercase())
            .copied()
            .or_else(|| self.permission_sets.position(reference))
            .or_else(|| index.unlabelled_sets.get(&fold_label(reference)).copied());
        position.map(|position| &self.permission_sets[position])
    }
}

/// A name or label; `None` for placeholders and record IDs.
fn name_of(text: &Text) -> Option<&str> {
    let prefixes = [RecordId::PERMISSION_SET, RecordId::PERMISSION_SET_GROUP, RecordId::PROFILE];
    text.known()
        .filter(|text| !prefixes.iter().any(|prefix| RecordId::parse(text, prefix).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ParameterType;
    use crate::model::{AppKind, Component, Parameter, Subject};
    use crate::source::{FileId, Span, Syntax};

    fn text(value: &str) -> Text {
        Text::at(value, Span::new(FileId(0), 0, value.len()), Syntax::Xml)
    }

    fn username(value: &str) -> Username {
        match Subject::parse(&text(value)) {
            Some(Subject::Username(username)) => username,
            other => panic!("{other:?}"),
        }
    }

    fn set(name: &str, label: &str) -> PermissionSet {
        let mut set =
            PermissionSet::new(Component::new("PermissionSet", name, Span::new(FileId(0), 0, 0)));
        set.label = Some(text(label));
        set
    }

    fn app(profiles: &[&str], sets: &[&str]) -> App {
        let place = Span::new(FileId(0), 0, 0);
        App {
            component: Component::new("ConnectedApp", "Hub_Org", place),
            kind: AppKind::ConnectedApp,
            label: None,
            oauth: Some(place),
            consumer_key: None,
            certificate: None,
            blocked: None,
            described: Vec::new(),
            callback: None,
            scopes: None,
            permitted_users: PermittedUsers::AdminApproved(place),
            profiles: profiles.iter().map(|name| text(name)).collect(),
            permission_sets: sets.iter().map(|name| text(name)).collect(),
            policies: true,
            records: vec![crate::model::Record {
                component: Component::new("ConnectedApp", "Hub_Org", place),
                fields: Vec::new(),
            }],
        }
    }

    fn org(profile: Option<&str>, sets: Option<&[&str]>) -> Org {
        let user = User {
            username: text("a@acme.com"),
            profile: profile.map(text),
            permission_sets: sets.map(|sets| sets.iter().map(|name| text(name)).collect()),
            active: true,
            api_enabled: None,
        };
        Org {
            users: Some(vec![user]),
            permission_sets: vec![set("Hub_Access_1", "Hub Access"), set("Other", "Other Set")]
                .into(),
            ..Org::default()
        }
    }

    fn approves(org: &Org, app: &App) -> Option<bool> {
        org.approves(app, &username("A@acme.com"))
    }

    #[test]
    fn a_permission_set_is_found_by_label_then_by_name() {
        let held = org(None, Some(&["Hub_Access_1"]));
        assert_eq!(approves(&held, &app(&[], &["Hub Access"])), Some(true));
        assert_eq!(approves(&held, &app(&[], &["Hub_Access_1"])), Some(true));
        assert_eq!(approves(&held, &app(&[], &["Other Set"])), Some(false));
    }

    #[test]
    fn a_profile_is_found_in_any_language() {
        assert_eq!(
            approves(&org(Some("System Administrator"), None), &app(&["Systemadministrator"], &[])),
            Some(true)
        );
        assert_eq!(
            approves(&org(Some("Integration"), None), &app(&["Systemadministrator"], &[])),
            Some(false)
        );
    }

    #[test]
    fn missing_facts_are_unknown() {
        assert_eq!(
            approves(&org(None, Some(&["Other"])), &app(&["Integration"], &["Hub Access"])),
            None
        );
        assert_eq!(
            approves(&org(Some("Integration"), None), &app(&["Sales"], &["Hub Access"])),
            None
        );
        assert_eq!(approves(&org(None, Some(&["Not_In_Files"])), &app(&[], &["A label"])), None);
        assert_eq!(approves(&org(None, Some(&["Other"])), &app(&[], &["Hub Acces"])), None);
        assert_eq!(
            approves(&org(None, Some(&["Other"])), &app(&[], &["0PS5g000000AbCdEAV"])),
            None
        );
        assert_eq!(approves(&org(None, Some(&["Other"])), &app(&[], &["${ACCESS}"])), None);
    }

    #[test]
    fn an_assignment_counts_as_well() {
        let answer = |assigned_to: Option<&str>| {
            let mut org = org(None, None);
            org.users = None;
            org.permission_sets.exact_mut("Hub_Access_1").unwrap().assigned_to =
                assigned_to.map(|name| vec![text(name)]);
            approves(&org, &app(&[], &["Hub Access"]))
        };
        assert_eq!(answer(Some("a@acme.com")), Some(true));
        assert_eq!(answer(Some("b@acme.com")), Some(false));
        assert_eq!(answer(None), None);
    }

    fn credentials_org(credentials: &[(&str, &[&str])]) -> Org {
        let place = Span::new(FileId(0), 0, 0);
        let parameter = |name: &str| Parameter {
            kind: ParameterType::NamedPrincipal,
            kind_text: None,
            name: Some(Text::at(name, place, Syntax::Xml)),
            value: None,
            group: None,
            sequence: None,
            certificate: None,
            auth_provider: None,
            identity_provider: None,
            permission_set: None,
            element: place,
        };
        let credential = |(name, principals): &(&str, &[&str])| ExternalCredential {
            component: Component::new("ExternalCredential", *name, place),
            label: None,
            protocol: None,
            described_flow: None,
            configured: Vec::new(),
            unconfigured: Vec::new(),
            parameters: principals.iter().map(|name| parameter(name)).collect(),
        };
        Org { external_credentials: credentials.iter().map(credential).collect(), ..Org::default() }
    }

    #[test]
    fn other_marks_than_a_hyphen_are_understood() {
        let org =
            credentials_org(&[("Spoke", &["Other"]), ("Spoke_Org", &["Principal", "S3-User"])]);
        for typed in [
            "Spoke_Org.Principal",
            "Spoke_Org - Principal",
            "Spoke_Org_Principal",
            "spoke_orgPrincipal",
            "Spoke_Org–Principal",
            "Spoke_Org--Principal",
        ] {
            assert_eq!(
                org.intended_by(typed).map(|text| text.to_lowercase()).as_deref(),
                Some("spoke_org-principal"),
                "{typed}"
            );
        }
        assert_eq!(
            org.intended_by("ns__Spoke_Org.S3-User").as_deref(),
            Some("ns__Spoke_Org-S3-User")
        );
        assert_eq!(org.intended_by("Other").as_deref(), Some("Spoke-Other"));
        assert_eq!(org.intended_by("Spoke").as_deref(), Some("Spoke-Other"));
        assert_eq!(org.intended_by("Spoke_Org"), None);
        assert_eq!(org.intended_by("Spoke_Org-Principal"), None);
        assert_eq!(org.intended_by("Spoke_Org-Else"), None);
    }

    #[test]
    fn a_grant_is_resolved_to_its_principal() {
        let org = credentials_org(&[("AWS", &["S3-User"])]);
        assert_eq!(
            org.granted_principal("ns__AWS-s3-user").map(|(credential, _)| credential.name()),
            Some("AWS")
        );
        assert!(org.granted_principal("AWS-User").is_none());
    }

    #[test]
    fn the_legacy_protocol_determines_the_flow() {
        let place = Span::new(FileId(0), 0, 0);
        let mut named = NamedCredential::new(
            Component::new("NamedCredential", "X", place),
            NamedCredentialModel::Legacy,
        );
        named.protocol = Some(Text::at("JwtExchange", place, Syntax::Xml));
        assert_eq!(Org::default().flow_of(&named), Flow::JwtBearer);
        named.protocol = Some(Text::at("${PROTOCOL}", place, Syntax::Xml));
        assert_eq!(Org::default().flow_of(&named), Flow::Unknown);
    }
}
