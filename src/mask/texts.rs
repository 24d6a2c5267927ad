//! Masks text about files: messages, labels, facts. A value that is masked in an excerpt of a file is masked there, too.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::file::{Notation, masks};
use super::mark::{HIDDEN, Mask, applied, disjoint};
use super::{shapes, value};
use crate::finding::Finding;
use crate::source::{FileId, MetadataName, Sources, Span};

/// A shorter value is masked only if it is quoted alone, because it can be part of many words.
const MIN_LENGTH: usize = 8;
/// A shorter value says nothing.
const MIN_QUOTED: usize = 4;
/// The maximum length of a message, label or help text in bytes; values can be megabytes long.
const LONGEST: usize = 4000;

/// The masked values of one file, indexed so that a search does not depend on their number.
#[derive(Debug, Default)]
pub struct HiddenValues {
    all: HashSet<String>,
    /// Lengths of the values that start with these bytes.
    lengths: HashMap<[u8; MIN_LENGTH], BTreeSet<usize>>,
}

impl HiddenValues {
    /// The values that are masked in a text, as they are written and as they are read.
    pub fn new(text: &str, masks: &[Mask]) -> HiddenValues {
        let mut values = HiddenValues::default();
        for mask in masks.iter().filter(|mask| mask.is_hidden()) {
            let written = text[mask.range.clone()].trim();
            values.add(written);
            if written.contains('&')
                && let Ok(read) = quick_xml::escape::unescape(written)
            {
                values.add(read.trim());
            }
            if written.contains('\\')
                && let Ok(read) = serde_json::from_str::<String>(&format!("\"{written}\""))
            {
                values.add(read.trim());
            }
            if written.contains(char::is_whitespace) {
                written
                    .split_whitespace()
                    .filter(|word| word.len() >= MIN_LENGTH)
                    .for_each(|word| values.add(word));
            }
        }
        values
    }

    fn add(&mut self, value: &str) {
        if value.len() < MIN_QUOTED || value.len() > LONGEST || value::is_template(value) {
            return;
        }
        if let Some(start) = value.as_bytes().first_chunk::<MIN_LENGTH>() {
            self.lengths.entry(*start).or_default().insert(value.len());
        }
        self.all.insert(value.to_owned());
    }

    /// The values in a text.
    fn find(&self, text: &str, found: &mut Vec<Mask>) {
        if self.all.is_empty() {
            return;
        }
        let bytes = text.as_bytes();
        let quotes: Vec<Range<usize>> = quoted(text).collect();
        // A word of its own is masked only in quotes.
        let is_shown = |range: Range<usize>| {
            let is_word = bytes[range.clone()].iter().all(u8::is_ascii_alphabetic);
            let touches = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
            let is_part = touches(range.start.checked_sub(1).and_then(|before| bytes.get(before)))
                || touches(bytes.get(range.end));
            let next = quotes.partition_point(|quote| quote.end < range.end);
            let is_quoted = quotes.get(next).is_some_and(|quote| quote.start <= range.start);
            is_word && (is_part || !is_quoted)
        };
        let mut at = 0;
        while let Some(start) = bytes[at..].first_chunk::<MIN_LENGTH>() {
            let length = self.lengths.get(start).and_then(|lengths| {
                lengths.range(..=text.len() - at).rev().copied().find(|length| {
                    text.get(at..at + length).is_some_and(|piece| self.all.contains(piece))
                })
            });
            if let Some(length) = length
                && !is_shown(at..at + length)
            {
                found.push(Mask::hidden(at..at + length));
            }
            at += length.unwrap_or(1);
        }
        for piece in quotes {
            let trimmed = text[piece.clone()].trim();
            if self.all.contains(trimmed) {
                found.push(Mask::hidden(piece));
            }
        }
    }
}

