//! What a deployment to an environment makes of the files: texts are replaced for the run, and afterwards everything points into the files as they are.

mod hidden;
mod replacement;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::discover;
use crate::error::{Error, Narrowing};
use crate::finding::{Edit, Finding};
use crate::nearest::nearest;
use crate::settings::{Environment, Values};
use crate::source::{FileId, Kind, Source, Sources, Span};
use hidden::Hidden;
pub use replacement::{Replacement, With, read as replacements};

/// The files of a run while they hold what would be deployed.
#[derive(Debug, Default)]
pub struct AppliedReplacements {
    files: BTreeMap<FileId, File>,
    hidden: Hidden,
}

/// One file with something replaced.
#[derive(Debug)]
struct File {
    original: String,
    /// In order, none overlaps another.
    pieces: Vec<Piece>,
}

/// Bytes of the deployed text, and those of the file that they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    deployed: Range<usize>,
    original: Range<usize>,
}

/// Rules about what stands in the repository: what a deployment puts in does not.
const ABOUT_SOURCE: &[&str] = &[
    "auth-url-in-source",
    "endpoint-hard-coded",
    "keystore-in-source",
    "private-key-in-source",
    "secret-in-source",
    "session-token-in-source",
];

/// A project and what is put in for it.
struct Project {
    name: String,
    folder: PathBuf,
    replacements: Vec<Replacement>,
    own: Values,
}

/// Puts the values of an environment where a deployment would put them.
///
/// # Errors
/// An environment that is none, a variable without a value, a file of values that cannot be used.
pub fn apply(
    sources: &mut Sources,
    environment: &Environment,
) -> Result<AppliedReplacements, Error> {
    let mut projects = Vec::new();
    let mut declared = environment.declared;
    for (_, source) in sources.iter().filter(|(_, source)| source.kind == Kind::Project) {
        let folder = source.path.parent().map(Path::to_owned).unwrap_or_default();
        let own = if environment.name.is_empty() {
            None
        } else {
            discover::values(&folder.join(format!(".env.{}", environment.name)))?
        };
        declared |= own.is_some();
        // A project file that is no JSON is a finding.
        let json: Value = serde_json::from_str(source.text()).unwrap_or_default();
        projects.push(Project {
            name: source.name.clone(),
            folder,
            replacements: replacements(&json),
            own: own.unwrap_or_default(),
        });
    }
    if !declared {
        let name = environment.name.clone();
        let nearest =
            nearest(&name, environment.known.iter().map(String::as_str)).map(str::to_owned);
        return Err(Narrowing::UnknownEnvironment {
            name,
            known: environment.known.clone(),
            nearest,
        }
        .into());
    }
    let mut deployed = AppliedReplacements::default();
    let mut texts = Vec::new();
    let mut unset: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, source) in sources.iter().filter(|(_, source)| {
        source.kind.is_xml() || matches!(source.kind, Kind::CertificateBody | Kind::Apex)
    }) {
        let project = projects
            .iter()
            .filter(|project| source.path.starts_with(&project.folder))
            .max_by_key(|project| project.folder.components().count());
        let Some(project) = project else { continue };
        if let Some((text, pieces)) = project.deployed(
            source,
            environment,
            &mut deployed.hidden,
            unset.entry(project.name.clone()).or_default(),
        )? {
            texts.push((file, text, pieces));
        }
    }
    if let Some((project, variables)) =
        unset.into_iter().find(|(_, variables)| !variables.is_empty())
    {
        return Err(Narrowing::Unset {
            environment: environment.shown().to_owned(),
            variables: variables.into_iter().collect(),
            project,
        }
        .into());
    }
    for (file, text, pieces) in texts {
        if let Some(original) = sources.exchange(file, text) {
            deployed.files.insert(file, File { original, pieces });
        }
    }
    sources.as_deployed = true;
    Ok(deployed)
}

