//! Files, spans, and values with their location.

mod decode;
mod invisible;
mod kind;
mod lines;
mod path;
mod text;
pub mod work;

pub use decode::{Encoding, Undecodable, decode, decode_any, encode, encode_as, unmarked_utf16};
pub use invisible::is_invisible;
pub use kind::{Kind, MetadataName};
pub use lines::{Lines, Position};
pub use path::{normalized, relative};
pub use text::{Certainty, Offsets, Secret, Syntax, Text};

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in the decoded text of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// Offsets beyond 4 GiB cannot occur: [`crate::discover`] does not read files of that size.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A value and its location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Located<T> {
    pub fn new(value: T, span: Span) -> Self {
        Located { value, span }
    }

    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: change(self.value), span: self.span }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

/// Anything with a location.
pub trait Spanned {
    fn span(&self) -> Span;
}

impl Spanned for Span {
    fn span(&self) -> Span {
        *self
    }
}

impl<T> Spanned for Located<T> {
    fn span(&self) -> Span {
        self.span
    }
}

impl Spanned for Text {
    fn span(&self) -> Span {
        self.span
    }
}

impl<P: Spanned> Spanned for &P {
    fn span(&self) -> Span {
        (*self).span()
    }
}

/// The content of a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// Decoded text.
    Text(String),
    /// Binary content, such as a DER certificate.
    Binary(Vec<u8>),
    /// Why the content is not available, such as the size or the encoding.
    Unreadable(String),
    /// Nothing in the file concerns credentials, so its text is dropped, except for the label of a permission set and
    /// whether a profile is custom.
    Irrelevant { label: Option<String>, custom: bool },
}

/// A file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Absolute; for an entry of a zip, the path of the archive joined with the name of the entry.
    pub path: PathBuf,
    /// Display name: relative to the working directory, with `/`.
    pub name: String,
    pub kind: Kind,
    pub content: Content,
    pub encoding: Encoding,
    /// Ignored by `.forceignore`: other files can refer to it, but it is not checked.
    pub ignored: bool,
}

impl Source {
    /// The decoded text; empty if there is none.
    pub fn text(&self) -> &str {
        match &self.content {
            Content::Text(text) => text,
            Content::Binary(_) | Content::Unreadable(_) | Content::Irrelevant { .. } => "",
        }
    }

    /// The last part of the display name.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The display name of the folder; empty for the working directory.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A path that was skipped, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    pub name: String,
    pub reason: &'static str,
}

/// A file or folder that an ignore file leaves out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    pub name: String,
    pub is_folder: bool,
}

/// All files of a run, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    lines: Vec<OnceLock<Lines>>,
    /// How many files were found, relevant or not.
    pub seen: usize,
    pub skipped: Vec<Skipped>,
    /// Sorted by name.
    pub left_out: Vec<LeftOut>,
    concealed: Vec<Span>,
    /// Whether `replacements` were applied.
    pub as_deployed: bool,
    /// The texts that they wrote, in the order of files and offsets.
    pub replaced: Vec<Span>,
}

impl Sources {
    pub fn add(&mut self, source: Source) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(source);
        self.lines.push(OnceLock::new());
        id
    }

    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The skipped files that are named like credential metadata: without them, a clean result proves nothing.
    pub fn skipped_credentials(&self) -> impl Iterator<Item = &Skipped> {
        self.skipped.iter().filter(|skipped| {
            let file_name = skipped.name.rsplit(['/', '\\']).next().unwrap_or_default();
            Kind::from_file_name(file_name).is_some_and(|kind| {
                kind.is_metadata() && !matches!(kind, Kind::SecretCandidate | Kind::CertificateBody)
            })
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Replaces the text of a file, and returns the old one. Its concealed spans are removed, because parsing the new
    /// text adds them again.
    pub fn rewrite(&mut self, file: FileId, text: String) -> String {
        self.concealed.retain(|span| span.file != file);
        self.lines[file.0 as usize] = OnceLock::new();
        match std::mem::replace(&mut self.files[file.0 as usize].content, Content::Text(text)) {
            Content::Text(old) => old,
            Content::Binary(_) | Content::Unreadable(_) | Content::Irrelevant { .. } => {
                String::new()
            }
        }
    }

    /// Replaces a file by another version of it. Its concealed spans are removed, as in [`Sources::rewrite`].
    pub fn replace(&mut self, file: FileId, source: Source) {
        self.concealed.retain(|span| span.file != file);
        self.lines[file.0 as usize] = OnceLock::new();
        self.files[file.0 as usize] = source;
    }

    /// Marks spans that must not be shown.
    pub fn conceal(&mut self, spans: impl IntoIterator<Item = Span>) {
        self.concealed.extend(spans);
        self.concealed.sort_unstable();
        self.concealed.dedup();
    }

    /// Moves or removes every concealed span.
    pub fn conceal_as(&mut self, place: impl Fn(Span) -> Option<Span>) {
        let moved: Vec<Span> =
            std::mem::take(&mut self.concealed).into_iter().filter_map(place).collect();
        self.conceal(moved);
    }

    /// Replaces the text of a file and keeps its concealed spans. Returns the old text; `None` if the file has none.
    pub fn exchange(&mut self, id: FileId, text: String) -> Option<String> {
        *self.lines.get_mut(id.0 as usize)? = OnceLock::new();
        match &mut self.files.get_mut(id.0 as usize)?.content {
            Content::Text(old) => Some(std::mem::replace(old, text)),
            Content::Binary(_) | Content::Unreadable(_) | Content::Irrelevant { .. } => None,
        }
    }

    /// Gives every file another display name.
    pub fn rename(&mut self, renamed: &dyn Fn(&str) -> String) {
        for file in &mut self.files {
            file.name = renamed(&file.name);
        }
    }

    /// The concealed spans of one file, in order.
    pub fn concealed(&self, file: FileId) -> &[Span] {
        let start = self.concealed.partition_point(|span| span.file < file);
        let end = self.concealed.partition_point(|span| span.file <= file);
        &self.concealed[start..end]
    }

    /// The line table of a file.
    pub fn lines(&self, file: FileId) -> &Lines {
        self.lines[file.0 as usize].get_or_init(|| Lines::new(self.get(file).text()))
    }

    /// The line and column of a byte offset.
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        self.lines(file).position(self.get(file).text(), offset as usize)
    }
}

/// Panics if a file contains `forced-panic-` followed by `place`, with a message that quotes the file. Used to test the
/// output of a panic.
#[cfg(feature = "forced-panic")]
pub fn fail_if_asked(place: &str, text: &str) {
    assert!(!text.contains(&format!("forced-panic-{place}")), "{text}");
}
