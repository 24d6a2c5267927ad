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

/// What has the shape of a secret wherever it stands: login URLs of the command line tool, session ids, signed tokens.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        force://[^\s<>]+@[^\s<>]+
        | \b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}
        | \b(?:Bearer|Basic)\ +[A-Za-z0-9+/._~-]{16,}=*
        | ://[^\s/:@<>"'{}`]+:[^\s/@<>"'`]+@
        | (?:[?&]|&amp;)(?i:api_?key|key|(?:access_|refresh_|id_)?token|(?:client_|consumer_)?secret|password|sig|signature)=[^\s&<>"'`]{8,}
        | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}
        "#,
    )
    .expect("a constant pattern")
});

static KEY_BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----").expect("a constant pattern")
});
static KEY_ENDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----").expect("a constant pattern")
});

/// What stands behind a name that announces a secret. It catches files that could not be parsed, where no element is known.
static NAMED_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        <[\w:.-]*(?:secret|password|passphrase|token|private_?key|session_?id)\s*>\s*(?:<!\[CDATA\[)?(?<element>[^<\s][^<]*)
        | (?: <parameterName>[^<]*(?:secret|password|passphrase|token|api[_-]?key)\s*</parameterName>\s*<parameterType>[^<]*</parameterType>
            | <parameterType>\s*(?:AuthHeader|HttpHeader)\s*</parameterType> )\s*<parameterValue>(?:<!\[CDATA\[)?(?<header>[^<]+)
        | ://[^\s/:@<>"']+:(?<user>[^\s/<"'@{}$]*[^\s/<"'@{}$0-9][^\s/<"'@{}$]*)
        | (?:secret|password|passphrase|token|private[_-]?key)["']?[^\S\n]*[:=][^\S\n]*(?<entry>[^\s,}<][^\n,}<]*)
        "#,
    )
    .expect("a constant pattern")
});

static CONSUMER_KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"3MVG9[A-Za-z0-9._]{16,}").expect("a constant pattern"));

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

static BASE64: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{79,}={0,2}").expect("a constant pattern"));

/// The masks of a whole file, in order and apart from each other. `concealed` is what the parsers know to be secret.
pub fn masks(text: &str, concealed: impl IntoIterator<Item = Range<usize>>) -> Vec<Mask> {
    let mut all = masks_of_shape(text);
    all.extend(
        concealed
            .into_iter()
            .filter(|range| !range.is_empty() && text.get(range.clone()).is_some())
            .map(|range| Mask { range, kind: Kind::Secret }),
    );
    for found in NAMED_SECRET.captures_iter(text) {
        let header = found.name("header").filter(|value| !value.as_str().contains("$Credential"));
        let Some(value) = found
            .name("element")
            .or(header)
            .or_else(|| found.name("user"))
            .or_else(|| found.name("entry"))
        else {
            continue;
        };
        if !matches!(value.as_str().trim(), "true" | "false" | "null") {
            let end = if found.name("element").is_some() {
                end_of_element(text, value.end())
            } else {
                value.end()
            };
            all.push(Mask { range: value.start()..end, kind: Kind::Secret });
        }
    }
    all.extend(
        NAMED_KEY
            .captures_iter(text)
            .filter_map(|found| found.name("key"))
            .map(|key| Mask { range: key.range(), kind: Kind::ConsumerKey }),
    );
    apart(all)
}

/// A secret may hold a `<` that nobody escaped: it ends with the line's end tag, or with the line.
fn end_of_element(text: &str, at: usize) -> usize {
    let rest = &text[at..text.floor_char_boundary(at + 400)];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    if !line.starts_with('<') || line.starts_with("</") {
        at
    } else {
        at + line.find("</").unwrap_or(line.len())
    }
}

/// Words about a text, without what the text must not show.
pub fn without_masked(words: &str, text: &str, masks: &[Mask]) -> String {
    let mut words = words.to_owned();
    for mask in masks.iter().filter(|mask| mask.kind == Kind::Secret) {
        let secret =
            text[mask.range.clone()].trim_matches(|character: char| !character.is_alphanumeric());
        if secret.len() >= 8 && words.contains(secret) {
            words = words.replace(secret, "••••••");
        }
    }
    words
}

/// The masks of a line of a log: what has the shape of a secret, and what is known to be one. Names tell nothing to the end of such a line.
pub fn masks_of_line(text: &str, concealed: impl IntoIterator<Item = Range<usize>>) -> Vec<Mask> {
    let mut all = masks_of_shape(text);
    all.extend(
        concealed
            .into_iter()
            .filter(|range| !range.is_empty() && text.get(range.clone()).is_some())
            .map(|range| Mask { range, kind: Kind::Secret }),
    );
    apart(all)
}

fn masks_of_shape(text: &str) -> Vec<Mask> {
    let mut all: Vec<Mask> =
        private_keys(text).into_iter().map(|range| Mask { range, kind: Kind::Secret }).collect();
    all.extend(
        SECRET
            .find_iter(text)
            .map(|found| Mask { range: secret_part(text, found.range()), kind: Kind::Secret }),
    );
    for (pattern, kind) in [(&CONSUMER_KEY, Kind::ConsumerKey), (&BASE64, Kind::Base64)] {
        all.extend(pattern.find_iter(text).map(|found| Mask { range: found.range(), kind }));
    }
    all
}

/// What is secret of a URL's user and password, or of one parameter of its query; of anything else all of it.
fn secret_part(text: &str, whole: Range<usize>) -> Range<usize> {
    let found = &text[whole.clone()];
    if found.starts_with("://") {
        let user = "://".len();
        let password = found[user..].find(':').map_or(0, |at| user + at + 1);
        whole.start + password..whole.end - 1
    } else if found.starts_with(['?', '&']) {
        whole.start + found.find('=').map_or(0, |at| at + 1)..whole.end
    } else {
        whole
    }
}

