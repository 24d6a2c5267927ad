//! Plans how a legacy named credential becomes a named credential with an external credential, and a connected app an
//! external client app: what each element becomes, who calls it, which files are added, changed and removed. Pure: `cli` prints the plan, or writes the files.

mod app;
mod app_elements;
mod callers;
mod elements;
mod names;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

pub use app::{AppCaller, AppMigration, plan_apps, select_apps};
pub use app_elements::AppMapping;
pub use callers::{Caller, CallerKind, Merge};
pub use elements::Mapping;
pub use names::{Names, fault as name_fault};

use crate::autofix::edits::Change;
use crate::metadata_xml::{Element, callout_set, document, leaf, node, token_access};
use crate::model::{
    Named, NamedCredential, NamedCredentialModel, Org, OrgId, Workspace, find_named,
    same_component, without_namespace,
};
use crate::source::{FileId, Kind, Source, Sources, Span, Text};
use callers::CallerIndex;
use elements::{Counterparts, Legacy, Principal, Protocol, version_fault};

/// What to do besides adding the new files.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The name of the new named credential.
    pub name: Option<String>,
    /// Replace the file, so that the name stays the same.
    pub keep_name: bool,
    /// Make the callers call the new one.
    pub switch: bool,
    /// Remove the old file.
    pub remove: bool,
}

/// The state of one named credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Possible,
    /// Another named credential already replaces it.
    Added {
        successor: String,
    },
    /// It already uses the current model.
    Current,
    Refused {
        reason: String,
    },
}

/// A file to create.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub type_name: &'static str,
    pub name: String,
    pub path: PathBuf,
    pub text: String,
}

/// The files that change.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    pub created: Vec<NewFile>,
    pub changes: Vec<Change>,
    /// Files with a new text.
    pub rewritten: Vec<(FileId, String)>,
    pub removed: Vec<FileId>,
}

/// What behaves differently afterwards, and where it matters.
#[derive(Clone, Debug)]
pub struct Difference {
    pub text: String,
    pub places: Vec<Span>,
}

/// The plan for one named credential.
#[derive(Debug)]
pub struct Migration<'a> {
    pub credential: &'a NamedCredential,
    pub org: &'a Org,
    pub state: State,
    /// The names of the new components; `None` if it cannot be migrated.
    pub names: Option<Names>,
    pub mappings: Vec<Mapping>,
    pub typed_again: &'static [&'static str],
    pub callers: Vec<Caller<'a>>,
    pub differences: Vec<Difference>,
    pub steps: Vec<String>,
    /// Why the old file is kept although its removal was requested.
    pub kept_because: Option<String>,
    pub edits: Edits,
}

/// The named credentials with one of these names, and those names that no credential has.
pub fn select<'a>(
    workspace: &'a Workspace,
    names: &[String],
    org: Option<&str>,
) -> (Vec<(OrgId, &'a NamedCredential)>, Vec<String>) {
    let orgs = || {
        let orgs = workspace.orgs.iter().enumerate();
        orgs.filter(|(_, other)| org.is_none_or(|name| other.name == name))
    };
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        let before = found.len();
        for (id, org) in orgs() {
            found.extend(find_named(&org.named_credentials, name).map(|named| (OrgId(id), named)));
        }
        if found.len() == before {
            unknown.push(name.clone());
        }
    }
    found.sort_by_key(|(id, named)| (*id, named.component.place));
    found.dedup_by_key(|(_, named)| named.component.place);
    (found, unknown)
}

/// All legacy named credentials.
pub fn legacy<'a>(
    workspace: &'a Workspace,
    org: Option<&str>,
) -> Vec<(OrgId, &'a NamedCredential)> {
    let orgs = workspace.orgs.iter().enumerate();
    orgs.filter(|(_, other)| org.is_none_or(|name| other.name == name))
        .flat_map(|(id, org)| org.named_credentials.iter().map(move |named| (OrgId(id), named)))
        .filter(|(_, named)| named.is_legacy())
        .collect()
}

/// Plans the migration of some named credentials.
pub fn plan<'a>(
    workspace: &'a Workspace,
    sources: &'a Sources,
    selected: &[(OrgId, &'a NamedCredential)],
    request: &Request,
) -> Vec<Migration<'a>> {
    let mut planners: HashMap<OrgId, Planner<'a>> = HashMap::new();
    selected
        .iter()
        .map(|&(id, named)| {
            planners
                .entry(id)
                .or_insert_with(|| Planner::new(workspace, sources, id, request.clone()))
                .migration(named)
        })
        .collect()
}

