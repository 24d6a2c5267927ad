//! Makes text from files fit to be shown: secrets are hidden, keys shortened, and nothing can command a terminal.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::shortened;

/// Bytes of a text that are never shown as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    pub range: Range<usize>,
    kind: Kind,
}

/// In the order of what wins where masks meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Secret,
    ConsumerKey,
    /// A long run of base64 without meaning for people.
    Base64,
}

/// What has the shape of a secret wherever it stands: private keys, login URLs of the command line tool, session ids, signed tokens.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        -----BEGIN\ [A-Z0-9\ ]{0,40}PRIVATE\ KEY(?:\ BLOCK)?-----(?:(?s:.*?)-----END\ [A-Z0-9\ ]{0,40}PRIVATE\ KEY(?:\ BLOCK)?-----|[^<]*)
        | force://[^\s<>]+@[^\s<>]+
        | \b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}
        | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}
        ",
    )
    .expect("a constant pattern")
});

/// What stands behind a name that announces a secret. It catches files that could not be parsed, where no element is known.
static NAMED_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        <[\w:.-]*(?:secret|password|passphrase|token|private_?key|session_?id)\s*>\s*(?<element>[^<\s][^<]*)
        | (?:secret|password|passphrase|token|private[_-]?key)["']?[^\S\n]*[:=][^\S\n]*(?<entry>[^\s,}<][^\n,}<]*)
        "#,
    )
    .expect("a constant pattern")
});

static CONSUMER_KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"3MVG9[A-Za-z0-9._]{16,}").expect("a constant pattern"));

/// Keys that somebody chose, or that are older, have no prefix to tell them by: their names do.
static NAMED_KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        (?: <consumerKey> | <jwtIssuer> | \b(?:consumer_key|iss)["']?[^\S\n]*: | <parameterName>\s*iss\s*</parameterName>(?:\s*<parameterType>[^<]*</parameterType>)?\s*<parameterValue> )
        \s*(?:&quot;|["'])?(?<key>[A-Za-z0-9._]{20,})
        "#,
    )
    .expect("a constant pattern")
});

static BASE64: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{79,}={0,2}").expect("a constant pattern"));

/// The masks of a whole file, in order and apart from each other. `concealed` is what the parsers know to be secret.
pub fn masks(text: &str, concealed: impl IntoIterator<Item = Range<usize>>) -> Vec<Mask> {
    let mut all = masks_of_shape(text);
    all.extend(concealed.into_iter().filter(|range| !range.is_empty() && text.get(range.clone()).is_some()).map(|range| Mask { range, kind: Kind::Secret }));
    for found in NAMED_SECRET.captures_iter(text) {
        let Some(value) = found.name("element").or_else(|| found.name("entry")) else { continue };
        if !matches!(value.as_str().trim(), "true" | "false" | "null") {
            all.push(Mask { range: value.range(), kind: Kind::Secret });
        }
    }
    all.extend(NAMED_KEY.captures_iter(text).filter_map(|found| found.name("key")).map(|key| Mask { range: key.range(), kind: Kind::ConsumerKey }));
    apart(all)
}

/// The masks of a line of a log: what has the shape of a secret, and what is known to be one. Names tell nothing to the end of such a line.
pub fn masks_of_line(text: &str, concealed: impl IntoIterator<Item = Range<usize>>) -> Vec<Mask> {
    let mut all = masks_of_shape(text);
    all.extend(concealed.into_iter().filter(|range| !range.is_empty() && text.get(range.clone()).is_some()).map(|range| Mask { range, kind: Kind::Secret }));
    apart(all)
}

fn masks_of_shape(text: &str) -> Vec<Mask> {
    let mut all = Vec::new();
    for (pattern, kind) in [(&SECRET, Kind::Secret), (&CONSUMER_KEY, Kind::ConsumerKey), (&BASE64, Kind::Base64)] {
        all.extend(pattern.find_iter(text).map(|found| Mask { range: found.range(), kind }));
    }
    all
}

/// Joins masks that meet; the stronger kind wins.
fn apart(mut all: Vec<Mask>) -> Vec<Mask> {
    all.sort_by_key(|mask| (mask.range.start, mask.kind));
    let mut result: Vec<Mask> = Vec::with_capacity(all.len());
    for mask in all {
        match result.last_mut() {
            Some(last) if mask.range.start < last.range.end => {
                last.range.end = last.range.end.max(mask.range.end);
                last.kind = last.kind.min(mask.kind);
            }
            _ => result.push(mask),
        }
    }
    result
}

impl Mask {
    /// About how many columns a stand-in takes.
    pub const SHOWN: usize = 14;

    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    /// What is shown in place of the masked bytes.
    pub fn stand_in(&self, text: &str) -> String {
        let masked = &text[self.range.clone()];
        match self.kind {
            Kind::Secret => "••••••".to_owned(),
            Kind::ConsumerKey => shortened(masked),
            Kind::Base64 => format!("{} … {}", &masked[..12], &masked[masked.len() - 8..]),
        }
    }
}

/// The text without secrets and with keys shortened. Control characters stay: the format must escape them.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let masks = apart(masks_of_shape(text));
    if masks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for mask in masks {
        result.push_str(&text[done..mask.range.start]);
        result.push_str(&mask.stand_in(text));
        done = mask.range.end;
    }
    result.push_str(&text[done..]);
    Cow::Owned(result)
}

