//! Parses XML to a tree in which names and text have byte spans. Entities are not expanded, and nothing is fetched.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use crate::model::Node;
use crate::source::{FileId, Offsets, Span, Syntax};

/// The maximum depth of elements; Salesforce's own metadata has fewer than 20 levels.
pub const MAX_DEPTH: usize = 128;
/// The maximum number of elements in one file that are kept: this many, and at most one for so many bytes after the first
/// few. The largest profiles of public projects have about 150,000, most of which no rule needs.
pub const MAX_ELEMENTS: usize = 200_000;
const BYTES_PER_ELEMENT: usize = 24;
const SMALL_FILE: usize = 5_000;

/// One element.
#[derive(Clone, Debug)]
pub struct Element {
    /// Without a namespace prefix.
    pub name: String,
    pub name_span: Span,
    /// From `<` to `>`, including the end tag.
    pub span: Span,
    pub children: Vec<Element>,
    /// The text with references resolved, if there are no child elements.
    pub text: String,
    /// The span between the tags.
    pub inner: Span,
    pub syntax: Syntax,
    /// The offsets of the text in the file, if any of it is escaped.
    pub offsets: Offsets,
}

/// Why a file is not well-formed, and where.
#[derive(Clone, Debug)]
pub struct Fault {
    pub message: String,
    pub span: Span,
    /// The start tag that the message is about.
    pub related: Option<(Span, String)>,
}

impl Element {
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element as a child of an element that is not in the file, beside some siblings.
    pub fn wrapped(self, name: &str, mut siblings: Vec<Element>) -> Element {
        let around = self.beside(name, "");
        siblings.push(self);
        Element { children: siblings, ..around }
    }

    /// An element in the place of this one that is not in the file.
    pub fn beside(&self, name: &str, text: &str) -> Element {
        Element {
            name: name.to_owned(),
            name_span: self.name_span,
            span: self.span,
            children: Vec::new(),
            text: text.to_owned(),
            inner: self.inner,
            syntax: Syntax::Verbatim,
            offsets: Offsets::default(),
        }
    }
}

impl Node for Element {
    fn name(&self) -> &str {
        &self.name
    }

    fn name_span(&self) -> Span {
        self.name_span
    }

    fn children(&self) -> &[Element] {
        &self.children
    }

    fn text(&self) -> &str {
        &self.text
    }
}

/// Parses a document. `keep` selects children of the root; the others are only checked for nesting.
pub fn parse(file: FileId, text: &str, keep: impl Fn(&str) -> bool) -> Result<Element, Box<Fault>> {
    Parser { file, text, reader: reader(text), open: Vec::new(), count: 0 }.document(keep)
}

fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.check_end_names = true;
    config.expand_empty_elements = false;
    reader
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    reader: Reader<&'a [u8]>,
    open: Vec<Element>,
    count: usize,
}