/// Plans the migrations of one org.
struct Planner<'a> {
    workspace: &'a Workspace,
    org: &'a Org,
    sources: &'a Sources,
    request: Request,
    callers: CallerIndex<'a>,
    /// Named credentials of the current model, by URL.
    current: HashMap<&'a str, Vec<&'a NamedCredential>>,
    /// The names that this run gives, in lower case and with their type.
    given: HashSet<(&'static str, String)>,
    /// The next number for each label of a permission set.
    labels: HashMap<String, usize>,
}

impl<'a> Planner<'a> {
    fn new(
        workspace: &'a Workspace,
        sources: &'a Sources,
        id: OrgId,
        request: Request,
    ) -> Planner<'a> {
        let org = workspace.org(id);
        let mut current: HashMap<&str, Vec<&NamedCredential>> = HashMap::new();
        for named in org.named_credentials.iter().filter(|named| {
            named.model != NamedCredentialModel::Legacy && named.external_credential.is_some()
        }) {
            let url = named.url.as_ref().and_then(Text::known);
            current.entry(url.unwrap_or_default()).or_default().push(named);
        }
        Planner {
            workspace,
            org,
            sources,
            request,
            callers: CallerIndex::new(workspace, id, sources),
            current,
            given: HashSet::new(),
            labels: HashMap::new(),
        }
    }

    fn migration(&mut self, named: &'a NamedCredential) -> Migration<'a> {
        let mut migration = Migration {
            credential: named,
            org: self.org,
            state: State::Possible,
            names: None,
            mappings: Vec::new(),
            typed_again: &[],
            callers: Vec::new(),
            differences: Vec::new(),
            steps: Vec::new(),
            kept_because: None,
            edits: Edits::default(),
        };
        if !named.is_legacy() {
            migration.state = State::Current;
            return migration;
        }
        migration.callers = self.callers.callers(named);
        if let Err(reason) = self.fill(named, &mut migration) {
            migration.state = State::Refused { reason };
            migration.names = None;
            migration.mappings.clear();
            migration.edits = Edits::default();
        }
        migration
    }

    /// # Errors
    /// Why the credential cannot be migrated.
    fn fill(
        &mut self,
        named: &'a NamedCredential,
        migration: &mut Migration<'a>,
    ) -> Result<(), String> {
        let file = named.component.place.file;
        let source = self.sources.get(file);
        self.refuse(named, source)?;
        let legacy = Legacy::read(named, self.sources.concealed(file))?;
        if let Some(fault) = version_fault(self.org, legacy.protocol) {
            return Err(fault);
        }
        let endpoint = legacy.endpoint()?;
        let successor = self.successor(named, endpoint);
        let names = match successor {
            Some(successor) => self.names_of(successor, &legacy),
            None => self.names(named, &legacy)?,
        };
        let counterparts = legacy.counterparts(&names)?;
        migration.typed_again = legacy.protocol.typed_again(legacy.principal);
        let (own, open) = self.callers.merge_fields(named, &migration.callers);
        let to_salesforce = self.workspace.is_salesforce_url(named);
        if to_salesforce && legacy.protocol == Protocol::Password {
            migration.differences.push(Difference {
                text: "Salesforce accepts no user name and password in a header: use OAuth 2.0 \
                       with the JWT bearer flow instead of moving this credential"
                    .to_owned(),
                places: vec![named.component.place],
            });
        }
        migration.differences.extend(differences(
            &legacy,
            &names,
            &own,
            &open,
            self.org.callouts_unseen,
            &self.request,
        ));
        migration.steps = steps(&legacy, &names, named, &self.request, migration);
        migration.mappings = counterparts.mappings.clone();
        match successor {
            Some(successor) => {
                migration.state = State::Added { successor: successor.name().to_owned() }
            }
            None => self.add(named, source, &legacy, &names, counterparts, migration)?,
        }
        self.move_callers(file, &names, &own, migration);
        migration.names = Some(names);
        Ok(())
    }

    /// Reasons that do not concern single elements.
    fn refuse(&self, named: &NamedCredential, source: &Source) -> Result<(), String> {
        let name = named.name();
        let reason = if source.kind != Kind::NamedCredential {
            "it is only in the description, without a metadata file"
        } else if source.ignored {
            "`.forceignore` excludes its file from deployments"
        } else if named.is_for_event_relay() {
            "it is the target of an event relay, which requires the legacy model"
        } else if named.is_generated() {
            "a Salesforce product created it and calls it by its name"
        } else if named.is_of_package || self.org.is_foreign(name) {
            "it belongs to a managed package, so only the vendor can migrate it"
        } else {
            return Ok(());
        };
        Err(reason.to_owned())
    }

    /// The named credential of the current model that replaces this one: it has the same URL, and a name that sfcred
    /// derives or the user gives.
    fn successor(&self, named: &NamedCredential, endpoint: &str) -> Option<&'a NamedCredential> {
        self.current.get(endpoint)?.iter().copied().find(|candidate| {
            let external = candidate.external_credential.as_ref().map(Text::as_str);
            self.request.name.as_deref().is_some_and(|name| same_component(name, candidate.name()))
                || names::derives(candidate.name(), named.name(), NAMED_SUFFIX)
                || external.is_some_and(|external| names::derives(external, named.name(), ""))
        })
    }

    /// The names of components that already exist.
    fn names_of(&self, successor: &NamedCredential, legacy: &Legacy<'_>) -> Names {
        let external = self.org.external_of(successor);
        let grants = external.and_then(|external| self.org.grants_of(external).next());
        let external = successor.external_credential.as_ref().map(Text::as_str);
        Names {
            named: successor.name().to_owned(),
            external: external.unwrap_or_default().to_owned(),
            principal: legacy.principal.name(),
            permission_set: grants.map(|(set, _)| set.name().to_owned()).unwrap_or_default(),
        }
    }

    /// # Errors
    /// A name that the user gives, if it is taken.
    fn names(&mut self, named: &NamedCredential, legacy: &Legacy<'_>) -> Result<Names, String> {
        let old = named.name();
        let org = self.org;
        let given = &self.given;
        let is_given =
            |kind: &'static str, name: &str| given.contains(&(kind, name.to_ascii_lowercase()));
        let named = match &self.request.name {
            _ if self.request.keep_name => old.to_owned(),
            Some(name) if names::is_named(org, name) || is_given(NAMED, name) => {
                return Err(format!("there already is a named credential `{name}`"));
            }
            Some(name) => name.clone(),
            None => names::unused(old, NAMED_SUFFIX, |name| {
                names::is_named(org, name) || is_given(NAMED, name)
            }),
        };
        let external = names::unused(old, "", |name| {
            names::is_external(org, name) || is_given(EXTERNAL, name)
        });
        let permission_set = names::unused(old, SET_SUFFIX, |name| {
            names::is_permission_set(org, name) || is_given(SET, name)
        });
        for (kind, name) in [(NAMED, &named), (EXTERNAL, &external), (SET, &permission_set)] {
            self.given.insert((kind, name.to_ascii_lowercase()));
        }
        Ok(Names { named, external, principal: legacy.principal.name(), permission_set })
    }

    /// Adds the new files.
    ///
    /// # Errors
    /// A placeholder in an option.
    fn add(
        &mut self,
        named: &NamedCredential,
        source: &Source,
        legacy: &Legacy<'_>,
        names: &Names,
        counterparts: Counterparts,
        migration: &mut Migration<'a>,
    ) -> Result<(), String> {
        let label = legacy.label();
        let (protocol, _) = legacy.protocol.replacement();
        let mut external = vec![leaf("authenticationProtocol", protocol)];
        external.extend(counterparts.external);
        external.push(leaf("label", label));
        let options = legacy.options()?;
        let mut current: Vec<_> =
            options.into_iter().map(|(element, value)| leaf(element, value)).collect();
        current.push(leaf("label", label));
        current.extend(counterparts.named);
        let namespaces: BTreeSet<&str> =
            migration.callers.iter().filter_map(|caller| caller.namespace).collect();
        for namespace in namespaces {
            current.push(node(
                "namedCredentialParameters",
                vec![
                    leaf("parameterName", &format!("AllowedNamespace_{namespace}")),
                    leaf("parameterType", "AllowedManagedPackageNamespaces"),
                    leaf("parameterValue", namespace),
                ],
            ));
        }
        let kind = if legacy.is_private() { "PrivateEndpoint" } else { "SecuredEndpoint" };
        current.push(leaf("namedCredentialType", kind));
        let set_label = self.set_label(label);
        let files = [
            (EXTERNAL, "externalCredentials", "externalCredential", &names.external, external),
            (NAMED, "namedCredentials", "namedCredential", &names.named, current),
            (
                SET,
                "permissionsets",
                "permissionset",
                &names.permission_set,
                permission_set(legacy, names, &set_label),
            ),
        ];
        let windows = source.text().contains("\r\n");
        for (type_name, folder, suffix, name, elements) in files {
            let mut text = document(node(type_name, elements));
            if windows {
                text = text.replace('\n', "\r\n");
            }
            if type_name == NAMED && self.request.keep_name {
                migration.edits.rewritten.push((named.component.place.file, text));
                continue;
            }
            let path = beside(source, "namedCredentials", folder, name, suffix);
            migration.edits.created.push(NewFile { type_name, name: name.clone(), path, text });
        }
        Ok(())
    }

    fn set_label(&mut self, label: &str) -> String {
        let next = self.labels.entry(names::short_label(label).to_lowercase()).or_insert(1);
        let (found, number) = names::unused_label(self.org, label, "Access", *next);
        *next = number;
        found
    }

    /// Changes callers and removes the old file, as far as that was requested.
    fn move_callers(
        &self,
        file: FileId,
        names: &Names,
        merges: &[Merge],
        migration: &mut Migration<'a>,
    ) {
        if self.request.keep_name {
            // The file stays, but the merge fields have to name the external credential.
            migration.edits.changes = if self.request.switch {
                merges.iter().filter_map(|merge| merge.switch(&names.external)).collect()
            } else {
                Vec::new()
            };
            return;
        }
        if self.request.switch {
            let callers = migration.callers.iter();
            let calls = callers.filter_map(|caller| caller.switch(&names.named, self.sources));
            let merges = merges.iter().filter_map(|merge| merge.switch(&names.external));
            migration.edits.changes = calls.chain(merges).collect();
            migration.edits.changes.sort_by_key(|change| change.span);
            migration.edits.changes.dedup();
        }
        if !self.request.remove {
            return;
        }
        let remaining = migration
            .callers
            .iter()
            .find(|caller| !self.request.switch || caller.obstacle().is_some());
        match remaining {
            None => migration.edits.removed.push(file),
            Some(caller) => {
                let hint = if self.request.switch { "" } else { "; add `--switch`" };
                migration.kept_because = Some(format!(
                    "the {} `{}` still calls it{hint}",
                    caller.kind.noun(),
                    caller.name
                ));
            }
        }
    }
}

