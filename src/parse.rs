//! One file at a time to what it holds. Pure, and cannot fail: a file that cannot be read becomes a fact.

mod apex;
mod apps;
pub use apps::certificate as app_certificate;
mod credentials;
mod export;
mod merge_fields;
mod permissions;
mod project;
mod reader;
mod x509;
mod xml;

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

pub use export::Export;
pub use project::Project;
pub use x509::{read_binary as certificate_from_bytes, read_text as certificate_from_text};

use crate::model::{
    App, Callout, Certificate, CertificateBody, ExternalCredential, Grant, MergeField, MutingPermissionSet, NamedCredential, ObjectAccess, OrgId, PermissionSet,
    PermissionSetGroup, Profile, Record, Unreadable, without_namespace,
};
use crate::source::{Content, FileId, Kind, Located, MetadataName, Source, Sources, Span, Text};
use reader::Reader;

/// What one file holds.
#[derive(Debug)]
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
    /// Parts of a permission set that is kept in several files.
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
    /// What Apex calls, and the merge fields that it sends.
    Callouts(Vec<Callout>, Vec<MergeField>),
    Export(Export),
    Manifest,
    Unreadable(Unreadable),
}

/// Everything that the files hold.
#[derive(Debug, Default)]
pub struct Parsed {
    pub items: Vec<(FileId, Item)>,
    pub projects: Vec<Project>,
    /// Bytes that no output may show.
    pub secrets: Vec<Span>,
}

/// Parses every file once; files with no connection to each other run in parallel.
pub fn parse(sources: &Sources) -> Parsed {
    let mut parsed = Parsed::default();
    for (file, source) in sources.iter().filter(|(_, source)| source.kind == Kind::Project) {
        match project::parse(file, source) {
            Ok(project) => parsed.projects.push(project),
            Err(unreadable) => parsed.items.push((file, Item::Unreadable(*unreadable))),
        }
    }
    let files: Vec<(FileId, &Source)> = sources.iter().filter(|(_, source)| !matches!(source.kind, Kind::Project | Kind::Description)).collect();
    let projects = &parsed.projects;
    let results: Vec<(FileId, Option<Item>, Vec<Span>)> = files
        .par_iter()
        .map(|&(file, source)| {
            let project = project_of(projects, &source.path);
            let replaced = project.map_or_else(Vec::new, |project| project.replaced(&source.path, source.text()));
            let (mut item, secrets) = item(file, source, &replaced);
            tell_namespace(item.as_mut(), project.and_then(|project| project.namespace.as_ref()));
            (file, item, secrets)
        })
        .collect();
    for (file, item, mut secrets) in results {
        parsed.items.extend(item.map(|item| (file, item)));
        parsed.secrets.append(&mut secrets);
    }
    parsed
}

/// Of a project with a namespace everything is part of the package; of another, what is named `ns__Name`.
fn tell_namespace(item: Option<&mut Item>, of_project: Option<&String>) {
    let of_name = |name: &str| name.strip_suffix(without_namespace(name)).and_then(|prefix| prefix.strip_suffix("__")).map(str::to_owned);
    match item {
        Some(Item::Callouts(callouts, _)) => callouts.iter_mut().for_each(|callout| callout.namespace = of_name(&callout.class.name).or_else(|| of_project.cloned())),
        Some(Item::NamedCredential(named)) => named.namespace = of_name(&named.component.name).or_else(|| of_project.cloned()),
        _ => {}
    }
}

/// The nearest project above a path.
pub fn project_of<'a>(projects: &'a [Project], path: &Path) -> Option<&'a Project> {
    projects.iter().filter(|project| path.starts_with(&project.folder)).max_by_key(|project| project.folder.components().count())
}

fn item(file: FileId, source: &Source, replaced: &[Range<usize>]) -> (Option<Item>, Vec<Span>) {
    let name = MetadataName::from_file_name(source.file_name()).0;
    match &source.content {
        Content::Unreadable(reason) => {
            let wanted = source.kind.is_metadata();
            return (wanted.then(|| unreadable(file, source, name, reason.clone(), Span::new(file, 0, 0), None)), Vec::new());
        }
        Content::Uninteresting { label } => return (permissions::bare(file, source.kind, name, label.as_deref()), Vec::new()),
        Content::Binary(bytes) => return (Some(Item::CertificateBody { name, body: Located::new(x509::read_binary(bytes), Span::new(file, 0, 0)) }), Vec::new()),
        Content::Text(_) => {}
    }
    let text = source.text();
    match source.kind {
        Kind::Apex => {
            let callouts = apex::callouts(file, &name, text, replaced);
            let merge_fields = merge_fields::merge_fields(file, text);
            return ((!callouts.is_empty() || !merge_fields.is_empty()).then_some(Item::Callouts(callouts, merge_fields)), Vec::new());
        }
        Kind::CertificateBody => {
            let body = if replaced.is_empty() { x509::read_text(text) } else { CertificateBody::Hidden };
            let body = Located::new(body, Span::new(file, 0, text.trim_end().len()));
            return (Some(Item::CertificateBody { name, body }), Vec::new());
        }
        Kind::Export => return (export::parse(file, text).map(Item::Export), Vec::new()),
        Kind::Manifest => return (Some(Item::Manifest), Vec::new()),
        _ => {}
    }
    let root = match xml::parse(file, text, |element| permissions::wanted(source.kind, element)) {
        Ok(root) => root,
        Err(fault) => return (Some(unreadable(file, source, name, fault.message, fault.span, fault.related)), Vec::new()),
    };
    let expected = source.kind.root_element(source.file_name());
    if source.kind.shares_suffix_with(&root.name) {
        return (None, Vec::new());
    }
    if root.name != expected {
        let message = format!("the root element is `<{}>`, but a file of this name holds `<{expected}>`", root.name);
        return (Some(unreadable(file, source, name, message, root.name_span, None)), Vec::new());
    }
    let mut reader = Reader { name, replaced, secrets: Vec::new() };
    let item = match source.kind {
        Kind::ExternalCredential => Item::ExternalCredential(credentials::external(&root, &mut reader)),
        Kind::NamedCredential => Item::NamedCredential(Box::new(credentials::named(&root, &mut reader))),
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
        Kind::PrincipalAccessPart => Item::PrincipalAccessPart { set: permissions::set_of_part(source), grants: permissions::grants(&root, &reader) },
        Kind::ObjectSettingsPart => Item::ObjectSettingsPart { set: permissions::set_of_part(source), access: permissions::object_settings(&root, &reader) },
        Kind::Certificate => Item::Certificate(credentials::certificate(&root, &reader)),
        Kind::ExternalAuthIdentityProvider
        | Kind::AuthProvider
        | Kind::RemoteSiteSetting
        | Kind::CspTrustedSite
        | Kind::ExternalServiceRegistration
        | Kind::ExternalDataSource
        | Kind::Settings => Item::Record(reader.record(source.kind, &root)),
        Kind::CertificateBody | Kind::Apex | Kind::Project | Kind::Manifest | Kind::Description | Kind::Export => return (None, Vec::new()),
    };
    (Some(item), reader.secrets)
}

fn unreadable(file: FileId, source: &Source, name: String, message: String, span: Span, related: Option<(Span, String)>) -> Item {
    Item::Unreadable(Unreadable { type_name: source.kind.type_name(), name, file, message, span, related, org: OrgId::default() })
}