impl Project {
    /// The text that is deployed, where it is another; variables without a value are noted.
    fn deployed(
        &self,
        source: &Source,
        environment: &Environment,
        hidden: &mut Hidden,
        unset: &mut BTreeSet<String>,
    ) -> Result<Option<(String, Vec<Piece>)>, Error> {
        let inside = source.path.strip_prefix(&self.folder).unwrap_or(&source.path);
        let value = |name: &str| {
            environment
                .layers
                .iter()
                .chain([&self.own])
                .find_map(|layer| layer.get(name))
                .map(|value| value.expose().to_owned())
        };
        let wanted = self.replacements.iter().filter(|entry| entry.applies_to(inside));
        let mut text: Option<String> = None;
        let mut pieces: Vec<Piece> = Vec::new();
        for entry in wanted.filter(|entry| {
            entry.conditions.iter().all(|(name, expected)| value(name).as_ref() == Some(expected))
        }) {
            let cannot = |reason: String| {
                Error::from(Narrowing::Replacement {
                    pattern: entry.written.clone(),
                    project: self.name.clone(),
                    reason,
                })
            };
            if !entry.is_readable() {
                return Err(cannot("its regular expression is none that is understood here (no look-around, no references back)".to_owned()));
            }
            let (new, stands) = match &entry.with {
                With::Variable { name, may_be_unset } => match value(name) {
                    Some(new) => (new, format!("${{{name}}}")),
                    None if *may_be_unset => (String::new(), String::new()),
                    None => {
                        unset.insert(name.clone());
                        continue;
                    }
                },
                With::File(path) => (
                    discover::text_of(&self.folder.join(path))
                        .map_err(|reason| cannot(format!("`{path}` {reason}")))?,
                    format!("${{file {path}}}"),
                ),
                With::Nothing => continue,
            };
            let current = text.as_deref().unwrap_or(source.text());
            let changes = entry.changes(current, &new);
            if changes.is_empty() {
                continue;
            }
            hidden.add(&new, &stands);
            changes.iter().for_each(|(_, put_in)| hidden.add(put_in, &stands));
            let (next, map) = changed(current, &changes, &pieces);
            (text, pieces) = (Some(next), map);
        }
        Ok(text.map(|text| (text, pieces)))
    }
}

/// The text after some changes, and where its replaced pieces come from.
fn changed(
    text: &str,
    changes: &[(Range<usize>, String)],
    before: &[Piece],
) -> (String, Vec<Piece>) {
    let mut result = String::with_capacity(text.len());
    let mut map: Vec<Piece> = Vec::new();
    let mut done = 0;
    // Where a byte of the text before stands now.
    let mut moves: Vec<(usize, isize)> = vec![(0, 0)];
    for (range, new) in changes {
        result.push_str(&text[done..range.start]);
        let start = result.len();
        result.push_str(new);
        let original = original(before, range.start, false)..original(before, range.end, true);
        map.push(Piece { deployed: start..result.len(), original });
        done = range.end;
        moves.push((range.end, result.len() as isize - range.end as isize));
    }
    result.push_str(&text[done..]);
    // A piece that was changed once more is one piece with what was changed.
    for piece in before {
        let moved = |offset: usize| {
            offset.saturating_add_signed(
                moves.iter().rev().find(|(from, _)| *from <= offset).map_or(0, |(_, shift)| *shift),
            )
        };
        map.push(Piece {
            deployed: moved(piece.deployed.start)..moved(piece.deployed.end),
            original: piece.original.clone(),
        });
    }
    map.sort_by_key(|piece| (piece.deployed.start, piece.deployed.end));
    let mut whole: Vec<Piece> = Vec::with_capacity(map.len());
    for piece in map {
        match whole.last_mut().filter(|last| piece.deployed.start < last.deployed.end) {
            Some(last) => {
                last.deployed.end = last.deployed.end.max(piece.deployed.end);
                last.original = last.original.start.min(piece.original.start)
                    ..last.original.end.max(piece.original.end);
            }
            None => whole.push(piece),
        }
    }
    (result, whole)
}

/// Where a byte of the deployed text stands in the file: inside a replaced piece, at its begin or at its end.
fn original(pieces: &[Piece], offset: usize, end: bool) -> usize {
    let mut shift = 0;
    for piece in pieces {
        if offset < piece.deployed.start
            || (offset == piece.deployed.start && end && !piece.deployed.is_empty())
        {
            break;
        }
        if offset < piece.deployed.end || (offset == piece.deployed.end && end) {
            return if end { piece.original.end } else { piece.original.start };
        }
        shift = piece.original.end as isize - piece.deployed.end as isize;
    }
    offset.saturating_add_signed(shift)
}

