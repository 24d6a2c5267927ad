//! Callouts in Apex: the named credential, the path, and their places.

use super::{Component, DYNAMIC_PART, is_api_name};
use crate::source::{Span, Syntax, Text};

/// A `callout:` in Apex.
#[derive(Clone, Debug)]
pub struct Callout {
    /// The named credential's name, as typed after `callout:`.
    pub name: Text,
    /// The part after the name, as far as it is in string literals.
    pub path: String,
    pub class: Component,
    /// The namespace of the code, if it is part of a managed package.
    pub namespace: Option<String>,
    /// The part after the name, with [`super::DYNAMIC_PART`] for parts that are computed.
    pub path_text: Option<Text>,
    /// What is in the string before `callout:`, such as a quote.
    pub before_scheme: Option<Text>,
    /// Whether the string is passed to `setEndpoint`.
    pub sent: bool,
    /// Whether the callout is in a test or a mock.
    pub in_test: bool,
    /// The place that sets an `Authorization` header on the same request.
    pub authorization: Option<Span>,
}

/// The part of a request that Apex puts a string in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    Header,
    Body,
    /// Passed through a variable or another method, so the part is unknown.
    Unknown,
}

/// A merge field `{!$Credential…}` in an Apex literal.
#[derive(Clone, Debug)]
pub struct MergeField {
    pub place: Span,
    pub part: RequestPart,
    /// The named credential that the class calls, if it calls exactly one.
    pub named: Option<String>,
}

impl Callout {
    /// The name, if it is known and written as a valid API name.
    pub fn plain_name(&self) -> Option<&str> {
        self.name.known().filter(|name| is_api_name(name) && self.name.raw() == *name)
    }

    /// The `Name` in `.__Name`.
    pub fn dotted_name(&self) -> Option<&str> {
        let name = self.name.as_str().strip_prefix('.')?;
        let name = name.trim_start_matches('_');
        is_api_name(name).then_some(name)
    }

    /// Whether the name has leading, trailing or inner whitespace.
    pub fn is_padded_or_spaced(&self) -> bool {
        let raw = self.name.raw();
        let plain = raw.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | ' ' | '\t' | '\n' | '\r')
        });
        plain
            && raw.contains(char::is_whitespace)
            && is_api_name(&self.name.as_str().replace(char::is_whitespace, ""))
    }

    /// Describes the position of the whitespace, for a message.
    pub fn blank_place(&self) -> &'static str {
        let raw = self.name.raw();
        if raw.starts_with(char::is_whitespace) {
            "before it"
        } else if raw.ends_with(char::is_whitespace) {
            "after it"
        } else {
            "in it"
        }
    }

    /// The characters of the literal path that must be encoded in a URL. Excludes merge fields and parts that are
    /// computed at run time.
    pub fn reserved_in_path(&self) -> Vec<(Text, char)> {
        let Some(path) = &self.path_text else { return Vec::new() };
        let raw = path.as_str();
        if raw.contains("{!") || path.known().is_none() {
            return Vec::new();
        }
        let trimmed = raw.trim_end_matches(DYNAMIC_PART);
        trimmed
            .char_indices()
            .filter(|(_, character)| matches!(character, ' ' | '|' | '"' | '{' | '}'))
            .map(|(at, character)| (piece(path, at, character), character))
            .collect()
    }
}

fn piece(path: &Text, at: usize, character: char) -> Text {
    let text = path.part(&character.to_string(), at, at + character.len_utf8());
    let span = if (path.outer.end - path.outer.start) as usize == path.raw().len() {
        text.span
    } else {
        path.span
    };
    Text::at(character.to_string(), Span { ..span }, Syntax::Verbatim)
}
