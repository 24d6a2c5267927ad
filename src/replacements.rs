//! Applies the `replacements` of `sfdx-project.json` in memory, and maps the results back to the original files.

mod masked;
mod replacement;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{ConfigError, Error};
use crate::finding::{Edit, Finding};
use crate::nearest::nearest;
use crate::pattern::Patterns;
use crate::settings::{Environment, Values, read_values};
use crate::source::{FileId, Kind, Source, Sources, Span};
use masked::MaskedValues;
pub use replacement::{Replacement, With, read as replacements};

/// The text of each file by its path, or the reason why it cannot be read. Files that do not exist are omitted.
pub type Texts = BTreeMap<PathBuf, Result<String, String>>;

/// The maximum number of bytes that the replacements of a run write.
const MAX_WRITTEN: usize = 16 << 20;
/// The maximum number of bytes that they search: this many, and each file this many times.
const MAX_SEARCHED: usize = 1 << 30;
const MAX_PASSES: usize = 100;
/// The maximum number of different values.
const MAX_VALUES: usize = 10_000;
const TOO_MUCH: &str = "the replacements of this run write or search too much text";

/// How much the replacements of a run may still write and search.
struct Room {
    write: Option<usize>,
    search: Option<usize>,
}

impl Room {
    /// `length` is that of all files.
    fn new(length: usize) -> Room {
        let search = MAX_SEARCHED.saturating_add(length.saturating_mul(MAX_PASSES));
        Room { write: Some(MAX_WRITTEN), search: Some(search) }
    }

    fn left(&self) -> usize {
        self.write.unwrap_or(0)
    }

    fn take(&mut self, written: usize, searched: usize) {
        self.write = self.write.and_then(|left| left.checked_sub(written));
        self.search = self.search.and_then(|left| left.checked_sub(searched));
    }

    fn is_over(&self) -> bool {
        self.write.is_none() || self.search.is_none()
    }
}

/// The replacements that were applied to the files of a run.
#[derive(Debug, Default)]
pub struct AppliedReplacements {
    files: BTreeMap<FileId, File>,
    masked: MaskedValues,
}

/// A file with replacements.
#[derive(Debug)]
struct File {
    original: String,
    /// In order, without overlaps.
    pieces: Vec<Piece>,
}

/// A range of the deployed text, and the range of the original that it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    deployed: Range<usize>,
    original: Range<usize>,
}

/// A Salesforce DX project with its replacements and the variables of its `.env` file.
struct Project {
    name: String,
    folder: PathBuf,
    replacements: Vec<Replacement>,
    variables: Option<Values>,
}

/// The files that [`replacements`] needs besides the sources: files of variables, and files whose content replaces
/// text.
/// Each with the project file that names it.
pub fn files_needed(sources: &Sources, environment: &Environment) -> Vec<(PathBuf, PathBuf)> {
    let mut files = Vec::new();
    for source in projects(sources) {
        let folder = folder_of(source);
        let json = json(source);
        let replaced_with = replacement::files(&json).map(|path| folder.join(path));
        let named = variables_file(folder, environment).into_iter().chain(replaced_with);
        files.extend(named.map(|path| (path, source.path.clone())));
    }
    files
}

fn projects(sources: &Sources) -> impl Iterator<Item = &Source> {
    sources.iter().map(|(_, source)| source).filter(|source| source.kind == Kind::Project)
}

fn folder_of(source: &Source) -> &Path {
    source.path.parent().unwrap_or(Path::new(""))
}

/// Parses the project file. Invalid JSON is reported as a finding elsewhere.
fn json(project: &Source) -> Value {
    serde_json::from_str(project.text()).unwrap_or_default()
}

fn variables_file(folder: &Path, environment: &Environment) -> Option<PathBuf> {
    (!environment.name.is_empty()).then(|| folder.join(format!(".env.{}", environment.name)))
}

