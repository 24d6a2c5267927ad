//! Parses one file at a time. Pure, and cannot fail: a file that cannot be parsed becomes an `Unreadable` item.

mod allows;
mod apex;
mod apps;
pub use apps::certificate as app_certificate;
mod config_files;
mod credentials;
mod custom_data;
mod export;
mod leaked_secrets;
mod merge_fields;
mod permissions;
mod project;
mod reader;
mod shapes;
mod x509;
mod xml;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

pub use export::Export;
pub use project::Project;
pub use x509::{read_binary as certificate_from_bytes, read_text as certificate_from_text};

use crate::model::{
    Allow, ApexUnit, App, Callout, Certificate, CertificateBody, Component, DeviationKind,
    ExternalCredential, Grant, LabelValue, LeakedSecret, MergeField, MetadataTypes,
    MutingPermissionSet, NamedCredential, ObjectAccess, OrgId, PermissionSet, PermissionSetGroup,
    Profile, Record, SchemaViolation, SecretKind, SentLabel, Unreadable, vendor_secrets,
};
use crate::pattern::Patterns;
use crate::source::{Content, FileId, Kind, Located, MetadataName, Source, Sources, Span, Text};
use reader::Reader;

/// The content of one file.
#[derive(Clone, Debug)]
pub enum Item {
    ExternalCredential(ExternalCredential),
    NamedCredential(Box<NamedCredential>),
    ConnectedApp(Box<App>),
    /// A file of an external client app, with the name of the app that it belongs to.
    AppPart {
        kind: Kind,
        application: Option<Text>,
        record: Record,
    },
    PermissionSet(PermissionSet),
    /// Parts of a permission set that is split over several files.
    PrincipalAccessPart {
        set: String,
        grants: Vec<Grant>,
    },
    ObjectSettingsPart {
        set: String,
        access: ObjectAccess,
    },
    Group(PermissionSetGroup),
    Muting(MutingPermissionSet),
    Profile(Profile),
    Certificate(Certificate),
    CertificateBody {
        name: String,
        body: Located<CertificateBody>,
    },
    Record(Record),
    /// Callouts and merge fields in Apex.
    Callouts(Vec<Callout>, Vec<MergeField>),
    Export(Export),
    Manifest,
    Unreadable(Unreadable),
}

/// The content of all files.
#[derive(Debug, Default)]
pub struct Parsed {
    pub items: Vec<(FileId, Item)>,
    pub projects: Vec<Project>,
    /// Elements and values that the metadata types do not have.
    pub deviations: Vec<SchemaViolation>,
    /// The fields of components that also have a type of their own.
    pub records: Vec<Record>,
    /// Apex with a `callout:` whose name cannot be determined.
    pub unseen_callouts: Vec<FileId>,
    /// Bytes that must not appear in any output.
    pub secrets: Vec<Span>,
    /// Secrets that must not be in files.
    pub leaked_secrets: Vec<(FileId, LeakedSecret)>,
    /// Custom labels whose values are secrets if they are sent as headers, and the labels that Apex sends.
    pub labels: Vec<(FileId, LabelValue)>,
    pub sent_labels: Vec<(FileId, SentLabel)>,
    pub apex: Vec<(FileId, ApexUnit)>,
    /// Inline allows.
    pub allows: Vec<Allow>,
}

/// The secrets of a file: the bytes to conceal, and the secrets to report.
#[derive(Clone, Debug, Default)]
struct Secrets {
    spans: Vec<Span>,
    leaked_secrets: Vec<LeakedSecret>,
}

/// Parses every file once, in parallel.
pub fn parse(sources: &Sources) -> Parsed {
    let context = Context::new(sources);
    let files = context.parse(sources, &|_| true);
    context.finish(sources, files)
}

/// The parsed files of a run, so that the next one parses only those that changed.
#[derive(Clone, Debug, Default)]
pub struct Cache(BTreeMap<FileId, (Option<Item>, Secrets, FileExtras)>);

