//! What calls a named credential, and how to make it call another one.

use std::collections::{BTreeSet, HashMap};

use crate::autofix::edits::Change;
use crate::model::{
    MergeField, Named, NamedCredential, OrgId, Workspace, find_named, without_namespace,
};
use crate::source::{FileId, Sources, Span, Text};

/// The kind of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerKind {
    Apex,
    /// Apex in a managed package, which only its vendor can change.
    PackagedApex,
    ExternalService,
    ExternalDataSource,
}

/// One place that calls the credential.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    pub kind: CallerKind,
    pub name: &'a str,
    /// The namespace of the package, if it is the code of one.
    pub namespace: Option<&'a str>,
    pub place: Span,
    /// The name of the credential; `None` if it is not written in one piece.
    name_at: Option<Span>,
}

/// A merge field that reads from the credential.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The whole literal.
    pub place: Span,
    /// The name of the field, without `$Credential.`.
    pub field: String,
    /// Where the name of the external credential must be inserted, if the field needs it.
    insert_at: Option<Span>,
}

impl CallerKind {
    pub fn noun(self) -> &'static str {
        match self {
            CallerKind::Apex => "Apex",
            CallerKind::PackagedApex => "Apex of a managed package",
            CallerKind::ExternalService => "external service",
            CallerKind::ExternalDataSource => "external data source",
        }
    }
}

impl Caller<'_> {
    /// Why sfcred cannot change it; `None` if it can.
    pub fn obstacle(&self) -> Option<&'static str> {
        match (self.kind, self.name_at) {
            (CallerKind::PackagedApex, _) => Some("only the vendor of the package can change it"),
            (_, None) => Some("the name is not in one piece, so change it by hand"),
            (
                CallerKind::Apex | CallerKind::ExternalService | CallerKind::ExternalDataSource,
                Some(_),
            ) => None,
        }
    }

    /// The change that makes it call another credential.
    pub fn switch(&self, new: &str, sources: &Sources) -> Option<Change> {
        let span = self.name_at.filter(|_| self.obstacle().is_none())?;
        let old = sources.get(span.file).text().get(span.range())?;
        let prefix = old.strip_suffix(without_namespace(old)).unwrap_or_default();
        Some(Change { span, text: format!("{prefix}{}", without_namespace(new)) })
    }
}

impl Merge {
    /// Whether the field has another name in the current model.
    pub fn changes(&self) -> bool {
        self.insert_at.is_some()
    }

    pub fn switch(&self, external: &str) -> Option<Change> {
        Some(Change { span: self.insert_at?, text: format!("{external}.") })
    }
}

/// What an org says about the callers of its credentials, found once for all of them.
pub struct CallerIndex<'a> {
    workspace: &'a Workspace,
    sources: &'a Sources,
    id: OrgId,
    /// External services and data sources, by the place of the credential.
    registrations: HashMap<Span, Vec<Caller<'a>>>,
    /// Merge fields of classes that call one credential, by its place.
    fields: HashMap<Span, Vec<&'a MergeField>>,
    /// Merge fields of classes that call several.
    open_fields: HashMap<FileId, Vec<&'a MergeField>>,
}