/// Replaces placeholders with the values of an environment. `texts` are the [`files_needed`].
///
/// # Errors
/// An unknown environment, a variable without a value, a file of variables or a replacement that cannot be used.
pub fn apply(
    sources: &mut Sources,
    environment: &Environment,
    texts: &Texts,
) -> Result<AppliedReplacements, Error> {
    let mut patterns = Patterns::default();
    let projects = projects(sources)
        .map(|source| Project::new(source, environment, texts, &mut patterns))
        .collect::<Result<Vec<_>, Error>>()?;
    if !environment.declared && projects.iter().all(|project| project.variables.is_none()) {
        let name = environment.name.clone();
        let nearest =
            nearest(&name, environment.known.iter().map(String::as_str)).map(str::to_owned);
        return Err(ConfigError::UnknownEnvironment {
            name,
            known: environment.known.clone(),
            nearest,
        }
        .into());
    }
    let by_folder: HashMap<&Path, &Project> =
        projects.iter().map(|project| (project.folder.as_path(), project)).collect();
    let mut deployed = AppliedReplacements::default();
    let length = sources.iter().map(|(_, source)| source.text().len()).sum();
    let mut room = Room::new(length);
    let mut changed = Vec::new();
    let mut unset: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, source) in sources.iter().filter(|(_, source)| {
        source.kind.is_xml() || matches!(source.kind, Kind::CertificateBody | Kind::Apex)
    }) {
        let project = source.path.ancestors().find_map(|folder| by_folder.get(folder));
        let Some(project) = project else { continue };
        if let Some((text, pieces)) = project.deployed(
            source,
            environment,
            texts,
            &mut deployed.masked,
            &mut room,
            unset.entry(project.name.clone()).or_default(),
        )? {
            changed.push((file, text, pieces));
        }
    }
    if let Some((project, variables)) =
        unset.into_iter().find(|(_, variables)| !variables.is_empty())
    {
        return Err(ConfigError::Unset {
            environment: environment.shown().to_owned(),
            variables: variables.into_iter().collect(),
            project,
        }
        .into());
    }
    for (file, text, pieces) in changed {
        let replaced = pieces.iter().map(|piece| &piece.deployed);
        sources.replaced.extend(replaced.map(|range| Span::new(file, range.start, range.end)));
        if let Some(original) = sources.exchange(file, text) {
            deployed.files.insert(file, File { original, pieces });
        }
    }
    sources.as_deployed = true;
    Ok(deployed)
}

impl Project {
    fn new(
        source: &Source,
        environment: &Environment,
        texts: &Texts,
        patterns: &mut Patterns,
    ) -> Result<Project, Error> {
        let folder = folder_of(source).to_owned();
        let variables = variables_file(&folder, environment)
            .and_then(|path| texts.get(&path).map(|text| (path, text)))
            .map(|(path, text)| variables(path, text))
            .transpose()?;
        Ok(Project {
            name: source.name.clone(),
            folder,
            replacements: replacements(&json(source), patterns),
            variables,
        })
    }

    /// The deployed text, if it differs from the source. Adds variables without a value to `unset`.
    fn deployed(
        &self,
        source: &Source,
        environment: &Environment,
        texts: &Texts,
        masked: &mut MaskedValues,
        room: &mut Room,
        unset: &mut BTreeSet<String>,
    ) -> Result<Option<(String, Vec<Piece>)>, Error> {
        let inside = source.path.strip_prefix(&self.folder).unwrap_or(&source.path);
        let value = |name: &str| {
            environment
                .layers
                .iter()
                .chain(&self.variables)
                .find_map(|layer| layer.get(name))
                .map(|value| value.expose().to_owned())
        };
        let wanted = self.replacements.iter().filter(|entry| entry.applies_to(inside));
        let mut draft = Draft::default();
        for entry in wanted.filter(|entry| {
            entry.conditions.iter().all(|(name, expected)| value(name).as_ref() == Some(expected))
        }) {
            let cannot = |reason: String| {
                Error::from(ConfigError::Replacement {
                    pattern: entry.written.clone(),
                    project: self.name.clone(),
                    reason,
                })
            };
            if let Some(obstacle) = entry.obstacle() {
                return Err(cannot(obstacle.to_owned()));
            }
            let (new, placeholder) = match &entry.with {
                With::Variable { name, may_be_unset } => match value(name) {
                    Some(new) => (new, format!("${{{name}}}")),
                    None if *may_be_unset => (String::new(), String::new()),
                    None => {
                        unset.insert(name.clone());
                        continue;
                    }
                },
                With::File(path) => (
                    match texts.get(&self.folder.join(path)) {
                        Some(Ok(text)) => text.clone(),
                        Some(Err(reason)) => return Err(cannot(format!("`{path}` {reason}"))),
                        None => return Err(cannot(format!("`{path}` does not exist"))),
                    },
                    format!("${{file {path}}}"),
                ),
                With::Nothing => continue,
            };
            let before = draft.text.take();
            let current = before.as_deref().unwrap_or(source.text());
            let Some(changes) = entry.changes(current, &new, room.left()) else {
                return Err(cannot(TOO_MUCH.to_owned()));
            };
            // Each pass over a text is counted, so that many small replacements do not take too long either.
            room.take(0, current.len());
            if changes.is_empty() && !room.is_over() {
                draft.text = before;
                continue;
            }
            masked.add(&new, &placeholder);
            let next = draft.changed(current, &changes, room, |written| {
                masked.add(written, &placeholder);
            });
            let Some(next) = next.filter(|_| !room.is_over() && masked.len() <= MAX_VALUES) else {
                return Err(cannot(TOO_MUCH.to_owned()));
            };
            draft.text = Some(next);
        }
        Ok(draft.finish())
    }
}

