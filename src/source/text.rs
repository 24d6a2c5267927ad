//! Strings from files, with their location and whether their final value is known.

use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{Span, work};

/// The notation of a string, which an edit must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    Xml,
    /// Inside one `<![CDATA[…]]>`.
    Cdata,
    YamlPlain,
    YamlSingleQuoted,
    YamlDoubleQuoted,
    /// A notation that edits cannot change, such as a YAML block scalar.
    Verbatim,
}

/// Whether an org will see a string as it is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    Known,
    /// Replaced before or during deployment, so its final value is unknown.
    Placeholder,
    /// A placeholder of a template that was not filled in, such as `REPLACE_ME`.
    Unfilled,
}

/// The unescaped text of an element, attribute or scalar.
#[derive(Clone, Debug)]
pub struct Text {
    /// With surrounding whitespace.
    raw: String,
    /// Without surrounding whitespace.
    pub span: Span,
    /// With surrounding whitespace.
    pub outer: Span,
    /// The whole element or entry, including its name.
    pub element: Span,
    pub syntax: Syntax,
    pub certainty: Certainty,
    /// Offsets of `raw` in the file, if escapes or line ends change them.
    offsets: Offsets,
}

/// Pairs of an offset in unescaped text and its offset in the file, in order; between two pairs both advance equally.
/// Empty if nothing is escaped.
pub type Offsets = Vec<(u32, u32)>;

impl Text {
    pub fn new(raw: String, span: Span, outer: Span, element: Span, syntax: Syntax) -> Self {
        let certainty = certainty(raw.trim());
        Text { raw, span, outer, element, syntax, certainty, offsets: Offsets::new() }
    }

    /// A string whose spans are all the same.
    pub fn at(raw: impl Into<String>, span: Span, syntax: Syntax) -> Self {
        Text::new(raw.into(), span, span, span, syntax)
    }

    /// Sets the offsets of escapes, and the span accordingly.
    pub fn with_offsets(mut self, offsets: Offsets) -> Self {
        self.offsets = offsets;
        let lead = self.raw.len() - self.raw.trim_start().len();
        let end = lead + self.as_str().len();
        if !self.is_empty() {
            self.span = self.bytes(lead, end);
        }
        self
    }

    /// The span of a range of `raw`.
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
            let next = self.offsets.partition_point(|(decoded, _)| *decoded as usize <= offset);
            let before = next.checked_sub(1).map(|last| &self.offsets[last]);
            before.map_or(self.outer.start as usize, |(decoded, byte)| {
                *byte as usize + offset - *decoded as usize
            })
        };
        let end = byte(end).min(self.outer.end as usize);
        Span::new(self.outer.file, byte(start).min(end), end)
    }

    /// Sets the element or entry that contains the string.
    pub fn within(self, element: Span) -> Self {
        Text { element, ..self }
    }

    /// Marks the string as unknown if a deployment replaces some of its bytes. The ranges are in order and do not overlap.
    pub fn replaced_in(mut self, replaced: &[std::ops::Range<usize>]) -> Self {
        let mine = self.outer.range();
        let next = replaced.partition_point(|range| range.end <= mine.start);
        if replaced.get(next).is_some_and(|range| range.start < mine.end) {
            self.certainty = Certainty::Placeholder;
        }
        self
    }

    /// Without surrounding whitespace.
    pub fn as_str(&self) -> &str {
        work::step();
        self.raw.trim()
    }

    /// With surrounding whitespace.
    pub fn raw(&self) -> &str {
        work::step();
        &self.raw
    }

    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// The string if an org will see it as it is: not empty, and not a placeholder.
    pub fn known(&self) -> Option<&str> {
        (self.certainty == Certainty::Known && !self.is_empty()).then(|| self.as_str())
    }

    pub fn is_true(&self) -> bool {
        self.known().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    pub fn is_false(&self) -> bool {
        self.known().is_some_and(|text| text.eq_ignore_ascii_case("false"))
    }

    /// A part of the string, by its offsets in [`Text::as_str`].
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

    /// The parts between separators, each with its place, without empty ones.
    pub fn split(&self, is_separator: impl Fn(char) -> bool) -> Vec<Text> {
        let text = self.as_str();
        text.split(is_separator)
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                let start = piece.as_ptr() as usize - text.as_ptr() as usize;
                self.part(piece, start, start + piece.len())
            })
            .collect()
    }

    /// The comma-separated items, trimmed, without empty ones.
    pub fn comma_separated(&self) -> Vec<Text> {
        self.items(',')
    }

    /// The lines, trimmed, without empty ones.
    pub fn lines(&self) -> Vec<Text> {
        self.items('\n')
    }

    fn items(&self, separator: char) -> Vec<Text> {
        let mut items = Vec::new();
        let text = self.as_str();
        let mut start = 0;
        for piece in text.split(separator) {
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

/// Placeholders that deployment tools replace, such as `${X}`, `{{X}}`, `%%X%%`, `@@X@@`, `__X__`, `{env.X}`, `#{X}#`,
/// `[[X]]` and `$(X)`, and those that scrubbers insert.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)
        \$\{[^}\n]+\} | \{\{[^}\n]+\}\} | %%+[A-Za-z0-9_.:\ -]+%%+ | @@?[A-Z][A-Z0-9_.-]{2,}@@? | @@[A-Za-z0-9_.-]+@@
        | \{env\.[A-Za-z0-9_]+\} | \#\{[^}\n]+\}\#? | \[\[[^\]\n]+\]\] | \$\([A-Za-z0-9_.]+\)
        | HIDDEN_BY_SFDX_HARDIS | (?i:certificate\ hidden\ by\ sfdx-hardis)
        | ^(?:[^A-Za-z0-9]|https?://)*__[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*__(?:$|[^A-Za-z0-9_])
        | ^%[A-Z][A-Z0-9_]{2,}%$ | ^\$[A-Z][A-Z0-9_]+$ | ^<%.*%>$
        ",
    )
    .expect("a constant pattern")
});