/// Private keys, from BEGIN to the next END; where there is none, to the next element or the end of the text. One pass: an END is
/// looked for once, however many times a key begins.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut keys = Vec::new();
    let mut at = 0;
    let mut next = KEY_ENDS.find(text);
    while let Some(begins) = KEY_BEGINS.find_at(text, at) {
        if next.is_some_and(|ends| ends.start() < begins.end()) {
            next = KEY_ENDS.find_at(text, begins.end());
        }
        let element = || {
            memchr::memchr(b'<', &text.as_bytes()[begins.end()..])
                .map_or(text.len(), |length| begins.end() + length)
        };
        at = next.map_or_else(element, |ends| ends.end());
        keys.push(begins.start()..at);
    }
    keys
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

/// Characters of one message, label or help; a value may have megabytes.
const LONGEST: usize = 4000;

/// The text without secrets, with keys shortened, and no longer than anybody reads. Control characters stay: the format must escape
/// them.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let masks = apart(masks_of_shape(text));
    if masks.is_empty() {
        return cut(text).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for mask in masks {
        result.push_str(&text[done..mask.range.start]);
        result.push_str(&mask.stand_in(text));
        done = mask.range.end;
    }
    result.push_str(&text[done..]);
    Cow::Owned(cut(&result).unwrap_or(result))
}

/// The beginning and the end of a text that is too long: what a message says stands around what it quotes.
fn cut(text: &str) -> Option<String> {
    if text.len() <= LONGEST {
        return None;
    }
    let head = text.floor_char_boundary(LONGEST * 3 / 4);
    let tail = text.ceil_char_boundary(text.len() - LONGEST / 4);
    Some(format!("{} … {}", &text[..head], &text[tail..]))
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
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"#(?<inside>#[A-Za-z]*\[)|(?m:^)(?<blank>[^\S\n]*):(?<start>:)")
        .expect("a constant pattern")
});

/// Takes their meaning from commands to a build server. The text keeps its width.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let may_contain = memchr::memmem::find(text.as_bytes(), b"##").is_some()
        || memchr::memmem::find(text.as_bytes(), b"::").is_some();
    if !may_contain {
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
            "Bearer MARKMARKMARKMARK",
        ] {
            assert_eq!(without_secrets(text), "••••••", "{text}");
        }
        assert_eq!(
            without_secrets("http://user:MARK@acme.example/x?a=b&api_key=MARKMARK&c=d"),
            "http://user:••••••@acme.example/x?a=b&api_key=••••••&c=d"
        );
        let twice = "-----BEGIN PRIVATE KEY-----\nMARK\n-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----MARK<a>";
        assert_eq!(without_secrets(twice), "••••••\n••••••<a>");
    }

    #[test]
    fn secrets_are_known_by_their_name_where_nothing_could_be_parsed() {
        assert_eq!(
            shown("<consumerSecret>MARK</consumerSecret>"),
            "<consumerSecret>••••••</consumerSecret>"
        );
        assert_eq!(shown("  consumer_secret: MARK # why\n"), "  consumer_secret: ••••••\n");
        assert_eq!(shown("{ oauthToken: \"MARK\", a: b }"), "{ oauthToken: ••••••, a: b }");
        assert_eq!(shown("token_endpoint: https://a.example"), "token_endpoint: https://a.example");
        assert_eq!(shown("<password>MA<RK</password>\n"), "<password>••••••</password>\n");
        assert_eq!(
            shown("<parameterType>AuthHeader</parameterType>\n <parameterValue>MARK"),
            "<parameterType>AuthHeader</parameterType>\n <parameterValue>••••••"
        );
        assert_eq!(shown("<consumerSecret><![CDATA[MARK"), "<consumerSecret><![CDATA[••••••");
        assert_eq!(
            shown("https://user:MARK & https://a.example:8443/x"),
            "https://user:•••••• & https://a.example:8443/x"
        );
        assert_eq!(shown("<isSecret>true</isSecret>"), "<isSecret>true</isSecret>");
    }

    #[test]
    fn keys_and_certificates_are_shortened() {
        assert_eq!(
            shown(&format!("iss={}", "3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0wxyz")),
            "iss=3MVG9KRQ…wxyz"
        );
        for (before, after) in [
            ("<consumerKey>", "</consumerKey>"),
            ("consumer_key: ", "\n"),
            (
                "<parameterName>iss</parameterName>\n <parameterType>JwtBodyClaim</parameterType>\n <parameterValue>",
                "<",
            ),
        ] {
            assert_eq!(
                shown(&format!("{before}9CQZ7vUVszg2Lx2eYT3yA6BB{after}")),
                format!("{before}9CQZ7vUV…A6BB{after}")
            );
        }
        assert_eq!(
            shown("iss: integration@billing.example.uat"),
            "iss: integration@billing.example.uat"
        );
        assert_eq!(
            shown(&format!("MIIDdzCCAl+g{}abcd1234", "A".repeat(900))),
            "MIIDdzCCAl+g … abcd1234"
        );
    }

    #[test]
    fn a_terminal_gets_no_commands() {
        assert_eq!(for_terminal("a\u{1b}[31m\u{202e}b\tc", true), "a\u{fffd}[31m\u{fffd}b c");
        assert!(for_terminal(&"ä".repeat(100_000), true).len() < 5000);
        assert_eq!(for_terminal("3MVG9abc…wxyz › ä", false), "3MVG9abc...wxyz > ä");
    }
}