impl Cache {
    /// Forgets a file whose text changes. If it is one that other files depend on, everything is forgotten.
    pub fn forget(&mut self, file: FileId, sources: &Sources) {
        if matches!(sources.get(file).kind, Kind::Project | Kind::Manifest) {
            self.0.clear();
        } else {
            self.0.remove(&file);
        }
    }

    /// The same as [`parse`], for the same files with other texts.
    pub fn parse(&mut self, sources: &Sources) -> Parsed {
        let context = Context::new(sources);
        for (file, item, secrets, extras) in
            context.parse(sources, &|file| !self.0.contains_key(&file))
        {
            self.0.insert(file, (item, secrets, extras));
        }
        let copy = |(file, parsed): (&FileId, &(Option<Item>, Secrets, FileExtras))| {
            let (item, secrets, extras) = parsed.clone();
            (*file, item, secrets, extras)
        };
        context.finish(sources, self.0.iter().map(copy))
    }
}

/// A file, and what it contains.
type ParsedFile = (FileId, Option<Item>, Secrets, FileExtras);

/// What all files of a run depend on.
struct Context {
    projects: Vec<Project>,
    unreadable: Vec<(FileId, Item)>,
    manifests: HashMap<PathBuf, u32>,
}

impl Context {
    fn new(sources: &Sources) -> Context {
        let mut patterns = Patterns::default();
        let (mut projects, mut unreadable) = (Vec::new(), Vec::new());
        for (file, source) in sources.iter().filter(|(_, source)| source.kind == Kind::Project) {
            match project::parse(file, source, &mut patterns) {
                Ok(project) => projects.push(project),
                Err(reason) => unreadable.push((file, Item::Unreadable(*reason))),
            }
        }
        projects.sort_by(|left, right| left.folder.cmp(&right.folder));
        Context { projects, unreadable, manifests: manifest_versions(sources) }
    }

    /// The wanted files, in order.
    fn parse(&self, sources: &Sources, is_wanted: &dyn Fn(FileId) -> bool) -> Vec<ParsedFile> {
        let files: Vec<(FileId, &Source)> = sources
            .iter()
            .filter(|(_, source)| !matches!(source.kind, Kind::Project | Kind::Description))
            .filter(|(file, _)| is_wanted(*file))
            .collect();
        let read = |&(file, source): &(FileId, &Source)| {
            let project = project_of(&self.projects, &source.path);
            let project_to_come = project.filter(|_| !sources.as_deployed);
            let replaced = project_to_come
                .map_or_else(Vec::new, |project| project.replaced(&source.path, source.text()));
            let mut extras = FileExtras {
                deployed_with: deployed_with(project, &source.path, &self.manifests),
                ..FileExtras::default()
            };
            let (mut item, mut secrets) = item(file, source, &replaced, &mut extras);
            set_namespace(item.as_mut(), project.and_then(|project| project.namespace.as_ref()));
            extras.read(file, source, &replaced, &mut secrets);
            (file, item, secrets, extras)
        };
        // Waking other threads costs more than reading a small project.
        let length: usize = files.iter().map(|(_, source)| source.text().len()).sum();
        if files.len() < 100 && length < 256 << 10 {
            files.iter().map(read).collect()
        } else {
            files.par_iter().map(read).collect()
        }
    }

    fn finish(self, sources: &Sources, files: impl IntoIterator<Item = ParsedFile>) -> Parsed {
        let mut parsed =
            Parsed { items: self.unreadable, projects: self.projects, ..Parsed::default() };
        for (file, item, mut secrets, mut extras) in files {
            parsed.items.extend(item.map(|item| (file, item)));
            parsed.deviations.append(&mut extras.deviations);
            parsed.records.extend(extras.record);
            parsed.unseen_callouts.extend(extras.unseen_callouts.then_some(file));
            parsed.secrets.append(&mut secrets.spans);
            parsed.leaked_secrets.extend(
                secrets.leaked_secrets.into_iter().map(|leaked_secrets| (file, leaked_secrets)),
            );
            parsed.labels.extend(extras.labels.into_iter().map(|label| (file, label)));
            parsed.sent_labels.extend(extras.sent_labels.into_iter().map(|sent| (file, sent)));
            parsed.apex.extend(extras.apex.map(|unit| (file, unit)));
            parsed.allows.extend(extras.allows);
        }
        for (file, source) in sources.iter().filter(|(_, source)| source.kind == Kind::Description)
        {
            parsed.allows.extend(allows::allows(file, source));
        }
        parsed
    }
}

