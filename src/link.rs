//! Links parsed files: groups components by org, joins components that are split over files, and finds the connections.
//! The only step that sees several files.

mod allows;
mod apps;
mod connections;
mod described;
mod grouping;
mod logins;
mod packages;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::discover::FileSet;
use crate::model::{
    Component, Components, LabelValue, Named, Org, OrgId, SecretEvidence, SentLabel, Workspace,
    merge_equal,
};
use crate::options::Options;
use crate::parse::{Item, Parsed};
use crate::source::{FileId, Kind, Sources};
use grouping::Grouping;

/// Links the parsed files into a workspace.
pub fn link(parsed: Parsed, file_set: &FileSet, options: &Options) -> Workspace {
    let Parsed {
        items,
        projects,
        mut deviations,
        mut records,
        unseen_callouts,
        leaked_secrets,
        labels,
        sent_labels,
        apex,
        allows,
        ..
    } = parsed;
    let mut grouping = Grouping::new(file_set, &projects, &items);
    let mut workspace = Workspace {
        orgs: Vec::new(),
        jwt_credentials: Vec::new(),
        other_jwt_credentials: Vec::new(),
        logins: Vec::new(),
        to_salesforce: Vec::new(),
        app_matches: Vec::new(),
        keys: HashMap::new(),
        sandboxes: Vec::new(),
        unreadable: Vec::new(),
        deviations: Vec::new(),
        contradictions: Vec::new(),
        records: Vec::new(),
        custom: options.settings.custom.iter().map(|(rule, _)| rule.clone()).collect(),
        leaked_secrets: Vec::new(),
        packages: packages::packages(&projects, &file_set.sources),
        package_directories: packages::directories(&projects, file_set),
        allows: allows::all(allows, file_set, options),
        replaced: file_set.sources.replaced.clone(),
        today: options.today,
        certificate_warning_days: options.settings.certificate_warning_days,
        description_files: file_set.descriptions.iter().map(|described| described.file).collect(),
        context_files: file_set
            .sources
            .iter()
            .filter(|(_, source)| source.ignored)
            .map(|(file, _)| file)
            .collect(),
        hosts: HashMap::new(),
        index: OnceLock::new(),
    };
    let mut unlinked = Unlinked::default();
    for (file, item) in items {
        let org = grouping.org_of(file);
        match item {
            Item::CertificateBody { name, body } => {
                unlinked.bodies.insert(file, body.clone());
                // A file with another name is a certificate only because a description says so.
                let file_name = file_set.sources.get(file).file_name();
                let is_component = Kind::from_file_name(file_name) == Some(Kind::CertificateBody);
                if let Some(org) = org.filter(|_| is_component) {
                    unlinked.named_bodies.push((org, name, body));
                }
            }
            Item::Export(export) => {
                unlinked.exports.insert(file, export);
            }
            Item::Unreadable(mut unreadable) => {
                unreadable.org = org.unwrap_or_default();
                workspace.unreadable.push(unreadable);
            }
            item => {
                if let Some(org) = org {
                    unlinked.items.push((org, file, item));
                }
            }
        }
    }
    let mut place = |component: &mut Component| {
        let org = grouping.org_of(component.place.file);
        component.org = org.unwrap_or_default();
        org.is_some()
    };
    deviations.retain_mut(|deviation| place(&mut deviation.component));
    records.retain_mut(|record| place(&mut record.component));
    workspace.deviations = deviations;
    workspace.records = records;
    let mut secrets = Vec::new();
    for (file, mut secret) in leaked_secrets {
        secret.component.org = grouping.known_org_of(file).unwrap_or_default();
        if workspace.package_directories.is_sample(file) {
            secret.evidence = SecretEvidence::Test;
        }
        secrets.push(secret);
    }
    let mut sent: HashMap<(OrgId, String), Vec<SentLabel>> = HashMap::new();
    for (file, label) in sent_labels {
        let org = grouping.known_org_of(file).unwrap_or_default();
        sent.entry((org, label.label.to_ascii_lowercase())).or_default().push(label);
    }
    for (file, LabelValue { name, looks_generated, mut secret }) in labels {
        secret.component.org = grouping.known_org_of(file).unwrap_or_default();
        let Some(sent) = sent.get(&(secret.component.org, name.to_ascii_lowercase())) else {
            continue;
        };
        secret.others = sent
            .iter()
            .filter(|label| looks_generated || !label.is_header)
            .map(|label| (label.place, label.how.clone()))
            .collect();
        if !secret.others.is_empty() {
            secrets.push(secret);
        }
    }
    workspace.leaked_secrets = merge_equal(secrets);
    let units: Vec<_> =
        apex.into_iter().map(|(file, unit)| (grouping.org_of(file), unit)).collect();
    let unseen: Vec<OrgId> =
        unseen_callouts.into_iter().filter_map(|file| grouping.org_of(file)).collect();
    workspace.orgs = grouping.into_orgs();
    for (org, unit) in units {
        if let Some(org) = org {
            workspace.orgs[org.0].apex.push(unit);
        }
    }
    for id in unseen {
        workspace.orgs[id.0].callouts_unseen = true;
    }
    fill(&mut workspace.orgs, &mut unlinked, &file_set.sources);
    workspace.contradictions = described::merge(&mut workspace.orgs, file_set, &unlinked);
    for (index, org) in workspace.orgs.iter_mut().enumerate() {
        number(org, OrgId(index));
    }
    for contradiction in &mut workspace.contradictions {
        contradiction.component.org = contradiction.org;
    }
    for (index, org) in workspace.orgs.iter().enumerate() {
        if let Some(host) = &org.my_domain {
            workspace.hosts.entry(host.as_str().to_owned()).or_insert(OrgId(index));
        }
    }
    connections::find(&mut workspace);
    workspace.logins = logins::find(&workspace);
    workspace
}

