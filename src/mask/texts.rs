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
use super::{keyed, shapes, value};
use crate::finding::Finding;
use crate::model::MetadataTypes;
use crate::source::{FileId, Kind, MetadataName, Source, Sources, Span};

/// A shorter value is masked only if it is quoted alone, because it can be part of many words.
const MIN_LENGTH: usize = 8;
/// A shorter value says nothing.
const MIN_QUOTED: usize = 4;
/// The maximum length of a message, label or help text in bytes; values can be megabytes long.
const LONGEST: usize = 4000;

/// The masked values of one file, indexed so that a search does not depend on their number.
#[derive(Debug, Default)]
pub struct HiddenValues<'s> {
    all: HashSet<String>,
    /// Lengths of the values that start with these bytes.
    lengths: HashMap<[u8; MIN_LENGTH], BTreeSet<usize>>,
    /// Values of whole fields. The others are words of comments and descriptions.
    whole: HashSet<String>,
    public: Option<Rc<PublicWords<'s>>>,
}

/// What may be shown although a comment or a description mentions it: names that the project shows elsewhere, and the
/// elements and values of metadata types.
#[derive(Debug)]
pub struct PublicWords<'s> {
    sources: &'s Sources,
    /// The names of components, principals, parameters and labels, in lower case. They are read when the first word is
    /// about to be masked.
    names: OnceCell<HashSet<String>>,
}

impl PublicWords<'_> {
    fn read(&self) -> HashSet<String> {
        let mut names = HashSet::new();
        let mut add = |name: &str| {
            let name = name.trim();
            if name.len() <= LONGEST_NAME && value::generated(name).is_empty() {
                names.insert(name.to_ascii_lowercase());
            }
        };
        for (_, source) in self.sources.iter() {
            component_name(source).iter().for_each(|name| add(name));
            if !source.kind.is_metadata() {
                continue;
            }
            for element in PUBLIC_ELEMENTS {
                leaves(source.text(), element).for_each(&mut add);
            }
        }
        names
    }

    fn hold(&self, text: &str) -> bool {
        let text = text.trim().trim_matches(['<', '>']);
        let names = self.names.get_or_init(|| self.read());
        names.contains(&text.to_ascii_lowercase()) || MetadataTypes::get().mentions(text)
    }
}

/// The name of the component in a file, which its path shows.
fn component_name(source: &Source) -> Option<String> {
    match source.kind {
        Kind::Apex => source.file_name().split('.').next().map(str::to_owned),
        kind if kind.is_metadata() => Some(MetadataName::from_file_name(source.file_name()).0),
        _ => None,
    }
}

/// Elements whose values are names: the file types that have them show them.
const PUBLIC_ELEMENTS: &[&str] = &["parameterName", "label", "masterLabel", "fullName"];
/// The longest name of a component with its namespace.
const LONGEST_NAME: usize = 120;

/// The texts of the leaves with this name.
fn leaves<'t>(text: &'t str, element: &str) -> impl Iterator<Item = &'t str> + use<'t> {
    let begin = format!("<{element}>");
    let places: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), begin.as_bytes()).collect();
    places.into_iter().filter_map(move |at| {
        let rest = &text[at + begin.len()..];
        Some(&rest[..memchr::memchr(b'<', rest.as_bytes())?])
    })
}

impl<'s> HiddenValues<'s> {
    /// The values that are masked in a text, as they are written and as they are read.
    pub fn new(text: &str, masks: &[Mask]) -> HiddenValues<'s> {
        let mut values = HiddenValues::default();
        let mut shown: Option<HashSet<&str>> = None;
        for mask in masks.iter().filter(|mask| mask.is_hidden()) {
            let written = text[mask.range.clone()].trim();
            values.add_whole(written);
            if written.contains('&')
                && let Ok(read) = quick_xml::escape::unescape(written)
            {
                values.add_whole(read.trim());
            }
            if written.contains('\\')
                && let Ok(read) = serde_json::from_str::<String>(&format!("\"{written}\""))
            {
                values.add_whole(read.trim());
            }
            if written.contains(char::is_whitespace) {
                let shown = shown.get_or_insert_with(|| shown_words(text, masks));
                for word in written.split_whitespace().filter(|word| word.len() >= MIN_LENGTH) {
                    // The punctuation of a sentence is not part of its words.
                    let bare = word.trim_matches(|mark: char| mark.is_ascii_punctuation());
                    let is_plain = bare.bytes().all(|byte| byte.is_ascii_alphabetic());
                    if !shown.contains(bare) {
                        values.add(if is_plain { bare } else { word });
                    }
                }
            }
        }
        values
    }

    fn add_whole(&mut self, value: &str) {
        self.add(value);
        self.whole.insert(value.to_owned());
    }

    fn add(&mut self, value: &str) {
        if value.len() < MIN_QUOTED || value.len() > LONGEST || value::is_template(value) {
            return;
        }
        // A comment can mention a key of `sfcred.yaml`, and so does the advice to add it.
        if MetadataTypes::get().mentions(value) || keyed::is_key(value.trim_end_matches(':')) {
            return;
        }
        if let Some(start) = value.as_bytes().first_chunk::<MIN_LENGTH>() {
            self.lengths.entry(*start).or_default().insert(value.len());
        }
        self.all.insert(value.to_owned());
    }

    /// Whether a word may be shown as a part of a quoted text.
    fn is_public(&self, word: &str, quoted: &str) -> bool {
        !self.whole.contains(word) && self.public.as_ref().is_some_and(|public| public.hold(quoted))
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
        // A name in quotes as the project shows it.
        let is_public = |range: Range<usize>| {
            let next = quotes.partition_point(|quote| quote.end < range.end);
            let quote = quotes.get(next).filter(|quote| quote.start <= range.start);
            quote.is_some_and(|quote| self.is_public(&text[range.clone()], &text[quote.clone()]))
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
                && !is_public(at..at + length)
            {
                found.push(Mask::hidden(at..at + length));
            }
            at += length.unwrap_or(1);
        }
        for piece in &quotes {
            let trimmed = text[piece.clone()].trim();
            if self.all.contains(trimmed) && !self.is_public(trimmed, trimmed) {
                found.push(Mask::hidden(piece.clone()));
            }
        }
    }
}