/// Sets the namespace of callouts and named credentials: the prefix of a name such as `ns__Name`, else the namespace of
/// the project.
fn set_namespace(item: Option<&mut Item>, of_project: Option<&String>) {
    match item {
        Some(Item::Callouts(callouts, _)) => callouts.iter_mut().for_each(|callout| {
            callout.namespace =
                callout.class.namespace().map(str::to_owned).or_else(|| of_project.cloned())
        }),
        Some(Item::NamedCredential(named)) => {
            named.namespace =
                named.component.namespace().map(str::to_owned).or_else(|| of_project.cloned())
        }
        _ => {}
    }
}

/// The content of a file in addition to its item.
#[derive(Clone, Debug, Default)]
struct FileExtras {
    /// The API versions that deployments of the file may use; empty if that is unknown.
    deployed_with: Vec<u32>,
    deviations: Vec<SchemaViolation>,
    record: Option<Record>,
    /// Whether Apex contains a `callout:` whose name cannot be determined, such as `'callout:' + name`.
    unseen_callouts: bool,
    apex: Option<ApexUnit>,
    labels: Vec<LabelValue>,
    sent_labels: Vec<SentLabel>,
    allows: Vec<Allow>,
}

impl FileExtras {
    /// Finds secrets by their format, and allows in comments, in any file.
    fn read(
        &mut self,
        file: FileId,
        source: &Source,
        replaced: &[Range<usize>],
        secrets: &mut Secrets,
    ) {
        let component = |place: Span| {
            let (type_name, name) = match source.kind {
                Kind::SecretCandidate | Kind::Export => ("File", source.file_name().to_owned()),
                kind => (kind.type_name(), MetadataName::from_file_name(source.file_name()).0),
            };
            Component::new(type_name, name, place)
        };
        match &source.content {
            Content::Binary(bytes) => {
                if let Some(kind) = shapes::binary(bytes) {
                    let is_key = matches!(kind, SecretKind::PrivateKey { .. });
                    let public_key = x509::public_key_of(bytes).filter(|_| is_key);
                    let component = component(Span::new(file, 0, 0));
                    let secret = LeakedSecret::of_format(&component, kind, public_key);
                    secrets.leaked_secrets.push(secret);
                }
                return;
            }
            Content::Unreadable(_) | Content::Irrelevant { .. } => return,
            Content::Text(_) => {}
        }
        let text = source.text();
        let replaces = |range: &Range<usize>| {
            replaced.iter().any(|other| other.start < range.end && range.start < other.end)
        };
        let mut found = Vec::new();
        // Session IDs in tests are invented.
        let in_test = || source.kind == Kind::Apex && text.to_ascii_lowercase().contains("@istest");
        for shape in shapes::shapes(text) {
            secrets.spans.push(Span::new(file, shape.concealed.start, shape.concealed.end));
            let made_up = shape.kind == SecretKind::Session && in_test();
            if !replaces(&shape.concealed) && !made_up {
                let component = component(Span::new(file, shape.place.start, shape.place.end));
                found.push(LeakedSecret::of_format(&component, shape.kind, shape.public_key));
            }
        }
        // What has a format of its own is reported once, by the rule about the format.
        let places: Vec<Span> = found.iter().map(|secret| secret.place).collect();
        secrets.leaked_secrets.retain(|secret| overlapping(&places, secret.place).is_none());
        secrets.leaked_secrets = innermost(std::mem::take(&mut secrets.leaked_secrets));
        let places: Vec<Span> = secrets.leaked_secrets.iter().map(|secret| secret.place).collect();
        for key in vendor_secrets(text).filter(|key| !replaces(&key.range)) {
            let place = Span::new(file, key.range.start, key.range.end);
            secrets.spans.push(place);
            if let Some(known) = overlapping(&places, place) {
                // A vendor's format proves that a value is a secret, even if its name does not, and even in a test.
                secrets.leaked_secrets[known].evidence = key.evidence;
                continue;
            }
            found.push(LeakedSecret::setting(
                &component(place),
                format!("a key for {}", key.vendor),
                key.vendor,
                place,
                &text[key.range],
                key.evidence,
            ));
        }
        secrets.leaked_secrets.append(&mut found);
        conceal_repeated(file, text, secrets);
        self.allows = allows::allows(file, source);
    }
}

