//! Which findings are shown: everything was looked at, and what nobody asked for is left out and counted.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::discover::Changes;
use crate::error::{Error, UsageError};
use crate::finding::Finding;
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::source::{FileId, Kind, MetadataName, Source, Sources};

/// What to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Findings of these orgs; of all where there are none.
    pub orgs: Vec<String>,
    /// Findings that touch what has changed, or what that refers to.
    pub changes: Option<Changes>,
    /// Findings that touch this file.
    pub file: Option<PathBuf>,
}

/// Takes out what nobody asked for.
///
/// # Errors
/// An org that is none.
pub fn filter(report: &mut Report, shown: &Filter) -> Result<(), Error> {
    let names: Vec<&str> = report.workspace.orgs.iter().map(|org| org.name.as_str()).collect();
    for name in &shown.orgs {
        if !names.contains(&name.as_str()) {
            let nearest = nearest(name, names.iter().copied()).map(str::to_owned);
            return Err(UsageError::UnknownOrg {
                name: name.clone(),
                orgs: names.iter().map(|name| (*name).to_owned()).collect(),
                nearest,
            }
            .into());
        }
    }
    let of_org = |finding: &Finding| {
        shown.orgs.is_empty()
            || names
                .get(finding.component.org.0)
                .is_some_and(|name| shown.orgs.iter().any(|wanted| wanted == name))
    };
    let touched = shown.changes.as_ref().map(|changes| ChangedFiles::by(changes, report));
    let only = shown.file.as_ref().map(|path| {
        report.sources.iter().find(|(_, source)| source.path == *path).map(|(file, _)| file)
    });
    let keep = |finding: &Finding| {
        of_org(finding)
            && touched.as_ref().is_none_or(|touched| touched.shows(finding))
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
    report.filtered.by.extend(shown.orgs.iter().map(|name| format!("--org {name}")));
    report
        .filtered
        .by
        .extend(shown.changes.iter().map(|changes| format!("--since {}", changes.reference)));
    report.filtered.by.extend(shown.file.iter().map(|_| "--stdin-path".to_owned()));
    (report.findings, report.allowed) = (findings, allowed);
    Ok(())
}

/// The files in which a finding shows.
fn files(finding: &Finding) -> impl Iterator<Item = FileId> {
    [finding.primary.span.file, finding.component.place.file]
        .into_iter()
        .chain(finding.related.iter().map(|label| label.span.file))
}

/// What has changed, and what that refers to.
struct ChangedFiles {
    changed: HashSet<FileId>,
    /// The other side of a connection, what a changed file names or named, and what still names a file that is gone.
    referred: HashSet<FileId>,
}

impl ChangedFiles {
    fn by(changes: &Changes, report: &Report) -> ChangedFiles {
        let sources = &report.sources;
        let changed: HashSet<FileId> = sources
            .iter()
            .filter(|(_, source)| changes.contains(&source.path))
            .map(|(file, _)| file)
            .collect();
        let mut referred = named(changes, &changed, sources);
        for connection in report.workspace.connections() {
            let app = connection.app.records.iter().map(|record| record.component.place.file);
            let sides: Vec<FileId> = app
                .chain([
                    connection.credential.component.place.file,
                    connection.app.component.place.file,
                ])
                .collect();
            if sides.iter().any(|file| changed.contains(file)) {
                referred.extend(sides);
            }
        }
        ChangedFiles { changed, referred }
    }

    fn shows(&self, finding: &Finding) -> bool {
        files(finding).any(|file| self.changed.contains(&file))
            || [finding.primary.span.file, finding.component.place.file]
                .iter()
                .any(|file| self.referred.contains(file))
    }
}

/// Files of components whose names stand in what has changed, as it is or as it was, and files that hold the name of a component that is gone.
fn named(changes: &Changes, changed: &HashSet<FileId>, sources: &Sources) -> HashSet<FileId> {
    let texts: Vec<&str> = changed
        .iter()
        .map(|file| sources.get(*file))
        .filter(|source| may_refer(source.kind))
        .map(Source::text)
        .chain([changes.removed.as_str()])
        .collect();
    let words: HashSet<&str> = texts.iter().flat_map(|text| text.split(between_words)).collect();
    let says = |name: &str| {
        if name.contains(between_words) {
            texts.iter().any(|text| text.contains(name))
        } else {
            words.contains(name)
        }
    };
    let gone: HashSet<String> = changes
        .deleted
        .iter()
        .filter_map(|path| component_name(&path.file_name()?.to_string_lossy()))
        .collect();
    let others =
        sources.iter().filter(|(file, source)| !changed.contains(file) && may_refer(source.kind));
    others
        .filter(|(_, source)| {
            let is_named = component_name(source.file_name()).is_some_and(|name| says(&name));
            is_named
                || !gone.is_empty()
                    && source.text().split(between_words).any(|word| gone.contains(word))
        })
        .map(|(file, _)| file)
        .collect()
}

fn may_refer(kind: Kind) -> bool {
    kind.is_metadata() && kind != Kind::SecretCandidate || kind == Kind::Apex
}

fn component_name(file_name: &str) -> Option<String> {
    Kind::of(file_name)
        .filter(|kind| may_refer(*kind) && *kind != Kind::Description)
        .map(|_| MetadataName::from_file_name(file_name).0)
        .filter(|name| name.len() > 1)
}

fn between_words(character: char) -> bool {
    !character.is_alphanumeric() && character != '_'
}
