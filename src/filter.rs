//! Hides findings by org, changed files or file, after everything was checked, and counts what is
//! hidden.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use aho_corasick::AhoCorasick;

use crate::changes::Changes;
use crate::error::{Error, UsageError};
use crate::finding::{Finding, Label};
use crate::model::Workspace;
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::source::{FileId, Kind, MetadataName, Source, Sources, Span};

/// Which findings to show. An empty filter shows all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only findings of these orgs, unless the list is empty.
    pub orgs: Vec<String>,
    /// Only findings in changed files, or in files related to them.
    pub changes: Option<Changes>,
    /// Only findings with a place in this file.
    pub file: Option<PathBuf>,
}

/// Checks that an org with this name exists.
///
/// # Errors
/// If there is none.
pub fn known_org(workspace: &Workspace, name: &str) -> Result<(), Error> {
    let names = || workspace.orgs.iter().map(|org| org.name.as_str());
    if names().any(|known| known == name) {
        return Ok(());
    }
    let nearest = nearest(name, names()).map(str::to_owned);
    let orgs = names().map(str::to_owned).collect();
    Err(UsageError::UnknownOrg { name: name.to_owned(), orgs, nearest }.into())
}

/// Removes the findings that the filter hides.
///
/// # Errors
/// If there is no org with one of the names.
pub fn filter(report: &mut Report, filter: &Filter) -> Result<(), Error> {
    filter.orgs.iter().try_for_each(|name| known_org(&report.workspace, name))?;
    let names: Vec<&str> = report.workspace.orgs.iter().map(|org| org.name.as_str()).collect();
    let in_org = |finding: &Finding| {
        filter.orgs.is_empty()
            || names
                .get(finding.component.org.0)
                .is_some_and(|name| filter.orgs.iter().any(|wanted| wanted == name))
    };
    let changed_files = filter.changes.as_ref().map(|changes| ChangedFiles::new(changes, report));
    let only = filter.file.as_ref().map(|path| {
        report.sources.iter().find(|(_, source)| source.path == *path).map(|(file, _)| file)
    });
    let keep = |finding: &Finding| {
        in_org(finding)
            && changed_files.as_ref().is_none_or(|files| files.concern(finding))
            && only.is_none_or(|only| {
                only.is_some_and(|file| files(finding).any(|other| other == file))
            })
    };
    let before = report.findings.len();
    let (findings, allowed) =
        (std::mem::take(&mut report.findings), std::mem::take(&mut report.allowed));
    let findings: Vec<Finding> = findings.into_iter().filter(keep).collect();
    let allowed: Vec<Finding> = allowed.into_iter().filter(keep).collect();
    report.filtered.findings += before - findings.len();
    report.filtered.by.extend(filter.orgs.iter().map(|name| format!("--org {name}")));
    report
        .filtered
        .by
        .extend(filter.changes.iter().map(|changes| format!("--since {}", changes.reference)));
    report.filtered.by.extend(filter.file.iter().map(|_| "--stdin-path".to_owned()));
    report.findings = fold_copies(findings, &report.sources);
    report.allowed = fold_copies(allowed, &report.sources);
    Ok(())
}

/// Reports the same fault of identical files once, because source trees are sometimes copied as a
/// whole. The finding lists the places in the copies.
fn fold_copies(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut by_text: HashMap<(&str, &str), FileId> = HashMap::new();
    let mut originals: HashMap<FileId, FileId> = HashMap::new();
    let mut firsts: HashMap<_, usize> = HashMap::new();
    let mut folded: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let Span { file, start, end } = finding.primary.span;
        let original = *originals.entry(file).or_insert_with(|| {
            let source = sources.get(file);
            *by_text.entry((source.file_name(), source.text())).or_insert(file)
        });
        let Finding { rule, severity, .. } = finding;
        let key =
            (rule, severity, original, start, end, finding.message.clone(), finding.field.clone());
        match firsts.get(&key) {
            Some(&first) if original != file => {
                folded[first]
                    .add_related(Label { text: "also in this copy".to_owned(), ..finding.primary });
            }
            Some(_) | None => {
                firsts.entry(key).or_insert(folded.len());
                folded.push(finding);
            }
        }
    }
    folded
}