/// The API version of each `package.xml`, by its folder.
fn manifest_versions(sources: &Sources) -> HashMap<PathBuf, u32> {
    let manifests = sources.iter().filter(|(_, source)| source.kind == Kind::Manifest);
    manifests
        .filter_map(|(file, source)| {
            let root = xml::parse(file, source.text(), |element| element == "version").ok()?;
            let version = root.child("version")?.text.trim().split('.').next()?.parse().ok()?;
            Some((source.path.parent()?.to_owned(), version))
        })
        .collect()
}

/// The API versions that deployments of a file may use: that of its project, and those of the manifests that the project
/// has. Without a project, that of the manifest above the file.
fn deployed_with(
    project: Option<&Project>,
    path: &Path,
    manifests: &HashMap<PathBuf, u32>,
) -> Vec<u32> {
    let Some(project) = project else {
        return path
            .ancestors()
            .find_map(|folder| manifests.get(folder))
            .copied()
            .into_iter()
            .collect();
    };
    let own = ["", "manifest"].iter().filter_map(|name| manifests.get(&project.folder.join(name)));
    project.api_version.map_or_else(Vec::new, |version| own.copied().chain([version]).collect())
}

/// Whether an element or value exists in one of the API versions that deployments may use. Settings are not judged: the
/// platform writes all that a version has.
fn may_be_deployed(kind: DeviationKind, file: Kind, deployed_with: &[u32]) -> bool {
    match kind {
        DeviationKind::Version { versions, .. } => {
            file == Kind::Settings
                || deployed_with.iter().any(|version| versions.contains(*version))
        }
        DeviationKind::Element
        | DeviationKind::InventedValue
        | DeviationKind::Value
        | DeviationKind::Shape(_)
        | DeviationKind::Missing => false,
    }
}

/// Conceals all places of the same values in a file, also those that do not show that they are secrets.
fn conceal_repeated(file: FileId, text: &str, secrets: &mut Secrets) {
    /// Shorter values may be ordinary words.
    const MIN_LENGTH: usize = 8;
    let values: Vec<&str> = secrets
        .leaked_secrets
        .iter()
        .filter(|secret| secret.digest.is_some())
        .filter_map(|secret| text.get(secret.place.range()))
        .filter(|value| value.len() >= MIN_LENGTH)
        .collect();
    if values.is_empty() {
        return;
    }
    let Ok(search) = AhoCorasick::new(values) else { return };
    let places = search.find_iter(text).map(|found| Span::new(file, found.start(), found.end()));
    secrets.spans.extend(places);
}

/// Elements that decide how a credential works, and that their parent can have once. Sorted.
const SINGLE: &[&str] = &[
    "allowMergeFieldsInBody",
    "allowMergeFieldsInHeader",
    "authProvider",
    "authTokenEndpointUrl",
    "authenticationProtocol",
    "authorizeUrl",
    "calloutStatus",
    "certificate",
    "clientCredentialsFlowUser",
    "commaSeparatedOauthScopes",
    "consumerKey",
    "enabled",
    "endpoint",
    "externalClientApplication",
    "externalCredential",
    "externalCredentialPrincipal",
    "generateAuthorizationHeader",
    "ipRelaxation",
    "isAdminApproved",
    "isClientCredentialEnabled",
    "isClientCredentialsFlowEnabled",
    "isEnabled",
    "isOauthPluginEnabled",
    "jwtAudience",
    "jwtFormulaSubject",
    "jwtIssuer",
    "jwtSigningCertificate",
    "jwtTextSubject",
    "jwtValidityPeriodSeconds",
    "label",
    "namedCredentialType",
    "oauthConfig",
    "oauthPolicy",
    "parameterGroup",
    "parameterName",
    "parameterType",
    "parameterValue",
    "permittedUsersPolicyType",
    "principalType",
    "protocol",
    "providerType",
    "refreshTokenPolicy",
    "tokenUrl",
    "username",
];