const NAMED: &str = "NamedCredential";
const EXTERNAL: &str = "ExternalCredential";
const SET: &str = "PermissionSet";
/// The end of the default name of a named credential.
const NAMED_SUFFIX: &str = "_V2";
const SET_SUFFIX: &str = "_Access";

/// A file in the same package directory as one whose type has the folder `own`: in the folder of its type, or next to the old file if that is not in one.
fn beside(source: &Source, own: &str, folder: &str, name: &str, suffix: &str) -> PathBuf {
    let parent = source.path.parent().unwrap_or(Path::new(""));
    let in_its_folder = parent.file_name().is_some_and(|name| name == own);
    let folder = match parent.parent() {
        Some(above) if in_its_folder => above.join(folder),
        _ => parent.to_owned(),
    };
    let ending = if source.file_name().ends_with("-meta.xml") { "-meta.xml" } else { "" };
    folder.join(format!("{name}.{suffix}{ending}"))
}

/// The permission set that grants the principal.
fn permission_set(legacy: &Legacy<'_>, names: &Names, label: &str) -> Vec<Element> {
    let principal = format!("{}-{}", names.external, names.principal);
    let access = legacy
        .protocol
        .keeps_tokens()
        .then(|| token_access(true, legacy.principal != Principal::PerUser));
    callout_set(&principal, label, access)
}