impl<'a> Parser<'a> {
    fn document(mut self, keep: impl Fn(&str) -> bool) -> Result<Element, Box<Fault>> {
        let mut root: Option<Element> = None;
        loop {
            let start = self.position();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.syntax(&error, start)),
            };
            let end = self.position();
            match event {
                Event::Start(tag) => {
                    self.room_for_one_more(start, end, root.is_some())?;
                    let element = self.element(&tag, start, end)?;
                    if self.open.len() == 1 && !keep(&element.name) {
                        if let Err(error) = self.reader.read_to_end(tag.name()) {
                            return Err(self.syntax(&error, start));
                        }
                        continue;
                    }
                    self.open.push(element);
                }
                Event::Empty(tag) => {
                    self.room_for_one_more(start, end, root.is_some())?;
                    // `<a/>` has no content that an edit could replace.
                    let element =
                        Element { syntax: Syntax::Verbatim, ..self.element(&tag, start, end)? };
                    match self.open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => root = Some(element),
                    }
                }
                Event::End(_) => {
                    let Some(mut element) = self.open.pop() else { continue };
                    element.span = self.span(element.span.start as usize, end);
                    element.inner = self.span(element.inner.start as usize, start);
                    if element.children.is_empty() {
                        narrow_cdata(&mut element, self.text);
                        element.offsets = if element.text.len()
                            == (element.inner.end - element.inner.start) as usize
                        {
                            Offsets::new()
                        } else {
                            element.offsets
                        };
                    } else {
                        element.text = String::new();
                    }
                    match self.open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => root = Some(element),
                    }
                }
                Event::Text(piece) => self.characters(&piece.xml10_content(), start, end)?,
                Event::CData(piece) => {
                    if let Some(element) = self.open.last_mut() {
                        element.syntax = Syntax::Cdata;
                    }
                    self.characters(&piece.xml10_content(), start, end)?;
                }
                Event::GeneralRef(reference) => {
                    let resolved = if reference.is_char_ref() {
                        reference
                            .resolve_char_ref()
                            .ok()
                            .flatten()
                            .filter(|&character| is_xml_character(character))
                            .map(String::from)
                    } else {
                        predefined(&reference.xml10_content()).map(str::to_owned)
                    };
                    let Some(resolved) = resolved else {
                        let name = self.quotable(&self.text[start..end.min(self.text.len())]);
                        return Err(self.fault(format!("`{name}` is not a predefined XML entity or a valid character reference; custom entities are not expanded"), start, end));
                    };
                    self.characters(&resolved, start, end)?;
                }
                Event::DocType(_) => {
                    return Err(self.fault(
                        "a document type declaration (`<!DOCTYPE`) is not allowed in metadata; nothing in it is expanded",
                        start,
                        end.min(start + 9),
                    ));
                }
                Event::Decl(_) if start != 0 && !self.text[..start].trim().is_empty() => {
                    return Err(self.fault(
                        "the XML declaration must come first in the file",
                        start,
                        end,
                    ));
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if let Some(element) = self.open.last() {
            let place = element.name_span;
            let end = self.text.trim_end().len();
            return Err(Box::new(Fault {
                message: format!(
                    "the file ends before `<{}>` is closed, so it is cut off",
                    element.name
                ),
                span: self.span(self.text.floor_char_boundary(end.saturating_sub(1)), end),
                related: Some((place, "opened here".into())),
            }));
        }
        root.ok_or_else(|| self.fault("the file does not contain an element", 0, 0))
    }

    fn position(&self) -> usize {
        (self.reader.buffer_position() as usize).min(self.text.len())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn fault(&self, message: impl Into<String>, start: usize, end: usize) -> Box<Fault> {
        let start = self.text.floor_char_boundary(start.min(self.text.len()));
        let end = self.text.floor_char_boundary(end.clamp(start, self.text.len()));
        Box::new(Fault { message: message.into(), span: self.span(start, end), related: None })
    }

    /// A part of the text for a message; empty if the open element can contain a secret.
    fn quotable(&self, part: &str) -> String {
        if self.open.last().is_some_and(|element| announces_secret(&element.name)) {
            "…".to_owned()
        } else {
            clipped(part)
        }
    }

    fn room_for_one_more(
        &mut self,
        start: usize,
        end: usize,
        root_is_closed: bool,
    ) -> Result<(), Box<Fault>> {
        self.count += 1;
        if self.open.is_empty() && root_is_closed {
            return Err(self.fault(
                "a second root element: a metadata file contains one component",
                start,
                end,
            ));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.fault(
                format!("elements are nested more than {MAX_DEPTH} levels deep"),
                start,
                end,
            ));
        }
        let most = MAX_ELEMENTS.min(SMALL_FILE + self.text.len() / BYTES_PER_ELEMENT);
        if self.count > most {
            return Err(self.fault(
                format!(
                    "the file contains more than {most} elements, which is the limit for its size"
                ),
                start,
                end,
            ));
        }
        Ok(())
    }

    fn element(
        &self,
        tag: &BytesStart<'_>,
        start: usize,
        end: usize,
    ) -> Result<Element, Box<Fault>> {
        let full = tag.name().as_ref().to_owned();
        let local = tag.local_name().as_ref().to_owned();
        let name_start = start + 1 + (full.len() - local.len());
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| {
                self.fault(
                    format!("an attribute of `<{}>` is not well-formed: {error}", clipped(&full)),
                    start,
                    end,
                )
            })?;
            let key = attribute.key.as_ref().to_owned();
            attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|error| {
                self.fault(
                    format!(
                        "the attribute `{}` has a value that XML does not allow: {error}",
                        clipped(&key)
                    ),
                    start,
                    end,
                )
            })?;
        }
        Ok(Element {
            name_span: self.span(name_start, name_start + local.len()),
            name: local,
            span: self.span(start, end),
            children: Vec::new(),
            text: String::new(),
            inner: self.span(end, end),
            syntax: Syntax::Xml,
            offsets: Offsets::new(),
        })
    }

    fn characters(&mut self, piece: &str, start: usize, end: usize) -> Result<(), Box<Fault>> {
        if let Some(at) = piece.find(|character| !is_xml_character(character)) {
            return Err(self.fault(
                "a control character, which XML does not allow",
                start + at,
                start + at + 1,
            ));
        }
        match self.open.last_mut() {
            Some(element) if element.children.is_empty() => {
                note_offsets(
                    &mut element.offsets,
                    element.text.len()..element.text.len() + piece.len(),
                    start,
                    &self.text[start..end],
                );
                element.text.push_str(piece);
            }
            Some(_) => {}
            None if piece.trim().is_empty() => {}
            None => {
                let lead = piece.len() - piece.trim_start().len();
                return Err(self.fault("text outside the root element", start + lead, end));
            }
        }
        Ok(())
    }

    fn syntax(&self, error: &Error, start: usize) -> Box<Fault> {
        if let Some(at) = merge_conflict(self.text) {
            return self.fault(
                "the file contains an unresolved merge conflict",
                at,
                at + "<<<<<<<".len(),
            );
        }
        let at = (self.reader.error_position() as usize).clamp(0, self.text.len());
        let open = self.open.last();
        let message = match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                let mut fault =
                    self.fault(format!("`</{}>` closes an element that is not open; `</{}>` is expected", self.quotable(found), clipped(expected)), at, at + found.len() + 3);
                fault.related = open.map(|element| (element.name_span, "opened here".to_owned()));
                return fault;
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => format!("`</{}>` closes an element that was never opened", clipped(found)),
            Error::IllFormed(IllFormedError::MissingEndTag(name)) => format!("the file ends before `<{}>` is closed, so it is cut off", clipped(name)),
            Error::IllFormed(IllFormedError::UnclosedReference) => "`&` must be written `&amp;`, or the reference that it begins must end with `;`".to_owned(),
            Error::Syntax(SyntaxError::UnclosedTag) => "the file ends inside a tag, so it is cut off".to_owned(),
            Error::Syntax(SyntaxError::UnclosedComment) => "the comment that begins here is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedCData) => "the CDATA section that begins here is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedDoctype) => {
                "a document type declaration (`<!DOCTYPE`) is not allowed in metadata; nothing in it is expanded".to_owned()
            }
            other => format!("not well-formed XML: {other}"),
        };
        let at = if at < start { start } else { at };
        let end = self.text[self.text.floor_char_boundary(at)..]
            .find(['\n', '>'])
            .map_or(self.text.len(), |length| at + length + 1)
            .min(at + 60);
        self.fault(message, at, end)
    }
}