fn variables(path: PathBuf, text: &Result<String, String>) -> Result<Values, Error> {
    match text {
        Ok(text) => read_values(text)
            .map_err(|(line, reason)| ConfigError::Values { path, line, reason }.into()),
        Err(reason) => Err(Error::unreadable(path, reason.clone())),
    }
}

/// A text during the replacements. Each new value is represented by one character until the end, so that no
/// other replacement can match a part of a value: which patterns match would reveal it.
#[derive(Default)]
struct Draft {
    /// `None` if nothing has been replaced yet.
    text: Option<String>,
    /// The places of the characters that stand for what was written; in order.
    pieces: Vec<Piece>,
    /// What was written, each once.
    written: Vec<String>,
    positions: HashMap<String, usize>,
}

/// The first of the characters that stand for what was written. They are for private use, so files do not contain them;
/// those of a file that does are not in a piece.
const FIRST_STAND_IN: u32 = 0x10_0000;

impl Draft {
    fn written_for(&self, character: char) -> Option<&str> {
        let position = u32::from(character).checked_sub(FIRST_STAND_IN)?;
        self.written.get(position as usize).map(String::as_str)
    }

    fn stand_in(&mut self, written: String) -> Option<char> {
        let next = self.written.len();
        let position = *self.positions.entry(written).or_insert_with_key(|written| {
            self.written.push(written.clone());
            next
        });
        char::from_u32(FIRST_STAND_IN + u32::try_from(position).ok()?)
    }

    /// The text after some changes; `None` if they write too much. Calls `on_value` with each new text.
    fn changed(
        &mut self,
        text: &str,
        changes: &[(Range<usize>, String)],
        room: &mut Room,
        mut on_value: impl FnMut(&str),
    ) -> Option<String> {
        let mut result = String::with_capacity(text.len());
        let mut map: Vec<Piece> = Vec::new();
        let mut done = 0;
        // Offsets in the old text, and how far the bytes from there on move.
        let mut moves: Vec<(usize, isize)> = vec![(0, 0)];
        for (range, new) in changes {
            // A group of the pattern may have matched what was written before.
            let mut whole = String::with_capacity(new.len());
            for character in new.chars() {
                match self.written_for(character) {
                    Some(written) => whole.push_str(written),
                    None => whole.push(character),
                }
                if whole.len() > room.left() {
                    return None;
                }
            }
            room.take(whole.len(), 0);
            on_value(&whole);
            result.push_str(&text[done..range.start]);
            let start = result.len();
            result.push(self.stand_in(whole)?);
            let original =
                original(&self.pieces, range.start, false)..original(&self.pieces, range.end, true);
            map.push(Piece { deployed: start..result.len(), original });
            done = range.end;
            moves.push((range.end, result.len() as isize - range.end as isize));
        }
        result.push_str(&text[done..]);
        // A piece is one character, so a change includes all of it or nothing.
        let mut next_change = changes.iter().map(|(range, _)| range).peekable();
        for piece in std::mem::take(&mut self.pieces) {
            while next_change.next_if(|range| range.end <= piece.deployed.start).is_some() {}
            if next_change.peek().is_some_and(|range| range.start < piece.deployed.end) {
                continue;
            }
            let after = moves.partition_point(|(from, _)| *from <= piece.deployed.start);
            let moved = |offset: usize| offset.saturating_add_signed(moves[after - 1].1);
            map.push(Piece {
                deployed: moved(piece.deployed.start)..moved(piece.deployed.end),
                original: piece.original,
            });
        }
        map.sort_by_key(|piece| piece.deployed.start);
        self.pieces = map;
        Some(result)
    }