/// Items that are joined with another file's item or sorted into an org in a later step.
#[derive(Default)]
struct Unlinked {
    items: Vec<(OrgId, FileId, Item)>,
    bodies: HashMap<FileId, crate::source::Located<crate::model::CertificateBody>>,
    named_bodies: Vec<(OrgId, String, crate::source::Located<crate::model::CertificateBody>)>,
    exports: HashMap<FileId, crate::parse::Export>,
}

/// Sorts components into their orgs and joins those that are split over several files.
fn fill(orgs: &mut [Org], unlinked: &mut Unlinked, sources: &Sources) {
    let mut app_parts = Vec::new();
    let mut set_parts = Vec::new();
    let mut copies = Copies { sources, known: HashSet::new() };
    for (id, file, item) in unlinked.items.drain(..) {
        let org = &mut orgs[id.0];
        org.files.push(file);
        match item {
            Item::ExternalCredential(credential) => {
                copies.add(id, &mut org.external_credentials, credential)
            }
            Item::NamedCredential(credential) => {
                copies.add(id, &mut org.named_credentials, *credential)
            }
            Item::ConnectedApp(app) => copies.add(id, &mut org.apps, *app),
            Item::AppPart { .. } => app_parts.push((id, item)),
            Item::PermissionSet(set) => copies.add(id, &mut org.permission_sets, set),
            Item::PrincipalAccessPart { .. } | Item::ObjectSettingsPart { .. } => {
                set_parts.push((id, file, item))
            }
            Item::Group(group) => copies.add(id, &mut org.groups, group),
            Item::Muting(muting) => copies.add(id, &mut org.muting, muting),
            Item::Profile(profile) => copies.add(id, &mut org.profiles, profile),
            Item::Certificate(certificate) => copies.add(id, &mut org.certificates, certificate),
            Item::Record(record) => copies.add(id, &mut org.records, record),
            Item::Callouts(callouts, merge_fields) => {
                org.callouts.extend(callouts);
                org.merge_fields.extend(merge_fields);
            }
            Item::CertificateBody { .. }
            | Item::Export(_)
            | Item::Unreadable(_)
            | Item::Manifest => {}
        }
    }
    apps::join(orgs, app_parts, sources);
    join_permission_sets(orgs, set_parts);
    join_certificates(orgs, unlinked);
}

/// The components that have been added: org, list, name, and text of the file. Source trees get copied, and copies of
/// the same file are one component.
struct Copies<'a> {
    sources: &'a Sources,
    known: HashSet<(OrgId, std::any::TypeId, String, &'a str)>,
}

impl Copies<'_> {
    /// Adds a component, unless it is a copy.
    fn add<T: Named + 'static>(&mut self, org: OrgId, list: &mut Components<T>, component: T) {
        let text = self.sources.get(component.component().place.file).text();
        let key = (org, std::any::TypeId::of::<T>(), component.name().to_owned(), text);
        if self.known.insert(key) {
            list.push(component);
        }
    }
}

fn join_permission_sets(orgs: &mut [Org], parts: Vec<(OrgId, FileId, Item)>) {
    for (id, file, part) in parts {
        let sets = &mut orgs[id.0].permission_sets;
        let (Item::PrincipalAccessPart { set: name, .. }
        | Item::ObjectSettingsPart { set: name, .. }) = &part
        else {
            continue;
        };
        if sets.exact(name).is_none() {
            sets.push(crate::model::PermissionSet::new(Component::new(
                "PermissionSet",
                name.clone(),
                crate::source::Span::new(file, 0, 0),
            )));
        }
        let Some(set) = sets.exact_mut(name) else { continue };
        match part {
            Item::PrincipalAccessPart { grants, .. } => set.grants.extend(grants),
            Item::ObjectSettingsPart { access, .. } => set.user_external_credential = Some(access),
            _ => {}
        }
    }
}

fn join_certificates(orgs: &mut [Org], unlinked: &mut Unlinked) {
    for (id, name, body) in unlinked.named_bodies.drain(..) {
        let certificates = &mut orgs[id.0].certificates;
        match certificates.exact_mut(&name) {
            Some(certificate) => {
                certificate.body.get_or_insert(body);
            }
            None => certificates.push(crate::model::Certificate {
                component: Component::new(
                    "Certificate",
                    name,
                    crate::source::Span { end: body.span.start, ..body.span },
                ),
                label: None,
                expiration: None,
                private_key_exportable: None,
                metadata: None,
                body: Some(body),
            }),
        }
    }
}

/// Sets the org ID of each component in the org.
fn number(org: &mut Org, id: OrgId) {
    org.external_credentials.iter_mut().for_each(|component| component.component.org = id);
    org.named_credentials.iter_mut().for_each(|component| component.component.org = id);
    org.apps.iter_mut().for_each(|component| component.component.org = id);
    org.permission_sets.iter_mut().for_each(|component| component.component.org = id);
    org.groups.iter_mut().for_each(|component| component.component.org = id);
    org.muting.iter_mut().for_each(|component| component.component.org = id);
    org.profiles.iter_mut().for_each(|component| component.component.org = id);
    org.certificates.iter_mut().for_each(|component| component.component.org = id);
    org.records.iter_mut().for_each(|component| component.component.org = id);
    org.apex.iter_mut().for_each(|unit| unit.component.org = id);
    org.callouts.iter_mut().for_each(|callout| callout.class.org = id);
}