/// Records the offset of a piece of text, and the offset after each CRLF, which is read as one character.
fn note_offsets(offsets: &mut Offsets, decoded: std::ops::Range<usize>, start: usize, raw: &str) {
    offsets.push((decoded.start as u32, start as u32));
    if raw.starts_with('&') || raw.starts_with("<![") {
        offsets.push((decoded.end as u32, (start + raw.len()) as u32));
        return;
    }
    let decoded = decoded.start;
    for (count, at) in memchr::memmem::find_iter(raw.as_bytes(), b"\r\n").enumerate() {
        offsets.push(((decoded + at + 1 - count) as u32, (start + at + 2) as u32));
    }
}

/// If the whole text is one CDATA section, limits the span to the content of the section.
fn narrow_cdata(element: &mut Element, text: &str) {
    if element.syntax != Syntax::Cdata {
        return;
    }
    let inner = &text[element.inner.range()];
    let trimmed = inner.trim();
    let body = trimmed.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
    match body {
        Some(body) if !body.contains("]]>") => {
            let start = element.inner.start as usize
                + inner.find("<![CDATA[").unwrap_or(0)
                + "<![CDATA[".len();
            element.inner = Span::new(element.inner.file, start, start + body.len());
            element.text = body.replace("\r\n", "\n");
            element.offsets.clear();
            note_offsets(&mut element.offsets, 0..element.text.len(), start, body);
        }
        _ => element.syntax = Syntax::Verbatim,
    }
}

