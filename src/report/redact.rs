//! Finds secrets and keys in text. Secrets are hidden, and consumer keys are shortened.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::shortened;

/// A range of text that is never printed, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    pub range: Range<usize>,
    kind: Kind,
}

/// The kinds, in order of precedence if redactions overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Secret,
    ConsumerKey,
    /// A long run of base64, meaningless to a reader.
    Base64,
}

/// Secrets recognized by their shape, in any text: login URLs of the Salesforce CLI, session IDs,
/// signed tokens.
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

/// Values after a name such as `password`. Needed for files that could not be parsed, whose elements
/// are unknown.
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

/// Consumer keys that were chosen by hand, or are old, lack the prefix `3MVG9`: the name before
/// them identifies them.
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

/// The redactions of a whole file, sorted and disjoint. `concealed` contains the secrets that the parsers found.
pub fn redactions(text: &str, concealed: impl IntoIterator<Item = Range<usize>>) -> Vec<Redaction> {
    let mut all = secret_shapes(text);
    all.extend(
        concealed
            .into_iter()
            .filter(|range| !range.is_empty() && text.get(range.clone()).is_some())
            .map(|range| Redaction { range, kind: Kind::Secret }),
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
            all.push(Redaction { range: value.start()..end, kind: Kind::Secret });
        }
    }
    all.extend(
        NAMED_KEY
            .captures_iter(text)
            .filter_map(|found| found.name("key"))
            .map(|key| Redaction { range: key.range(), kind: Kind::ConsumerKey }),
    );
    disjoint(all)
}

/// A secret may contain an unescaped `<`: it ends at the end tag on its line, or at the end of the
/// line.
fn end_of_element(text: &str, at: usize) -> usize {
    let rest = &text[at..text.floor_char_boundary(at + 400)];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    if !line.starts_with('<') || line.starts_with("</") {
        at
    } else {
        at + line.find("</").unwrap_or(line.len())
    }
}

/// A message about `text`, without the secrets of `text`.
pub fn redact_message(message: &str, text: &str, redactions: &[Redaction]) -> String {
    let mut message = message.to_owned();
    for redaction in redactions.iter().filter(|redaction| redaction.kind == Kind::Secret) {
        let secret = text[redaction.range.clone()]
            .trim_matches(|character: char| !character.is_alphanumeric());
        if secret.len() >= 8 && message.contains(secret) {
            message = message.replace(secret, "••••••");
        }
    }
    message
}

/// The redactions of a line of a log: secrets by shape, and known secrets. Names are
/// not used here, because in a log a value does not extend to the end of the line.
pub fn line_redactions(
    text: &str,
    concealed: impl IntoIterator<Item = Range<usize>>,
) -> Vec<Redaction> {
    let mut all = secret_shapes(text);
    all.extend(
        concealed
            .into_iter()
            .filter(|range| !range.is_empty() && text.get(range.clone()).is_some())
            .map(|range| Redaction { range, kind: Kind::Secret }),
    );
    disjoint(all)
}

fn secret_shapes(text: &str) -> Vec<Redaction> {
    let mut all: Vec<Redaction> = private_keys(text)
        .into_iter()
        .map(|range| Redaction { range, kind: Kind::Secret })
        .collect();
    all.extend(
        SECRET
            .find_iter(text)
            .map(|found| Redaction { range: secret_part(text, found.range()), kind: Kind::Secret }),
    );
    for (pattern, kind) in [(&CONSUMER_KEY, Kind::ConsumerKey), (&BASE64, Kind::Base64)] {
        all.extend(pattern.find_iter(text).map(|found| Redaction { range: found.range(), kind }));
    }
    all
}

/// The secret part of a match: the password of a URL's user info, the value of a query parameter,
/// or all of it.
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

/// Private keys, from BEGIN to the next END; without an END, to the next element or the end of the
/// text. Each END is searched once, however many times a key begins, so the work is linear.
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

/// Joins redactions that overlap; the kind with precedence wins.
fn disjoint(mut all: Vec<Redaction>) -> Vec<Redaction> {
    all.sort_by_key(|redaction| (redaction.range.start, redaction.kind));
    let mut result: Vec<Redaction> = Vec::with_capacity(all.len());
    for redaction in all {
        match result.last_mut() {
            Some(last) if redaction.range.start < last.range.end => {
                last.range.end = last.range.end.max(redaction.range.end);
                last.kind = last.kind.min(redaction.kind);
            }
            _ => result.push(redaction),
        }
    }
    result
}

impl Redaction {
    /// The approximate width of a placeholder in columns.
    pub const COLUMNS: usize = 14;

    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    /// The placeholder printed instead of a range.
    pub fn placeholder(&self, text: &str) -> String {
        let hidden = &text[self.range.clone()];
        match self.kind {
            Kind::Secret => "••••••".to_owned(),
            Kind::ConsumerKey => shortened(hidden),
            Kind::Base64 => format!("{} … {}", &hidden[..12], &hidden[hidden.len() - 8..]),
        }
    }
}

/// The maximum length of a message, label or help text in bytes; values can be megabytes long.
const LONGEST: usize = 4000;

/// The text without secrets, with keys shortened, and cut to a readable length. Control characters are kept: each
/// format escapes them in its own way.
pub fn redact(text: &str) -> Cow<'_, str> {
    let redactions = disjoint(secret_shapes(text));
    if redactions.is_empty() {
        return cut(text).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for redaction in redactions {
        result.push_str(&text[done..redaction.range.start]);
        result.push_str(&redaction.placeholder(text));
        done = redaction.range.end;
    }
    result.push_str(&text[done..]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut result = String::new();
        let mut done = 0;
        for redaction in redactions(text, []) {
            result.push_str(&text[done..redaction.range.start]);
            result.push_str(&redaction.placeholder(text));
            done = redaction.range.end;
        }
        result + &text[done..]
    }

    #[test]
    fn secrets_are_found_by_shape() {
        for text in [
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMARK\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMARK",
            "force://PlatformCLI::MARK@acme.my.salesforce.com",
            "00D5g00000ABCde!AQEAQMARKMARKMARKMARKMARK",
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMi.MARKMARKMARKMARKMARKMARK",
            "Bearer MARKMARKMARKMARK",
        ] {
            assert_eq!(redact(text), "••••••", "{text}");
        }
        assert_eq!(
            redact("http://user:MARK@acme.example/x?a=b&api_key=MARKMARK&c=d"),
            "http://user:••••••@acme.example/x?a=b&api_key=••••••&c=d"
        );
        let twice = "-----BEGIN PRIVATE KEY-----\nMARK\n-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----MARK<a>";
        assert_eq!(redact(twice), "••••••\n••••••<a>");
    }

    #[test]
    fn secrets_are_found_by_name_if_nothing_could_be_parsed() {
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
}