impl<'a> CallerIndex<'a> {
    pub fn new(workspace: &'a Workspace, id: OrgId, sources: &'a Sources) -> CallerIndex<'a> {
        let org = workspace.org(id);
        let mut index = CallerIndex {
            workspace,
            sources,
            id,
            registrations: HashMap::new(),
            fields: HashMap::new(),
            open_fields: HashMap::new(),
        };
        for record in &org.records {
            let kind = match record.component.type_name {
                "ExternalServiceRegistration" => CallerKind::ExternalService,
                "ExternalDataSource" => CallerKind::ExternalDataSource,
                _ => continue,
            };
            for path in ["namedCredential", "namedCredentialReference", "endpoint"] {
                let Some(text) = record.get(path) else { continue };
                let Some(name) = reference(text, path == "endpoint") else { continue };
                let Some(named) = find_named(&org.named_credentials, &name) else { continue };
                index.registrations.entry(named.component.place).or_default().push(Caller {
                    kind,
                    name: record.name(),
                    namespace: None,
                    place: text.span,
                    name_at: whole(text, &name, sources),
                });
            }
        }
        for field in &org.merge_fields {
            let Some(name) = &field.named else {
                index.open_fields.entry(field.place.file).or_default().push(field);
                continue;
            };
            if let Some(named) = find_named(&org.named_credentials, name) {
                index.fields.entry(named.component.place).or_default().push(field);
            }
        }
        index
    }

    /// Everything in the files that calls a named credential, in the order of files and places.
    pub fn callers(&self, named: &'a NamedCredential) -> Vec<Caller<'a>> {
        let org = self.workspace.org(self.id);
        let mut found: Vec<Caller<'a>> = org
            .callouts_of(named)
            .map(|callout| Caller {
                kind: CallerKind::Apex,
                name: &callout.class.name,
                namespace: None,
                place: callout.name.span,
                name_at: whole(&callout.name, callout.name.as_str(), self.sources),
            })
            .collect();
        let packaged: HashMap<Span, Caller<'a>> = self
            .workspace
            .foreign_callouts(self.id, named)
            .map(|(namespace, callout)| {
                let caller = Caller {
                    kind: CallerKind::PackagedApex,
                    name: &callout.class.name,
                    namespace: Some(namespace),
                    place: callout.name.span,
                    name_at: None,
                };
                (caller.place, caller)
            })
            .collect();
        found.retain(|caller| !packaged.contains_key(&caller.place));
        found.extend(packaged.into_values());
        found.extend(self.registrations.get(&named.component.place).into_iter().flatten().cloned());
        found.sort_by_key(|caller| caller.place);
        found
    }

    /// The merge fields of classes that call this credential only, and those of classes that call several: which
    /// credential these read from is unknown.
    pub fn merge_fields(
        &self,
        named: &NamedCredential,
        callers: &[Caller<'_>],
    ) -> (Vec<Merge>, Vec<Merge>) {
        let own = self.fields.get(&named.component.place).into_iter().flatten();
        let files: BTreeSet<FileId> = callers.iter().map(|caller| caller.place.file).collect();
        let open = files.iter().filter_map(|file| self.open_fields.get(file)).flatten();
        let merges = |field: &&MergeField| merges(field, self.sources);
        (own.flat_map(merges).collect(), open.flat_map(merges).collect())
    }
}

/// The name of the credential in the text of an element: all of it, or what follows `callout:`.
fn reference(text: &Text, is_endpoint: bool) -> Option<String> {
    const SCHEME: &str = "callout:";
    let typed = text.as_str();
    if !is_endpoint {
        return (!typed.is_empty()).then(|| typed.to_owned());
    }
    let scheme = typed.get(..SCHEME.len())?;
    let name = typed[SCHEME.len()..].split(['/', '?', '#']).next()?.trim();
    (scheme.eq_ignore_ascii_case(SCHEME) && !name.is_empty()).then(|| name.to_owned())
}

/// The place of a name inside a text, if the bytes of the file there are the name.
fn whole(text: &Text, name: &str, sources: &Sources) -> Option<Span> {
    let written = sources.get(text.span.file).text().get(text.span.range())?;
    let start = text.span.start as usize + written.find(name)?;
    text.known().map(|_| Span::new(text.span.file, start, start + name.len()))
}

/// The fields of legacy credentials in one literal: those without the name of an external credential.
fn merges(field: &MergeField, sources: &Sources) -> Vec<Merge> {
    const GLOBAL: &str = "$credential.";
    let Some(literal) = sources.get(field.place.file).text().get(field.place.range()) else {
        return Vec::new();
    };
    let folded = literal.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in folded.match_indices(GLOBAL) {
        let start = at + GLOBAL.len();
        let rest = &literal[start..];
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        if length == 0 || rest[length..].starts_with('.') {
            continue;
        }
        let name = &rest[..length];
        let renamed = ["Username", "Password"].iter().any(|known| known.eq_ignore_ascii_case(name));
        let place = field.place.start as usize + start;
        found.push(Merge {
            place: field.place,
            field: name.to_owned(),
            insert_at: renamed.then(|| Span::new(field.place.file, place, place)),
        });
    }
    found
}