/// The offset of an unresolved merge conflict.
fn merge_conflict(text: &str) -> Option<usize> {
    if text.starts_with("<<<<<<< ") { Some(0) } else { text.find("\n<<<<<<< ").map(|at| at + 1) }
}

fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

/// Whether XML 1.0 allows the character (`Char`).
fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether the content of an element may be a secret, by the name of the element. For damaged files, which are not
/// parsed: the type of the file, and with it the fields that are public, is not known there.
fn announces_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "parametervalue"
        || ["secret", "password", "passphrase", "token", "key"]
            .iter()
            .any(|word| name.ends_with(word))
}

fn clipped(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Result<Element, Box<Fault>> {
        parse(FileId(0), text, |_| true)
    }

    fn fault(text: &str) -> String {
        tree(text).unwrap_err().message
    }

    #[test]
    fn texts_are_joined_and_know_their_bytes() {
        let text =
            "<?xml version=\"1.0\"?>\n<a xmlns=\"u\"><b> x&amp;&#121;<!-- c -->z </b><c/></a>";
        let root = tree(text).unwrap();
        let b = root.child("b").unwrap();
        assert_eq!(b.text, " x&yz ");
        assert_eq!(&text[b.inner.range()], " x&amp;&#121;<!-- c -->z ");
        assert_eq!(&text[b.span.range()], "<b> x&amp;&#121;<!-- c -->z </b>");
        assert_eq!(root.child("c").unwrap().text, "");
    }

    #[test]
    fn prefixes_are_taken_off() {
        let text = "<m:a xmlns:m=\"u\"><m:b>1</m:b></m:a>";
        let root = tree(text).unwrap();
        assert_eq!(root.name, "a");
        assert_eq!(&text[root.name_span.range()], "a");
        assert_eq!(root.child("b").unwrap().text, "1");
    }

    #[test]
    fn a_cdata_section_is_narrowed_to_its_content() {
        let text = "<a><b>\n<![CDATA[x & y]]>\n</b></a>";
        let root = tree(text).unwrap();
        let b = root.child("b").unwrap();
        assert_eq!(
            (b.text.as_str(), &text[b.inner.range()], b.syntax),
            ("x & y", "x & y", Syntax::Cdata)
        );
    }

    #[test]
    fn faults_have_a_message_and_a_place() {
        assert!(fault("<a><b></a>").contains("`</b>` is expected"));
        assert!(fault("<a><b>").contains("cut off"));
        assert!(fault("<a><b").contains("cut off"));
        assert!(fault("<a/><b/>").contains("second root"));
        assert!(fault("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").contains("DOCTYPE"));
        assert!(fault("<a>&x;</a>").contains("custom entities"));
        assert!(fault("<a>&#0;</a>").contains("valid character reference"));
        assert!(fault("<a>\u{1}</a>").contains("control character"));
        assert!(fault("").contains("not contain an element"));
        assert!(fault("<a/>x").contains("outside the root"));
        assert!(fault("<a x='1' x='2'/>").contains("attribute"));
        assert!(fault(&"<a>".repeat(200)).contains("levels deep"));
        assert!(fault("<a>b & c</a>").contains("&amp;"));
        assert!(!fault("<password>b&MARK;c</password>").contains("MARK"));
        assert!(!fault("<password>b</MARK></password>").contains("MARK"));
    }

    #[test]
    fn unwanted_children_are_checked_for_nesting_only() {
        assert!(
            parse(FileId(0), "<a><b><c/></b><d/></a>", |name| name == "d")
                .unwrap()
                .child("b")
                .is_none()
        );
        assert!(parse(FileId(0), "<a><b><c></b></a>", |name| name == "d").is_err());
    }
}