/// A message, label or help, fit for a terminal. Line breaks stay; other characters that show nothing are made visible.
pub fn for_terminal(text: &str, unicode: bool) -> String {
    let text = without_secrets(text);
    let harmless = text.chars().map(|character| match character {
        '\n' => '\n',
        '\t' => ' ',
        other if shows_nothing(other) => '\u{fffd}',
        other => other,
    });
    if unicode { harmless.collect() } else { in_ascii(harmless) }
}

/// What a build server takes as a command: wherever in a line (`##vso[`, `##[`, `##teamcity[`), or where one begins (`::`).
static COMMAND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"#(?<inside>#[A-Za-z]*\[)|(?m:^)(?<blank>[^\S\n]*):(?<start>:)").expect("a constant pattern"));

/// Takes their meaning from commands to a build server. The text keeps its width.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let may_hold = memchr::memmem::find(text.as_bytes(), b"##").is_some() || memchr::memmem::find(text.as_bytes(), b"::").is_some();
    if !may_hold {
        return Cow::Borrowed(text);
    }
    COMMAND.replace_all(text, "${blank}\u{fffd}${inside}${start}")
}

/// Plain text for one line of a log or a cell: without line breaks, commands to a build server, and characters that show nothing.
pub fn in_one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            other if shows_nothing(other) => '\u{fffd}',
            other => other,
        })
        .collect();
    without_commands(&line).into_owned()
}

/// Puts ASCII in place of the signs that sfcred itself uses; letters of the project stay.
pub fn in_ascii(text: impl IntoIterator<Item = char>) -> String {
    let mut result = String::new();
    for character in text {
        match character {
            '…' => result.push_str("..."),
            '•' => result.push('*'),
            '›' | '→' => result.push('>'),
            '×' => result.push('x'),
            '–' | '—' => result.push('-'),
            '“' | '”' => result.push('"'),
            '‘' | '’' => result.push('\''),
            '\u{fffd}' => result.push('?'),
            other => result.push(other),
        }
    }
    result
}

/// Control, direction and zero-width characters: what a terminal obeys or hides.
pub fn shows_nothing(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut result = String::new();
        let mut done = 0;
        for mask in masks(text, []) {
            result.push_str(&text[done..mask.range.start]);
            result.push_str(&mask.stand_in(text));
            done = mask.range.end;
        }
        result + &text[done..]
    }

    #[test]
    fn nothing_that_a_file_holds_commands_a_build_server() {
        for (text, shown) in [
            ("a ##vso[task.setvariable]b", "a \u{fffd}#vso[task.setvariable]b"),
            ("###[error]x ##teamcity[a]", "#\u{fffd}#[error]x \u{fffd}#teamcity[a]"),
            ("ok\n  ::error::x\n::stop", "ok\n  \u{fffd}:error::x\n\u{fffd}:stop"),
            ("## a [b] Name::field", "## a [b] Name::field"),
        ] {
            assert_eq!(without_commands(text), shown);
        }
        assert_eq!(in_one_line("a\r\n::b\u{202e}"), "a  ::b\u{fffd}");
    }

    #[test]
    fn secrets_are_known_by_their_shape() {
        for text in [
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMARK\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMARK",
            "force://PlatformCLI::MARK@acme.my.salesforce.com",
            "00D5g00000ABCde!AQEAQMARKMARKMARKMARKMARK",
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMi.MARKMARKMARKMARKMARKMARK",
        ] {
            assert_eq!(without_secrets(text), "••••••", "{text}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_name_where_nothing_could_be_parsed() {
        assert_eq!(shown("<consumerSecret>MARK</consumerSecret>"), "<consumerSecret>••••••</consumerSecret>");
        assert_eq!(shown("  consumer_secret: MARK # why\n"), "  consumer_secret: ••••••\n");
        assert_eq!(shown("{ oauthToken: \"MARK\", a: b }"), "{ oauthToken: ••••••, a: b }");
        assert_eq!(shown("token_endpoint: https://a.example"), "token_endpoint: https://a.example");
        assert_eq!(shown("<isSecret>true</isSecret>"), "<isSecret>true</isSecret>");
    }

    #[test]
    fn keys_and_certificates_are_shortened() {
        assert_eq!(shown(&format!("iss={}", "3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0wxyz")), "iss=3MVG9KRQ…wxyz");
        for (before, after) in [
            ("<consumerKey>", "</consumerKey>"),
            ("consumer_key: ", "\n"),
            ("<parameterName>iss</parameterName>\n <parameterType>JwtBodyClaim</parameterType>\n <parameterValue>", "<"),
        ] {
            assert_eq!(shown(&format!("{before}9CQZ7vUVszg2Lx2eYT3yA6BB{after}")), format!("{before}9CQZ7vUV…A6BB{after}"));
        }
        assert_eq!(shown("iss: integration@billing.example.uat"), "iss: integration@billing.example.uat");
        assert_eq!(shown(&format!("MIIDdzCCAl+g{}abcd1234", "A".repeat(900))), "MIIDdzCCAl+g … abcd1234");
    }

    #[test]
    fn a_terminal_gets_no_commands() {
        assert_eq!(for_terminal("a\u{1b}[31m\u{202e}b\tc", true), "a\u{fffd}[31m\u{fffd}b c");
        assert_eq!(for_terminal("3MVG9abc…wxyz › ä", false), "3MVG9abc...wxyz > ä");
    }
}