impl AppliedReplacements {
    /// Gives the files their own texts back, and lets everything that was found point into them. No value is left in any word, and no fix
    /// that would write one or change a replaced text.
    pub fn restore<'f>(
        self,
        sources: &mut Sources,
        found: impl IntoIterator<Item = &'f mut Vec<Finding>>,
    ) {
        for findings in found {
            findings.retain(|finding| {
                !(ABOUT_SOURCE.contains(&finding.rule) && self.touches(finding.primary.span))
            });
            findings.iter_mut().for_each(|finding| self.autofix(finding));
        }
        // A placeholder is no secret, and worth seeing.
        sources.conceal_as(|span| (!self.is_put_in(span)).then(|| self.span(span)));
        for (id, file) in self.files {
            sources.exchange(id, file.original);
        }
    }

    fn autofix(&self, finding: &mut Finding) {
        let hide = |words: &mut String| {
            if let std::borrow::Cow::Owned(hidden) = self.hidden.hide(words) {
                *words = hidden;
            }
        };
        hide(&mut finding.message);
        finding.help.iter_mut().for_each(hide);
        hide(&mut finding.field);
        hide(&mut finding.component.name);
        for label in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
            hide(&mut label.text);
            label.span = self.span(label.span);
        }
        finding.component.place = self.span(finding.component.place);
        finding.fix =
            finding.fix.take().filter(|fix| fix.edits.iter().all(|edit| self.keeps(edit)));
        if let Some(fix) = &mut finding.fix {
            hide(&mut fix.title);
            for edit in &mut fix.edits {
                match edit {
                    Edit::Replace(span, _)
                    | Edit::Remove(span)
                    | Edit::LineBefore(span, _)
                    | Edit::LineAfter(span, _) => *span = self.span(*span),
                }
            }
        }
    }

    fn keeps(&self, edit: &Edit) -> bool {
        match edit {
            Edit::Replace(span, text)
            | Edit::LineBefore(span, text)
            | Edit::LineAfter(span, text) => !self.touches(*span) && !self.hidden.is_in(text),
            Edit::Remove(span) => !self.touches(*span),
        }
    }

    fn touches(&self, span: Span) -> bool {
        let range = span.range();
        self.files.get(&span.file).is_some_and(|file| {
            file.pieces.iter().any(|piece| {
                piece.deployed.start < range.end.max(range.start + 1)
                    && range.start < piece.deployed.end.max(piece.deployed.start + 1)
            })
        })
    }

    /// Nothing but a replaced text.
    fn is_put_in(&self, span: Span) -> bool {
        let range = span.range();
        self.files.get(&span.file).is_some_and(|file| {
            file.pieces
                .iter()
                .any(|piece| piece.deployed.start <= range.start && range.end <= piece.deployed.end)
        })
    }

    fn span(&self, span: Span) -> Span {
        match self.files.get(&span.file) {
            Some(file) => Span::new(
                span.file,
                original(&file.pieces, span.start as usize, false),
                original(&file.pieces, span.end as usize, true),
            ),
            None => span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &str, changes: &[(&str, &str)]) -> (String, Vec<Piece>) {
        changes.iter().fold((text.to_owned(), Vec::new()), |(text, pieces), (old, new)| {
            let found: Vec<_> = text
                .match_indices(old)
                .map(|(at, old)| (at..at + old.len(), (*new).to_owned()))
                .collect();
            changed(&text, &found, &pieces)
        })
    }

    #[test]
    fn every_place_leads_back_into_the_file() {
        let text = "a HOST b KEY c HOST d";
        let (deployed, pieces) =
            put(text, &[("HOST", "a.much.longer.host"), ("KEY", ""), ("longer", "X")]);
        assert_eq!(deployed, "a a.much.X.host b  c a.much.X.host d");
        for (index, word) in ["a ", " b ", " c ", " d"].into_iter().enumerate() {
            let at = if index == 0 { 0 } else { deployed.find(word).unwrap() };
            let (start, end) =
                (original(&pieces, at, false), original(&pieces, at + word.len(), true));
            assert!(text[start..end].contains(word.trim()), "{word}: {}", &text[start..end]);
        }
        let host = deployed.find("X.host").unwrap();
        assert_eq!(
            &text[original(&pieces, host, false)..original(&pieces, host + 6, true)],
            "HOST"
        );
        assert_eq!(original(&pieces, deployed.len(), true), text.len());
    }

    #[test]
    fn rules_about_source_are_rules() {
        for name in ABOUT_SOURCE {
            assert!(crate::check::rule(name).is_some(), "{name}");
        }
    }
}