/// The quoted parts of a message.
fn quoted(text: &str) -> impl Iterator<Item = Range<usize>> {
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"`([^`]+)`|"([^"]+)""#).expect("a constant pattern"));
    QUOTED
        .captures_iter(text)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|piece| piece.range())
}

/// A text without values that are secret by their shape, and cut to a readable length. Control characters are kept:
/// each format escapes them in its own way.
pub fn text(text: &str) -> Cow<'_, str> {
    masked(text, std::iter::empty())
}

/// A name, without what looks generated.
pub fn name(name: &str) -> String {
    let quoted = format!("`{name}`");
    text(&quoted).trim_matches('`').to_owned()
}

/// A text without the values that files hide.
fn masked<'t, 'h>(text: &'t str, files: impl Iterator<Item = &'h HiddenValues>) -> Cow<'t, str> {
    let mut all = shapes::shapes(text);
    all.extend(value::hidden_in_urls(text, false).into_iter().map(Mask::hidden));
    for file in files {
        file.find(text, &mut all);
    }
    for piece in quoted(text) {
        let generated = value::generated(&text[piece.clone()]).into_iter();
        let moved = generated.map(|run| piece.start + run.start..piece.start + run.end);
        let is_key = |run: &Range<usize>| {
            all.iter().any(|mask| mask.range.start < run.end && run.start < mask.range.end)
        };
        let new: Vec<Mask> = moved.filter(|run| !is_key(run)).map(Mask::hidden).collect();
        all.extend(new);
    }
    let all = disjoint(text, all);
    if all.is_empty() {
        return cut(text).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    let result = applied(text, &all);
    Cow::Owned(cut(&result).unwrap_or(result))
}

/// Keeps the start and the end of a string that is too long, because the quoted value is in the middle of a message.
fn cut(text: &str) -> Option<String> {
    if text.len() <= LONGEST {
        return None;
    }
    let head = text.floor_char_boundary(LONGEST * 3 / 4);
    let tail = text.ceil_char_boundary(text.len() - LONGEST / 4);
    Some(format!("{} … {}", &text[..head], &text[tail..]))
}

impl HiddenValues {
    /// A text about the file.
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        masked(text, std::iter::once(self))
    }
}

/// Masks texts about the files of one run. Each file is scanned once, and only if something is said about it.
pub struct Masker<'s> {
    pub sources: &'s Sources,
    files: RefCell<HashMap<FileId, Rc<FileMasks>>>,
    /// The files that texts without a place are about.
    about: RefCell<BTreeSet<FileId>>,
    /// The names of the components in the files, which are public wherever they occur.
    names: OnceCell<HashSet<String>>,
}

/// What is masked of a file.
#[derive(Debug)]
pub struct FileMasks {
    pub masks: Vec<Mask>,
    values: HiddenValues,
}

