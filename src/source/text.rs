//! A text that a person typed, and how far it can be taken at its word.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::Span;

/// How a text is written down, so that an edit can write it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    Xml,
    /// Inside one `<![CDATA[…]]>`.
    Cdata,
    YamlPlain,
    YamlSingleQuoted,
    YamlDoubleQuoted,
    /// Text in a form that no edit should touch, such as a YAML block scalar.
    Verbatim,
}

/// Whether a text is what an org will see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    Known,
    /// Something replaces it before or during deployment: nobody can judge it here.
    Placeholder,
    /// A template's blank that nobody filled in.
    Unfilled,
}

/// The unescaped text of an element, attribute or scalar.
#[derive(Clone, Debug)]
pub struct Text {
    /// As stored, blanks included.
    raw: String,
    /// The text without the blanks around it.
    pub span: Span,
    /// With the blanks around it.
    pub outer: Span,
    /// The whole element or entry, name and all.
    pub element: Span,
    pub syntax: Syntax,
    pub certainty: Certainty,
    /// Where bytes of `raw` stand in the file, if escapes or line ends make a difference.
    offsets: Offsets,
}

/// Pairs of an offset in unescaped text and the byte in the file where it stands, in order; between two pairs both
/// advance alike. Empty where nothing is escaped.
pub type Offsets = Vec<(u32, u32)>;

impl Text {
    pub fn new(raw: String, span: Span, outer: Span, element: Span, syntax: Syntax) -> Self {
        let certainty = certainty(raw.trim());
        Text { raw, span, outer, element, syntax, certainty, offsets: Offsets::new() }
    }

    /// A text that stands at one place and fills it.
    pub fn at(raw: impl Into<String>, span: Span, syntax: Syntax) -> Self {
        Text::new(raw.into(), span, span, span, syntax)
    }

    /// The same text with the places of its escapes; its span is told anew from them.
    pub fn with_offsets(mut self, offsets: Offsets) -> Self {
        self.offsets = offsets;
        let lead = self.raw.len() - self.raw.trim_start().len();
        let end = lead + self.as_str().len();
        if !self.is_empty() {
            self.span = self.bytes(lead, end);
        }
        self
    }

    /// The bytes of a range of `raw`.
    fn bytes(&self, start: usize, end: usize) -> Span {
        if self.offsets.is_empty() {
            let exact = (self.outer.end - self.outer.start) as usize == self.raw.len();
            return if exact {
                Span::new(
                    self.outer.file,
                    self.outer.start as usize + start,
                    self.outer.start as usize + end,
                )
            } else {
                self.span
            };
        }
        let byte = |offset: usize| {
            let before = self.offsets.iter().rev().find(|(decoded, _)| *decoded as usize <= offset);
            before.map_or(self.outer.start as usize, |(decoded, byte)| {
                *byte as usize + offset - *decoded as usize
            })
        };
        let end = byte(end).min(self.outer.end as usize);
        Span::new(self.outer.file, byte(start).min(end), end)
    }

    /// The same text as part of a larger element or entry.
    pub fn within(self, element: Span) -> Self {
        Text { element, ..self }
    }

    /// The same text, unknown if a deployment replaces some of its bytes.
    pub fn replaced_in(mut self, replaced: &[std::ops::Range<usize>]) -> Self {
        let mine = self.outer.range();
        if replaced.iter().any(|range| range.start < mine.end && mine.start < range.end) {
            self.certainty = Certainty::Placeholder;
        }
        self
    }

    /// Without the blanks around it.
    pub fn as_str(&self) -> &str {
        self.raw.trim()
    }

    /// Exactly as stored.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// The text if an org will see it as it stands here: no placeholder, no template's blank, not empty.
    pub fn known(&self) -> Option<&str> {
        (self.certainty == Certainty::Known && !self.is_empty()).then(|| self.as_str())
    }