/// The first element of [`SINGLE`] that its parent has twice: both places.
fn repeated(element: &xml::Element) -> Option<(&xml::Element, &xml::Element)> {
    let mut seen: HashMap<&str, &xml::Element> = HashMap::new();
    for child in &element.children {
        if SINGLE.binary_search(&child.name.as_str()).is_ok()
            && let Some(first) = seen.insert(&child.name, child)
        {
            return Some((first, child));
        }
        if let Some(pair) = repeated(child) {
            return Some(pair);
        }
    }
    None
}

/// The secrets without those that overlap another: of a literal such as `?key=…` that is itself the value of a name, the
/// inner one, and of one place, the one with the most evidence. Sorted by place.
fn innermost(mut secrets: Vec<LeakedSecret>) -> Vec<LeakedSecret> {
    secrets.sort_by_key(|secret| (secret.place.start, Reverse(secret.place.end)));
    let mut kept: Vec<LeakedSecret> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        while let Some(last) = kept.last().filter(|last| secret.place.start < last.place.end) {
            let is_inner =
                secret.place.end - secret.place.start < last.place.end - last.place.start;
            if secret.evidence < last.evidence || (!is_inner && secret.evidence == last.evidence) {
                break;
            }
            kept.pop();
        }
        if kept.last().is_none_or(|last| last.place.end <= secret.place.start) {
            kept.push(secret);
        }
    }
    kept
}

/// The last of some places, sorted by their start, that overlaps another one.
fn overlapping(places: &[Span], other: Span) -> Option<usize> {
    let before = places.partition_point(|place| place.start < other.end);
    before.checked_sub(1).filter(|&last| places[last].end > other.start)
}

/// The nearest project that contains a path.
pub fn project_of<'a>(projects: &'a [Project], path: &Path) -> Option<&'a Project> {
    let at = |folder: &Path| {
        projects.binary_search_by(|project| project.folder.as_path().cmp(folder)).ok()
    };
    path.ancestors().find_map(at).map(|position| &projects[position])
}