    /// The deployed text and its pieces, if anything was replaced.
    fn finish(mut self) -> Option<(String, Vec<Piece>)> {
        let draft = self.text.take()?;
        let mut text = String::with_capacity(draft.len());
        let mut done = 0;
        let mut pieces = std::mem::take(&mut self.pieces);
        for piece in &mut pieces {
            let stand_in = piece.deployed.clone();
            text.push_str(&draft[done..stand_in.start]);
            let start = text.len();
            let character = draft[stand_in.clone()].chars().next();
            text.push_str(character.and_then(|one| self.written_for(one)).unwrap_or_default());
            piece.deployed = start..text.len();
            done = stand_in.end;
        }
        text.push_str(&draft[done..]);
        Some((text, pieces))
    }
}

/// The offset in the original file of an offset in the deployed text. Inside a replaced piece it is the end of the
/// piece if `end`, otherwise its start.
fn original(pieces: &[Piece], offset: usize, end: bool) -> usize {
    // The pieces that begin before the offset, and among them the first that does not end before it.
    let begun = pieces.partition_point(|Piece { deployed, .. }| {
        deployed.start < offset || (deployed.start == offset && (!end || deployed.is_empty()))
    });
    let ended = pieces.partition_point(|Piece { deployed, .. }| {
        deployed.end < offset || (deployed.end == offset && !end)
    });
    if let Some(piece) = pieces[..begun].get(ended) {
        return if end { piece.original.end } else { piece.original.start };
    }
    let before = begun.checked_sub(1).map(|at| &pieces[at]);
    offset.saturating_add_signed(
        before.map_or(0, |piece| piece.original.end as isize - piece.deployed.end as isize),
    )
}