    pub fn is_true(&self) -> bool {
        self.known().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    pub fn is_false(&self) -> bool {
        self.known().is_some_and(|text| text.eq_ignore_ascii_case("false"))
    }

    /// A piece of this text, by its offsets in [`Text::as_str`].
    pub fn part(&self, piece: &str, start: usize, end: usize) -> Text {
        let lead = self.raw.len() - self.raw.trim_start().len();
        let span = self.bytes(lead + start, lead + end);
        let certainty = certainty(piece.trim()).max_doubt(self.certainty);
        Text {
            raw: piece.to_owned(),
            span,
            outer: span,
            element: span,
            syntax: self.syntax,
            certainty,
            offsets: Offsets::new(),
        }
    }

    /// The comma separated items, without blanks around them and without empty ones.
    pub fn comma_separated(&self) -> Vec<Text> {
        let mut items = Vec::new();
        let text = self.as_str();
        let mut start = 0;
        for piece in text.split(',') {
            let lead = piece.len() - piece.trim_start().len();
            let trimmed = piece.trim();
            if !trimmed.is_empty() {
                items.push(self.part(trimmed, start + lead, start + lead + trimmed.len()));
            }
            start += piece.len() + 1;
        }
        items
    }
}

impl Certainty {
    fn max_doubt(self, other: Certainty) -> Certainty {
        if self == Certainty::Known { other } else { self }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What deployment tools replace: `${X}`, `{{X}}`, `%%X%%`, `@@X@@`, `__X__`, `{env.X}`, `#{X}#`, `[[X]]`, `$(X)`, and what scrubbers leave behind.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \$\{[^}\n]+\} | \{\{[^}\n]+\}\} | %%+[A-Za-z0-9_.:\ -]+%%+ | @@?[A-Z][A-Z0-9_.-]{2,}@@? | @@[A-Za-z0-9_.-]+@@
        | \{env\.[A-Za-z0-9_]+\} | \#\{[^}\n]+\}\#? | \[\[[^\]\n]+\]\] | \$\([A-Za-z0-9_.]+\)
        | HIDDEN_BY_SFDX_HARDIS | (?i:certificate\ hidden\ by\ sfdx-hardis)
        | ^(?:[^A-Za-z0-9]|https?://)*__[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*__(?:$|[^A-Za-z0-9_])
        | ^%[A-Z][A-Z0-9_]{2,}%$ | ^\$[A-Z][A-Z0-9_]+$ | ^<%.*%>$
        ",
    )
    .expect("a constant pattern")
});

/// What a template leaves for a person to fill in.
static LEFTOVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        ^["']?(?: <[^<>]*> | placeholder(?:[_\ ]value)? | todo\b.* | tbd | fixme\b.* | x{3,} | n/?a | dummy | insert[_\ -].*
        | your[_-].* | .*[_\ -]here | paste[_\ -].* | consumer[_\ -]?key | client[_\ -]?id )["']?$
        | replace[_\ -]?me | replace[_\ -](?:with|this)(?:\b|_) | change[_\ -]?me | (?:\b|_)your[_\ -](?:domain|org|instance|consumer|client|username|user|key|secret|token|url|host|my)\w*
        "#,
    )
    .expect("a constant pattern")
});

fn certainty(text: &str) -> Certainty {
    if may_be_placeholder(text) && PLACEHOLDER.is_match(text) {
        Certainty::Placeholder
    } else if may_be_leftover(text) && LEFTOVER.is_match(text) {
        Certainty::Unfilled
    } else {
        Certainty::Known
    }
}

/// Most texts hold no mark of a placeholder and never meet the pattern, which costs more to build than a small run.
fn may_be_placeholder(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut percents, mut ats) = (0, 0);
    text.starts_with(['$', '%', '<'])
        || bytes.iter().enumerate().any(|(at, byte)| {
            let begins = |mark: &str| begins_with(bytes, at, mark);
            match byte {
                b'$' => begins("${") || begins("$("),
                b'{' => begins("{{") || begins("{env."),
                b'_' => begins("__"),
                b'#' => begins("#{"),
                b'[' => begins("[["),
                b'h' | b'H' => begins("hidden"),
                b'%' => {
                    percents += 1;
                    percents > 1
                }
                b'@' => {
                    ats += 1;
                    ats > 1
                }
                _ => false,
            }
        })
}