fn item(
    file: FileId,
    source: &Source,
    replaced: &[Range<usize>],
    extras: &mut FileExtras,
) -> (Option<Item>, Secrets) {
    let name = MetadataName::from_file_name(source.file_name()).0;
    match &source.content {
        Content::Unreadable(reason) => {
            // The limits of Salesforce are lower than those for reading a file.
            let wanted = source.kind.is_metadata() || source.kind == Kind::Apex;
            return (
                wanted.then(|| {
                    unreadable(
                        file,
                        source.kind.type_name(),
                        name,
                        reason.clone(),
                        Span::new(file, 0, 0),
                        None,
                    )
                }),
                Secrets::default(),
            );
        }
        Content::Irrelevant { label, custom } => {
            return (
                permissions::bare(file, source.kind, name, label.as_deref(), *custom),
                Secrets::default(),
            );
        }
        Content::Binary(_) if source.kind == Kind::SecretCandidate => {
            return (None, Secrets::default());
        }
        Content::Binary(bytes) => {
            return (
                Some(Item::CertificateBody {
                    name,
                    body: Located::new(x509::read_binary(bytes), Span::new(file, 0, 0)),
                }),
                Secrets::default(),
            );
        }
        Content::Text(_) => {}
    }
    let text = source.text();
    #[cfg(feature = "forced-panic")]
    crate::source::fail_if_asked("in-a-worker", text);
    match source.kind {
        Kind::Apex => {
            let apex::Apex { callouts, unit, literals, secrets } =
                apex::read(file, &name, text, replaced);
            extras.unseen_callouts =
                text.to_ascii_lowercase().matches("callout:").count() > callouts.len();
            let mut spans = apex::spans(&secrets);
            if !unit.password_grants.is_empty() {
                spans.extend(apex::login_secrets(file, text, &literals));
            }
            extras.sent_labels = secrets.labels;
            extras.apex = Some(unit).filter(|unit| !unit.is_empty());
            let merge_fields = merge_fields::merge_fields(file, text, &literals);
            return (
                (!callouts.is_empty() || !merge_fields.is_empty())
                    .then_some(Item::Callouts(callouts, merge_fields)),
                Secrets { spans, leaked_secrets: secrets.secrets },
            );
        }
        Kind::CertificateBody => {
            let body =
                if replaced.is_empty() { x509::read_text(text) } else { CertificateBody::Hidden };
            // A description can name any file as a certificate, so only certificates in it are shown.
            let is_named_so =
                Kind::from_file_name(source.file_name()) == Some(Kind::CertificateBody);
            let body = match body {
                CertificateBody::Name(_) if !is_named_so => {
                    CertificateBody::Unreadable("it is neither PEM nor base64".into())
                }
                body => body,
            };
            let around = if is_named_so { Vec::new() } else { x509::around_certificates(text) };
            let spans = around.into_iter().map(|range| Span::new(file, range.start, range.end));
            let secrets = Secrets { spans: spans.collect(), ..Secrets::default() };
            let body = Located::new(body, Span::new(file, 0, text.trim_end().len()));
            return (Some(Item::CertificateBody { name, body }), secrets);
        }
        Kind::Export => return (export::parse(file, text).map(Item::Export), Secrets::default()),
        Kind::Manifest => return (Some(Item::Manifest), Secrets::default()),
        Kind::SecretCandidate => {
            let mut reader = Reader {
                name: name.clone(),
                replaced,
                secrets: Vec::new(),
                leaked_secrets: Vec::new(),
            };
            let fault = custom_data::read(file, source, &mut reader)
                .map(|labels| extras.labels = labels)
                .err();
            config_files::read(file, source, &mut reader);
            let secrets = Secrets { spans: reader.secrets, leaked_secrets: reader.leaked_secrets };
            let item = fault.map(|fault| {
                let type_name = custom_data::type_name(source);
                unreadable(file, type_name, name, fault.message, fault.span, fault.related)
            });
            return (item, secrets);
        }
        Kind::Toml => return (None, Secrets::default()),
        _ => {}
    }
    let mut root = match xml::parse(file, text, |element| permissions::wanted(source.kind, element))
    {
        Ok(root) => root,
        Err(fault) => {
            return (
                Some(unreadable(
                    file,
                    source.kind.type_name(),
                    name,
                    fault.message,
                    fault.span,
                    fault.related,
                )),
                Secrets::default(),
            );
        }
    };
    let expected = source.kind.root_element(source.file_name());
    if source.kind.shares_suffix_with(&root.name) {
        return (None, Secrets::default());
    }
    if root.name != expected {
        let message = format!(
            "the root element is `<{}>`, but a file with this name must contain `<{expected}>`",
            root.name
        );
        return (
            Some(unreadable(file, source.kind.type_name(), name, message, root.name_span, None)),
            Secrets::default(),
        );
    }
    if !matches!(source.kind, Kind::Settings | Kind::Profile)
        && let Some((first, second)) = repeated(&root)
    {
        let message = format!(
            "`<{}>` is repeated, and a deployment refuses a file with an element that is duplicated",
            second.name
        );
        let related = Some((first.name_span, "the first one".to_owned()));
        return (
            Some(unreadable(
                file,
                source.kind.type_name(),
                name,
                message,
                second.name_span,
                related,
            )),
            Secrets::default(),
        );
    }
    let mut reader = Reader { name, replaced, secrets: Vec::new(), leaked_secrets: Vec::new() };
    if !matches!(source.kind, Kind::PrincipalAccessPart | Kind::ObjectSettingsPart) {
        let component = reader.component(source.kind.root_element(source.file_name()), &root);
        let text = |element: &xml::Element| reader.text(element);
        let newest = extras.deployed_with.iter().copied().max();
        MetadataTypes::get().compare(&root, newest, text, |owner, path, text, kind| {
            if !may_be_deployed(kind, source.kind, &extras.deployed_with) {
                extras.deviations.push(SchemaViolation {
                    component: component.clone(),
                    owner,
                    path,
                    text,
                    kind,
                })
            }
        });
        if extras.deviations.iter().any(|deviation| deviation.kind == DeviationKind::Element) {
            reader::correct_elements(&mut root);
        }
    }
    let item = match source.kind {
        Kind::ExternalCredential => {
            Item::ExternalCredential(credentials::external(&root, &mut reader))
        }
        Kind::NamedCredential => {
            Item::NamedCredential(Box::new(credentials::named(&root, &mut reader)))
        }
        Kind::ConnectedApp => Item::ConnectedApp(Box::new(apps::connected_app(&root, &mut reader))),
        Kind::ExternalClientApplication
        | Kind::ExtlClntAppGlobalOauthSettings
        | Kind::ExtlClntAppOauthSettings
        | Kind::ExtlClntAppOauthConfigurablePolicies
        | Kind::ExtlClntAppConfigurablePolicies
        | Kind::ExtlClntAppOauthSecuritySettings => apps::part(source.kind, &root, &mut reader),
        Kind::PermissionSet => Item::PermissionSet(permissions::permission_set(&root, &reader)),
        Kind::PermissionSetGroup => Item::Group(permissions::group(&root, &reader)),
        Kind::MutingPermissionSet => Item::Muting(permissions::muting(&root, &reader)),
        Kind::Profile => Item::Profile(permissions::profile(&root, &reader)),
        Kind::PrincipalAccessPart => Item::PrincipalAccessPart {
            set: permissions::set_of_part(source),
            grants: permissions::grants(&root, &reader),
        },
        Kind::ObjectSettingsPart => Item::ObjectSettingsPart {
            set: permissions::set_of_part(source),
            access: permissions::object_settings(&root, &reader),
        },
        Kind::Certificate => Item::Certificate(credentials::certificate(&root, &reader)),
        Kind::ExternalAuthIdentityProvider
        | Kind::AuthProvider
        | Kind::RemoteSiteSetting
        | Kind::CspTrustedSite
        | Kind::ExternalServiceRegistration
        | Kind::ExternalDataSource
        | Kind::ProfileSessionSetting
        | Kind::Settings => Item::Record(reader.record(source.kind, &root)),
        Kind::CertificateBody
        | Kind::Apex
        | Kind::Project
        | Kind::Manifest
        | Kind::Description
        | Kind::Export
        | Kind::SecretCandidate
        | Kind::Toml => return (None, Secrets::default()),
    };
    extras.record = shaped(&item).map(|component| reader.fields_of(component, &root));
    let found = leaked_secrets::leaked_secrets(
        &reader.component(source.kind.type_name(), &root),
        &root,
        &mut reader,
    );
    reader.leaked_secrets.extend(found);
    (Some(item), Secrets { spans: reader.secrets, leaked_secrets: reader.leaked_secrets })
}

/// The component of an item whose fields are not stored as a record.
fn shaped(item: &Item) -> Option<&Component> {
    match item {
        Item::ExternalCredential(credential) => Some(&credential.component),
        Item::NamedCredential(credential) => Some(&credential.component),
        Item::PermissionSet(set) => Some(&set.component),
        Item::Group(group) => Some(&group.component),
        Item::Muting(muting) => Some(&muting.component),
        Item::Certificate(certificate) => Some(&certificate.component),
        _ => None,
    }
}

fn unreadable(
    file: FileId,
    type_name: &'static str,
    name: String,
    message: String,
    span: Span,
    related: Option<(Span, String)>,
) -> Item {
    Item::Unreadable(Unreadable {
        type_name,
        name,
        file,
        message,
        span,
        related,
        org: OrgId::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::SINGLE;

    #[test]
    fn elements_that_occur_once_are_sorted() {
        assert!(SINGLE.is_sorted());
    }
}