impl<'s> Masker<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Masker {
            sources,
            files: RefCell::default(),
            about: RefCell::default(),
            names: OnceCell::new(),
        }
    }

    /// Sets the files that texts without a place are about.
    pub fn about(&self, files: impl IntoIterator<Item = FileId>) {
        *self.about.borrow_mut() = files.into_iter().collect();
    }

    /// What is masked of a file.
    pub fn file(&self, file: FileId) -> Rc<FileMasks> {
        if let Some(known) = self.files.borrow().get(&file) {
            return Rc::clone(known);
        }
        let source = self.sources.get(file);
        let concealed = self.sources.concealed(file).iter().map(|span| span.range());
        let mut masks = masks(Notation::from(source.kind), source.text(), concealed);
        let names = self.names.get_or_init(|| {
            let metadata = self.sources.iter().filter(|(_, source)| source.kind.is_metadata());
            metadata.map(|(_, source)| MetadataName::from_file_name(source.file_name()).0).collect()
        });
        masks.retain(|mask| !names.contains(source.text()[mask.range.clone()].trim()));
        let values = HiddenValues::new(source.text(), &masks);
        let found = Rc::new(FileMasks { masks, values });
        self.files.borrow_mut().insert(file, Rc::clone(&found));
        found
    }

    /// A text about some files.
    pub fn text(&self, text: &str, files: impl IntoIterator<Item = FileId>) -> String {
        let files: Vec<Rc<FileMasks>> = files.into_iter().map(|file| self.file(file)).collect();
        masked(text, files.iter().map(|file| &file.values)).into_owned()
    }

    /// A text about the file at a place, or about the files of [`Masker::about`].
    pub fn text_at(&self, text: &str, place: Option<Span>) -> String {
        let about = self.about.borrow().clone();
        match place {
            Some(place) => self.text(text, about.into_iter().chain([place.file])),
            None => self.text(text, about),
        }
    }

    /// The value at a place, which is masked like the place.
    pub fn value_at(&self, text: &str, place: Option<Span>) -> String {
        let is_hidden = |place: Span| {
            let range = place.range();
            self.file(place.file).masks.iter().any(|mask| {
                mask.is_hidden()
                    && mask.range.start <= range.start
                    && range.end <= mask.range.end
                    && !range.is_empty()
            })
        };
        if place.is_some_and(is_hidden) {
            return HIDDEN.to_owned();
        }
        let quoted = format!("`{text}`");
        let masked = self.text_at(&quoted, place);
        masked.trim_matches('`').to_owned()
    }

    /// Whether a text about a file contains something that is masked.
    pub fn hides(&self, text: &str, file: FileId) -> bool {
        self.text(text, [file]) != text
    }
}

/// Masks all texts of findings.
pub fn mask_findings(findings: &mut [Finding], sources: &Sources) {
    let masker = Masker::new(sources);
    for finding in findings {
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        let files: BTreeSet<FileId> =
            labels.map(|label| label.span.file).chain([finding.component.place.file]).collect();
        let mask = |text: &mut String| {
            let masked = masker.text(text, files.iter().copied());
            if masked != *text {
                *text = masked;
            }
        };
        mask(&mut finding.message);
        finding.help.iter_mut().for_each(mask);
        mask(&mut finding.primary.text);
        finding.related.iter_mut().for_each(|label| mask(&mut label.text));
        mask(&mut finding.field);
        finding.fix.iter_mut().for_each(|fix| mask(&mut fix.title));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(values: &[&str], text: &str) -> String {
        let mut hidden = HiddenValues::default();
        values.iter().for_each(|value| hidden.add(value));
        hidden.masked(text).into_owned()
    }

    #[test]
    fn values_that_a_file_hides_are_hidden_in_texts_about_it() {
        for (before, after) in [
            ("x abcd-fghi y", "x ••••i y"),
            ("abcd-fghijabcd-fgh", "••••"),
            ("é`ääää-ä`", "é`••••`"),
            ("`hunter` and hunter", "`••••` and hunter"),
            ("abcd-fg", "abcd-fg"),
            ("", ""),
        ] {
            assert_eq!(about(&["abcd-fgh", "abcd-fghij", "ääää-ä", "hunter"], before), after);
        }
    }

    #[test]
    fn what_looks_secret_is_hidden_in_every_text() {
        for (before, after) in [
            (
                "`http://user:MARK@acme.example/x?a=b&api_key=MARK&c=d`",
                "`http://••••@acme.example/x?a=b&api_key=••••&c=d`",
            ),
            (
                "see https://help.salesforce.com/s/articleView?id=xcloud.x.htm&type=5",
                "see https://help.salesforce.com/s/articleView?id=xcloud.x.htm&type=5",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMARK", "••••"),
            ("`p8Xv2kQm71ZtLr0s`", "`••••`"),
            ("`3MVG9KRQ…wxyz` and `acme--uat`", "`3MVG9KRQ…wxyz` and `acme--uat`"),
        ] {
            assert_eq!(text(before), after);
        }
        assert!(text(&"ä".repeat(100_000)).len() < 5000);
    }
}