/// The same for leftovers.
fn may_be_leftover(text: &str) -> bool {
    let bytes = text.as_bytes();
    let bare = text.trim_matches(['"', '\'']);
    let ends = |word: &str| {
        bare.len().checked_sub(word.len()).is_some_and(|at| begins_with(bare.as_bytes(), at, word))
    };
    let held = bytes.iter().enumerate().any(|(at, byte)| {
        let any = |words: &[&str]| words.iter().any(|word| begins_with(bytes, at, word));
        match byte.to_ascii_lowercase() {
            b'<' => true,
            b'c' => any(&["consumer", "client", "change"]),
            b'd' => any(&["dummy"]),
            b'f' => any(&["fixme"]),
            b'i' => any(&["insert"]),
            b'n' => any(&["n/a"]),
            b'p' => any(&["placeholder", "paste"]),
            b'r' => any(&["replace"]),
            b't' => any(&["todo", "tbd"]),
            b'x' => any(&["xxx"]),
            b'y' => any(&["your"]),
            _ => false,
        }
    });
    held || ends("here") || bare.eq_ignore_ascii_case("na")
}

/// Whether a word, in lower case, stands at an offset.
fn begins_with(bytes: &[u8], at: usize, word: &str) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
}

/// Something that must never be shown. It can be compared and measured, nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: String) -> Self {
        Secret(value)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn of(text: &str) -> Certainty {
        certainty(text)
    }

    #[test]
    fn deploy_time_placeholders_are_unknown() {
        for text in [
            "${SF_URL}",
            "https://${HOST}/services/oauth2/token",
            "{{ConsumerKey}}",
            "%%KEY%%",
            "%%%KEY%%%",
            "@@KEY@@",
            "__KEY__",
            "\"__AUDIENCE_URL__\"",
            "{env.AWS_URL}",
            "#{KEY}#",
            "[[KEY]]",
            "$(KEY)",
            "HIDDEN_BY_SFDX_HARDIS",
            "$KEY_NAME",
            "%KEY_NAME%",
        ] {
            assert_eq!(of(text), Certainty::Placeholder, "{text}");
        }
    }

    #[test]
    fn template_blanks_are_leftovers() {
        for text in [
            "REPLACE_ME",
            "YOUR_CONSUMER_KEY",
            "TODO",
            "changeme",
            "<consumer key>",
            "Placeholder_Value",
            "xxx",
            "https://YOUR_DOMAIN.my.salesforce.com",
            "\"<audience>\"",
        ] {
            assert_eq!(of(text), Certainty::Unfilled, "{text}");
        }
    }

    #[test]
    fn formulas_names_and_urls_are_taken_at_their_word() {
        for text in [
            "{!$User.Username}",
            "{!Text(FLOOR((NOW() - DATETIMEVALUE( \"1970-01-01 00:00:00\" )) * 86400 + 120))}",
            "ns__Spoke_Org",
            "https://test.salesforce.com",
            "todos@acme.com",
            "integration@acme.com.uat",
            "3MVG9abc__def__ghi",
            "a%40b.com",
            "mydomain.my.salesforce.com",
            "Todd",
            "my_user@acme.com",
        ] {
            assert_eq!(of(text), Certainty::Known, "{text}");
        }
    }

    #[test]
    fn comma_separated_items_know_their_place() {
        let file = FileId(0);
        let text = Text::at("Api, RefreshToken,,Web", Span::new(file, 10, 32), Syntax::Xml);
        let items: Vec<_> = text
            .comma_separated()
            .iter()
            .map(|item| (item.as_str().to_owned(), item.span.start, item.span.end))
            .collect();
        assert_eq!(
            items,
            [("Api".into(), 10, 13), ("RefreshToken".into(), 15, 27), ("Web".into(), 29, 32)]
        );
    }
}