/// What behaves differently afterwards.
fn differences(
    legacy: &Legacy<'_>,
    names: &Names,
    own: &[Merge],
    open: &[Merge],
    unseen: bool,
    request: &Request,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |text: String, places: Vec<Span>| found.push(Difference { text, places });
    add(
        "every user whose code makes the callout needs access to the principal: integration users, \
         the Automated Process user (its permission sets are assigned through the API), and guest \
         users (in addition, access to *User External Credentials*)"
            .to_owned(),
        Vec::new(),
    );
    if legacy.principal == Principal::PerUser {
        add(
            "the users who had *Named Credential Access* to the legacy credential are not in \
             metadata: look them up in Setup, and assign the permission set to them"
                .to_owned(),
            Vec::new(),
        );
    }
    if legacy.protocol.signs() {
        add(
            "the JWT header contains `kid`, and the org does not publish the public key at \
             `/id/keys`"
                .to_owned(),
            Vec::new(),
        );
    }
    if legacy.protocol == Protocol::Oauth {
        add(
            "tokens of the legacy credential are not taken over; the callback URL stays the same"
                .to_owned(),
            Vec::new(),
        );
    }
    if legacy.protocol.keeps_tokens() {
        let level = match legacy.principal {
            Principal::PerUser => "*Read*, *Create*, *Edit* and *Delete*",
            Principal::NamedUser | Principal::Anonymous => "*Modify All Records*",
        };
        add(
            format!(
                "the permission set grants {level} on *User External Credentials*, which \
                 Salesforce requires for this kind of principal"
            ),
            Vec::new(),
        );
    }
    if !legacy.protocol.typed_again(legacy.principal).is_empty() {
        add("sandboxes do not receive what is stored for the principal".to_owned(), Vec::new());
    }
    let (renamed, kept): (Vec<&Merge>, Vec<&Merge>) = own.iter().partition(|merge| merge.changes());
    if !renamed.is_empty() {
        add(
            format!(
                "merge fields name the external credential, such as `{{!$Credential.{}.{}}}`",
                names.external, renamed[0].field
            ),
            renamed.iter().map(|merge| merge.place).collect(),
        );
    }
    if !kept.is_empty() {
        add(
            format!(
                "it is not documented whether the merge field `$Credential.{}` works in the \
                 current model: test it",
                kept[0].field
            ),
            kept.iter().map(|merge| merge.place).collect(),
        );
    }
    if !open.is_empty() {
        add(
            "merge fields of classes that call several credentials are not changed: check which \
             credential each belongs to"
                .to_owned(),
            open.iter().map(|merge| merge.place).collect(),
        );
    }
    if unseen {
        add(
            "some Apex builds the names of credentials at run time, which sfcred cannot follow"
                .to_owned(),
            Vec::new(),
        );
    }
    if request.keep_name {
        add(
            "callouts fail between the deployment and the last of the steps below; comments in \
             the old file are lost"
                .to_owned(),
            Vec::new(),
        );
    }
    found
}