/// Placeholders of templates, to be filled in by hand.
static LEFTOVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^["']?(?: <[^<>]*> | placeholder(?:[_\ ]value)? | todo\b.* | tbd | fixme\b.* | x{3,} | n/?a | dummy | insert[_\ -].*
        | your[_-].* | .*[_\ -]here | paste[_\ -].* | consumer[_\ -]?key | client[_\ -]?id )["']?$
        | replace[_\ -]?me | replace[_\ -](?:with|this)(?:\b|_) | change[_\ -]?me | (?:\b|_)your[_\ -](?:domain|org|instance|consumer|client|username|user|key|secret|token|url|host|my)\w*
        | ^["']?https?://[^/?\#@!]*(?: \[[a-z][a-z_\ -]*\] | <[^<>]*> | \{[a-z][a-z0-9_\ .-]*\} | %[a-z][a-z0-9_]*% )
        | ^["']?https?://[a-z0-9-]*_[a-z0-9_-]*(?:\.[a-z0-9-]+)*\.salesforce\.com
        | ^["']?https?://(?-i:[A-Z]{2,}(?:_[A-Z0-9]+)+)(?:[.:/]|$)
        | ^["']?https?://(?:[^/?\#]*[.@-])?(?:mydomainname|my-domain(?:-name)?
            |your-?(?:domain|instance|company|org|organization|app|tenant|subdomain|server|host|account|project|api|site|shop|store)(?:-?(?:name|id|here))?)(?:--|[.:/]|["']?$)
        | ^["']?https?://[^/?\#]*placeholder | ^["']?https?://(?:[^/?\#]*\.)?0{12}\.
        "#,
    )
    .expect("a constant pattern")
});

fn certainty(text: &str) -> Certainty {
    if PLACEHOLDER.is_match(text.as_bytes()) {
        Certainty::Placeholder
    } else if LEFTOVER.is_match(text.as_bytes()) {
        Certainty::Unfilled
    } else {
        Certainty::Known
    }
}

/// A secret value. Its `Debug` output does not contain it.
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

    #[test]
    fn deployment_placeholders_are_recognized() {
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
            assert_eq!(certainty(text), Certainty::Placeholder, "{text}");
        }
    }

    #[test]
    fn template_placeholders_are_recognized() {
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
            "https://[SPOKE_ORG].my.salesforce.com/services/oauth2/token",
            "https://<X>.my.salesforce.com",
            "https://{instance}.salesforce.com",
            "https://%HOST%/v1",
            "https://spoke_org.my.salesforce.com",
            "https://SPOKE_HOST/services/oauth2/token",
            "https://MyDomainName.my.salesforce.com",
            "https://MyDomainName--SandboxName.sandbox.my.salesforce.com",
            "https://my-domain.my.salesforce.com",
            "https://yourInstance.salesforce.com/",
            "https://yourdomain.example.org",
            "https://your-company.service-now.com",
            "https://api.your-app.example/v1",
            "https://placeholder-host.acme.example",
            "https://000000000000.execute-api.us-east-1.amazonaws.com",
        ] {
            assert_eq!(certainty(text), Certainty::Unfilled, "{text}");
        }
    }

    #[test]
    fn formulas_names_and_urls_are_not_placeholders() {
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
            "https://acme.my.salesforce.com/services/my_path/{id}",
            "https://user%40acme.example:x@acme.example",
            "https://{!$Credential.Weather.Host}/v1",
            "https://my_bucket.s3.example",
            "https://yourbank.example",
            "https://my-domain-store.example/v1",
            "https://[::1]:8443/x",
            "https://acme%20x.example",
            "Todd",
            "my_user@acme.com",
        ] {
            assert_eq!(certainty(text), Certainty::Known, "{text}");
        }
    }

    #[test]
    fn comma_separated_items_have_spans() {
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