/// The words that excerpts of a file show: what a comment says with the same words is not a secret.
fn shown_words<'t>(text: &'t str, masks: &[Mask]) -> HashSet<&'t str> {
    let mut hidden: Vec<Range<usize>> = masks.iter().map(|mask| mask.range.clone()).collect();
    hidden.sort_unstable_by_key(|range| range.start);
    let mut words = HashSet::new();
    let mut at = 0;
    for range in hidden.into_iter().chain(std::iter::once(text.len()..text.len())) {
        if let Some(piece) = text.get(at..range.start) {
            let of_word = |other: char| other.is_alphanumeric() || matches!(other, '_' | '-' | '.');
            let pieces = piece.split(|other: char| !of_word(other));
            words.extend(pieces.filter(|word| word.len() >= MIN_LENGTH));
        }
        at = at.max(range.end);
    }
    words
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
fn masked<'t, 'h, 's: 'h>(
    text: &'t str,
    files: impl Iterator<Item = &'h HiddenValues<'s>>,
) -> Cow<'t, str> {
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

impl HiddenValues<'_> {
    /// A text about the file.
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        masked(text, std::iter::once(self))
    }
}

/// Masks texts about the files of one run. Each file is scanned once, and only if something is said about it.
pub struct Masker<'s> {
    pub sources: &'s Sources,
    files: RefCell<HashMap<FileId, Rc<FileMasks<'s>>>>,
    /// The files that texts without a place are about.
    about: RefCell<BTreeSet<FileId>>,
    /// The names of the components in the files, which are public wherever they occur.
    names: OnceCell<HashSet<String>>,
    public: Rc<PublicWords<'s>>,
}

/// What is masked of a file.
#[derive(Debug)]
pub struct FileMasks<'s> {
    pub masks: Vec<Mask>,
    values: HiddenValues<'s>,
}

impl<'s> Masker<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Masker {
            sources,
            files: RefCell::default(),
            about: RefCell::default(),
            names: OnceCell::new(),
            public: Rc::new(PublicWords { sources, names: OnceCell::new() }),
        }
    }

    /// Sets the files that texts without a place are about.
    pub fn about(&self, files: impl IntoIterator<Item = FileId>) {
        *self.about.borrow_mut() = files.into_iter().collect();
    }

    /// What is masked of a file.
    pub fn file(&self, file: FileId) -> Rc<FileMasks<'s>> {
        if let Some(known) = self.files.borrow().get(&file) {
            return Rc::clone(known);
        }
        let source = self.sources.get(file);
        let concealed = self.sources.concealed(file).iter().map(|span| span.range());
        let mut masks = masks(Notation::from(source.kind), source.text(), concealed);
        let names = self.names.get_or_init(|| {
            self.sources.iter().filter_map(|(_, source)| component_name(source)).collect()
        });
        masks.retain(|mask| !names.contains(source.text()[mask.range.clone()].trim()));
        let mut values = HiddenValues::new(source.text(), &masks);
        values.public = Some(Rc::clone(&self.public));
        let found = Rc::new(FileMasks { masks, values });
        self.files.borrow_mut().insert(file, Rc::clone(&found));
        found
    }

    /// A text about some files.
    pub fn text(&self, text: &str, files: impl IntoIterator<Item = FileId>) -> String {
        let files: Vec<Rc<FileMasks<'_>>> = files.into_iter().map(|file| self.file(file)).collect();
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
            ("add `callouts_run_as: [user]`", "add `callouts_run_as: [user]`"),
            ("", ""),
        ] {
            assert_eq!(
                about(&["abcd-fgh", "abcd-fghij", "ääää-ä", "hunter", "callouts_run_as:"], before),
                after
            );
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