/// The files of all places of a finding.
fn files(finding: &Finding) -> impl Iterator<Item = FileId> {
    [finding.primary.span.file, finding.component.place.file]
        .into_iter()
        .chain(finding.related.iter().map(|label| label.span.file))
}

/// The changed files, and the files related to them.
struct ChangedFiles {
    changed: HashSet<FileId>,
    /// The other sides of connections, files of components that a changed file names or named, and
    /// files that name a deleted component.
    related: HashSet<FileId>,
}

impl ChangedFiles {
    fn new(changes: &Changes, report: &Report) -> ChangedFiles {
        let sources = &report.sources;
        let changed: HashSet<FileId> = sources
            .iter()
            .filter(|(_, source)| changes.contains(&source.path))
            .map(|(file, _)| file)
            .collect();
        let mut related = files_by_name(changes, &changed, sources);
        for connection in report.workspace.connections() {
            let app = connection.app.records.iter().map(|record| record.component.place.file);
            let sides: Vec<FileId> = app
                .chain([
                    connection.credential.component.place.file,
                    connection.app.component.place.file,
                ])
                .collect();
            if sides.iter().any(|file| changed.contains(file)) {
                related.extend(sides);
            }
        }
        ChangedFiles { changed, related }
    }

    fn concern(&self, finding: &Finding) -> bool {
        files(finding).any(|file| self.changed.contains(&file))
            || [finding.primary.span.file, finding.component.place.file]
                .iter()
                .any(|file| self.related.contains(file))
    }
}

/// The files of components that the changed text names, now or before the change, and the files that
/// name a deleted component.
fn files_by_name(
    changes: &Changes,
    changed: &HashSet<FileId>,
    sources: &Sources,
) -> HashSet<FileId> {
    let texts: Vec<&str> = changed
        .iter()
        .map(|file| sources.get(*file))
        .filter(|source| may_refer(source.kind))
        .map(Source::text)
        .chain([changes.removed.as_str()])
        .collect();
    let words: HashSet<&str> = texts.iter().flat_map(|text| text.split(is_separator)).collect();
    let others =
        sources.iter().filter(|(file, source)| !changed.contains(file) && may_refer(source.kind));
    let others: Vec<(FileId, &Source, Option<String>)> =
        others.map(|(file, source)| (file, source, component_name(source.file_name()))).collect();
    let several_words: Vec<&str> = others
        .iter()
        .filter_map(|(.., name)| name.as_deref().filter(|name| name.contains(is_separator)))
        .collect();
    let phrases = names_in(&several_words, &texts);
    let deleted: HashSet<String> = changes
        .deleted
        .iter()
        .filter_map(|path| component_name(&path.file_name()?.to_string_lossy()))
        .collect();
    others
        .iter()
        .filter(|(_, source, name)| {
            let name = name.as_deref();
            name.is_some_and(|name| words.contains(name) || phrases.contains(name))
                || !deleted.is_empty()
                    && source.text().split(is_separator).any(|word| deleted.contains(word))
        })
        .map(|(file, ..)| *file)
        .collect()
}

/// Those of some names that any of the texts contains.
fn names_in<'a>(names: &[&'a str], texts: &[&str]) -> HashSet<&'a str> {
    let Ok(automaton) = AhoCorasick::new(names) else { return names.iter().copied().collect() };
    let found = texts.iter().flat_map(|text| automaton.find_overlapping_iter(*text));
    found.map(|found| names[found.pattern().as_usize()]).collect()
}

fn may_refer(kind: Kind) -> bool {
    kind.is_metadata() && kind != Kind::SecretCandidate || kind == Kind::Apex
}

fn component_name(file_name: &str) -> Option<String> {
    Kind::from_file_name(file_name)
        .filter(|kind| may_refer(*kind) && *kind != Kind::Description)
        .map(|_| MetadataName::from_file_name(file_name).0)
        .filter(|name| name.len() > 1)
}

fn is_separator(character: char) -> bool {
    !character.is_alphanumeric() && character != '_'
}