/// The order of the work.
fn steps(
    legacy: &Legacy<'_>,
    names: &Names,
    named: &NamedCredential,
    request: &Request,
    migration: &Migration<'_>,
) -> Vec<String> {
    let old = named.name();
    let mut steps = Vec::new();
    if request.keep_name {
        steps.push(
            "test in a sandbox whether a deployment converts the existing credential: that is not \
             documented; otherwise delete it in the same window"
                .to_owned(),
        );
    }
    steps.push(format!(
        "deploy the external credential `{}`, the named credential `{}` and the permission set \
         `{}`",
        names.external, names.named, names.permission_set
    ));
    for what in legacy.protocol.typed_again(legacy.principal) {
        steps.push(format!(
            "enter again, in Setup > Security > Named Credentials > External Credentials > `{}`: \
             {what}",
            names.external
        ));
    }
    steps.push(format!(
        "assign `{}` to every user whose code makes these callouts",
        names.permission_set
    ));
    if request.keep_name {
        return steps;
    }
    if migration.callers.iter().any(|caller| caller.kind == CallerKind::PackagedApex) {
        steps.push(
            "a managed package calls it by its name, so it cannot be replaced under a new name: \
             use `--keep-name`"
                .to_owned(),
        );
        return steps;
    }
    steps.push(format!(
        "make the callers use `{}` (`sfcred migrate {} --switch`), deploy them, and test",
        names.named,
        without_namespace(old)
    ));
    steps.push(format!(
        "search the org for other uses of `{old}`, such as custom metadata, custom settings, \
         OmniStudio and Apex that builds the name"
    ));
    steps.push(format!(
        "remove `{old}` (`sfcred migrate {} --remove`), also from the org, with a destructive \
         change",
        without_namespace(old)
    ));
    steps
}