impl AppliedReplacements {
    /// Restores the original texts and makes all findings point into them. Masks the replaced values in messages, and
    /// removes fixes that would write one of them or change a replaced text. Drops findings about replaced values of
    /// rules that judge the committed source.
    pub fn restore<'f>(
        self,
        sources: &mut Sources,
        found: impl IntoIterator<Item = &'f mut Vec<Finding>>,
        judges_source: impl Fn(&Finding) -> bool,
    ) {
        for findings in found {
            findings
                .retain(|finding| !(judges_source(finding) && self.touches(finding.primary.span)));
            findings.iter_mut().for_each(|finding| self.restore_finding(finding));
        }
        // A placeholder is not a secret.
        sources.conceal_as(|span| (!self.is_replaced(span)).then(|| self.span(span)));
        for (id, file) in self.files {
            sources.exchange(id, file.original);
        }
    }

    fn restore_finding(&self, finding: &mut Finding) {
        self.remove_suggestion(finding);
        let mut labels = std::iter::once(&finding.primary).chain(&finding.related);
        let is_about_replaced = labels.any(|label| self.touches(label.span));
        let mask = |text: &mut String| {
            if let std::borrow::Cow::Owned(masked) = self.masked.mask(text) {
                *text = masked;
            }
            if is_about_replaced
                && let std::borrow::Cow::Owned(masked) = self.masked.mask_words(text)
            {
                *text = masked;
            }
        };
        mask(&mut finding.message);
        finding.help.iter_mut().for_each(mask);
        mask(&mut finding.field);
        mask(&mut finding.component.name);
        for label in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
            mask(&mut label.text);
            label.span = self.span(label.span);
        }
        finding.component.place = self.span(finding.component.place);
        finding.fix =
            finding.fix.take().filter(|fix| fix.edits.iter().all(|edit| self.is_safe(edit)));
        if let Some(fix) = &mut finding.fix {
            mask(&mut fix.title);
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

    /// A suggestion for a replaced value, or one that is such a value, would reveal most of it to a project that lists many
    /// similar names.
    fn remove_suggestion(&self, finding: &mut Finding) {
        let mut labels = std::iter::once(&finding.primary).chain(&finding.related);
        let reveals = labels.any(|label| self.touches(label.span))
            || self.masked.is_in(&finding.message)
            || finding.help.as_deref().is_some_and(|help| self.masked.is_in(help));
        if reveals {
            finding.help = finding.help.take().filter(|help| !help.contains("did you mean"));
            finding.related.retain(|label| !label.text.contains("similar"));
        }
    }

    /// Whether an edit affects no replaced text and contains no masked value.
    fn is_safe(&self, edit: &Edit) -> bool {
        match edit {
            Edit::Replace(span, text)
            | Edit::LineBefore(span, text)
            | Edit::LineAfter(span, text) => !self.touches(*span) && !self.masked.is_in(text),
            Edit::Remove(span) => !self.touches(*span),
        }
    }

    fn touches(&self, span: Span) -> bool {
        let range = span.range();
        self.files.get(&span.file).is_some_and(|file| {
            let next = file.pieces.partition_point(|Piece { deployed, .. }| {
                deployed.end.max(deployed.start + 1) <= range.start
            });
            let next = file.pieces.get(next);
            next.is_some_and(|piece| piece.deployed.start < range.end.max(range.start + 1))
        })
    }

    /// Whether a span is inside of one replaced text.
    fn is_replaced(&self, span: Span) -> bool {
        let range = span.range();
        self.files.get(&span.file).is_some_and(|file| {
            let begun = file.pieces.partition_point(|piece| piece.deployed.start <= range.start);
            begun.checked_sub(1).is_some_and(|at| range.end <= file.pieces[at].deployed.end)
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

    fn replaced(text: &str, changes: &[(&str, &str)]) -> (String, Vec<Piece>) {
        let mut draft = Draft::default();
        for (old, new) in changes {
            let current = draft.text.take().unwrap_or_else(|| text.to_owned());
            let found: Vec<_> = current
                .match_indices(old)
                .map(|(at, old)| (at..at + old.len(), (*new).to_owned()))
                .collect();
            draft.text = draft.changed(&current, &found, &mut Room::new(text.len()), |_| {});
        }
        draft.finish().unwrap()
    }

    #[test]
    fn offsets_map_back_to_the_original() {
        let text = "a HOST b KEY c HOST d";
        let (deployed, pieces) =
            replaced(text, &[("HOST", "a.much.longer.host"), ("KEY", ""), ("longer", "X")]);
        assert_eq!(deployed, "a a.much.longer.host b  c a.much.longer.host d");
        for (index, word) in ["a ", " b ", " c ", " d"].into_iter().enumerate() {
            let at = if index == 0 { 0 } else { deployed.find(word).unwrap() };
            let (start, end) =
                (original(&pieces, at, false), original(&pieces, at + word.len(), true));
            assert!(text[start..end].contains(word.trim()), "{word}: {}", &text[start..end]);
        }
        let host = deployed.find("r.host").unwrap();
        assert_eq!(
            &text[original(&pieces, host, false)..original(&pieces, host + 6, true)],
            "HOST"
        );
        assert_eq!(original(&pieces, deployed.len(), true), text.len());
    }

    #[test]
    fn a_replacement_matches_no_part_of_what_another_one_wrote() {
        let text = "<a>KEY</a><b>KEY</b>";
        let (deployed, _) = replaced(text, &[("KEY", "hunter2"), ("hunter", "X"), ("h", "Y")]);
        assert_eq!(deployed, "<a>hunter2</a><b>hunter2</b>");
        // What is replaced again as a whole leaves nothing behind.
        let stand_in = char::from_u32(FIRST_STAND_IN).unwrap();
        let outer = format!("<a>{stand_in}</a>");
        let (deployed, pieces) = replaced(text, &[("KEY", "hunter2"), (&outer, "x")]);
        assert_eq!(deployed, "x<b>hunter2</b>");
        assert_eq!(pieces[0], Piece { deployed: 0..1, original: 0..10 });
        assert_eq!(pieces[1], Piece { deployed: 4..11, original: 13..16 });
    }

    #[test]
    fn characters_of_a_file_that_look_like_stand_ins_are_text() {
        let stand_in = char::from_u32(FIRST_STAND_IN).unwrap();
        let (deployed, pieces) = replaced(&format!("{stand_in} KEY"), &[("KEY", "hunter2")]);
        assert_eq!((deployed, pieces.len()), (format!("{stand_in} hunter2"), 1));
    }
}
