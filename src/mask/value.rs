//! What is shown of one value.

use std::ops::Range;
use std::sync::LazyLock;

use quick_xml::escape::unescape;
use regex::Regex;

use super::mark::Mask;
use crate::model::{ConsumerKey, HEADER_WORDS};
use crate::source::{Certainty, FileId, Span, Syntax, Text};

/// How the values of a field are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Names, labels, enumerated values, usernames, numbers, dates: shown unless they look generated.
    Words,
    /// Scheme, host and path are shown; user information and the values of a query are not.
    Url,
    /// A consumer key, which is shortened.
    Key,
    /// References to stored credentials, and the words that say how they are sent, are shown; nothing else is.
    Header,
    /// Only a template that was not filled in is shown.
    Hidden,
}

/// A longer public value is masked.
const LONGEST_PUBLIC: usize = 2000;
/// The longest word, such as the name of a class.
const LONGEST_WORD: usize = 44;

/// Adds the masks of a value that is at `at` in its file.
pub fn mask(value: &str, at: usize, class: Class, all: &mut Vec<Mask>) {
    let lead = value.len() - value.trim_start().len();
    let (value, at) = (value.trim(), at + lead);
    if value.is_empty() {
        return;
    }
    let whole = at..at + value.len();
    let hidden = |range: Range<usize>| Mask::hidden(at + range.start..at + range.end);
    if is_template(value) {
        return;
    }
    if class == Class::Hidden || value.len() > LONGEST_PUBLIC {
        all.push(Mask::hidden(whole));
        return;
    }
    if has_character_references(value) {
        // They can spell anything: what they spell is public, or nothing is.
        let mut masks = Vec::new();
        match unescape(value) {
            Ok(spelled) if !has_character_references(&spelled) => {
                mask(&spelled, 0, class, &mut masks);
            }
            Ok(_) | Err(_) => masks.push(Mask::hidden(0..value.len())),
        }
        if !masks.is_empty() {
            all.push(Mask::hidden(whole));
        }
        return;
    }
    match class {
        Class::Words => all.extend(generated(value).into_iter().map(hidden)),
        Class::Url => all.extend(hidden_in_urls(value, true).into_iter().map(hidden)),
        Class::Header => all.extend(hidden_in_header(value).into_iter().map(hidden)),
        Class::Key => {
            let key = inside_quotes(value);
            let (value, whole) =
                (&value[key.clone()], whole.start + key.start..whole.start + key.end);
            let is_word = value.len() < 20 && !is_generated(value);
            let is_key = value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
            if is_word || value.contains("{!") || value.contains('@') {
                let moved = |run: Range<usize>| whole.start + run.start..whole.start + run.end;
                all.extend(generated(value).into_iter().map(moved).map(Mask::hidden));
            } else if is_key && !ConsumerKey::new(value).looks_like_secret() {
                all.push(Mask::key(whole));
            } else {
                all.push(Mask::hidden(whole));
            }
        }
        Class::Hidden => {}
    }
}

/// The range of a value without the quotes around it, which may be escaped.
fn inside_quotes(value: &str) -> Range<usize> {
    const QUOTES: &[&str] = &["&quot;", "&apos;", "\"", "'"];
    let (mut start, mut end) = (0, value.len());
    while let Some(quote) = QUOTES.iter().find(|quote| value[start..end].starts_with(**quote)) {
        start += quote.len();
    }
    while let Some(quote) = QUOTES.iter().find(|quote| value[start..end].ends_with(**quote)) {
        end -= quote.len();
    }
    start..end
}

/// Character references other than those of quotes, `@` and line breaks can spell anything.
fn has_character_references(value: &str) -> bool {
    value.match_indices("&#").any(|(at, _)| {
        let code = value[at + 2..].split(';').next().unwrap_or_default();
        !matches!(
            code,
            "34" | "39"
                | "64"
                | "10"
                | "13"
                | "9"
                | "x22"
                | "x27"
                | "x40"
                | "xA"
                | "xD"
                | "xa"
                | "xd"
        )
    })
}

/// One template, and nothing beside it.
static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?:
        \$\{[^{}\n]+\} | \{\{[^{}\n]+\}\} | %%+(?-u:[\w.:\ -]+)%%+ | %(?-u:\w+)% | @@?[A-Z](?-u:[\w.-]+)@@? | @@(?-u:[\w.-]+)@@ | __(?-u:\w+)__ | \{env\.(?-u:\w+)\} | \#\{[^{}\n]+\}\#?
        | \[\[[^\]\n]+\]\] | \[[A-Z][A-Z0-9_]*\] | \$\((?-u:[\w.]+)\) | \$[A-Z][A-Z0-9_]+ | \{[A-Z][A-Z0-9_]*\} | <%.*%> | (?:<|&lt;)(?-u:[\w\ .-]+)(?:>|&gt;)
        | HIDDEN_BY_SFDX_HARDIS | true | false | null | \*+ | [0-9]{1,2}
        )$",
    )
    .expect("a constant pattern")
});

/// Whether a value is a template or a dummy, which says nothing.
pub fn is_template(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    if value.len() > 80 || is_generated(value) {
        return false;
    }
    let text = Text::at(value, Span::new(FileId(0), 0, 0), Syntax::Verbatim);
    TEMPLATE.is_match(value) || text.certainty == Certainty::Unfilled
}

/// The folders that absolute paths start with. Their names are judged one by one: a temporary folder has a random name.
const ROOTS: &[&str] = &[
    "/tmp/",
    "/home/",
    "/Users/",
    "/var/",
    "/private/",
    "/root/",
    "/opt/",
    "/mnt/",
    "/builds/",
    "/github/",
    "/work",
];

/// The names in a path that starts at `start`.
fn path_names(path: &str, start: usize) -> Vec<Range<usize>> {
    let mut at = start;
    path.split_inclusive('/')
        .map(|segment| {
            let name = segment.trim_end_matches('/').len();
            let range = at..at + name;
            at += segment.len();
            range
        })
        .filter(|range| range.len() >= 9)
        .collect()
}

/// The parts of a string that look generated: each is a run without spaces.
pub fn generated(text: &str) -> Vec<Range<usize>> {
    /// Shorter runs are words.
    const MIN_RUN: usize = 9;
    static RUN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_+/=.~!%$-]+").expect("a constant pattern"));
    RUN.find_iter(text)
        .filter(|run| run.as_str().chars().nth(MIN_RUN - 1).is_some())
        .flat_map(|run| match ROOTS.iter().any(|root| run.as_str().starts_with(root)) {
            true => path_names(run.as_str(), run.start()),
            false => vec![run.range()],
        })
        .filter(|run| is_generated(&text[run.clone()]))
        .collect()
}

/// Whether a run of characters looks generated: a key, a token, a digest. Names, IDs of records and dates do not.
pub fn is_generated(run: &str) -> bool {
    static UUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
            .expect("a constant pattern")
    });
    let (mut changes, mut length) = (0, 0);
    for piece in run.split(|character: char| !character.is_alphanumeric()) {
        let of_piece = class_changes(piece);
        let is_record_id = piece.len() <= 18 && piece.contains("000");
        if is_record_id {
            continue;
        }
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        let is_random = match piece.len() {
            0..=11 => false,
            12..=23 => of_piece >= 4 && of_piece * 10 >= piece.len() * 3,
            _ if digits > 0 => of_piece * 6 >= piece.len(),
            _ => of_piece * 4 >= piece.len(),
        };
        let is_hexadecimal =
            piece.len() >= 24 && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_random
            || is_hexadecimal
            || piece.len() > LONGEST_WORD && piece.is_ascii()
            || digits > 14
            || piece.starts_with("eyJ") && piece.len() >= 10
        {
            return true;
        }
        changes += of_piece;
        length += piece.len();
    }
    length >= 14 && changes >= 5 && changes * 10 >= length * 3 || UUID.is_match(run)
}

/// How often the kind of character changes, except from a capital to a small letter, as in a word.
fn class_changes(piece: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    piece
        .as_bytes()
        .windows(2)
        .filter(|pair| {
            let (left, right) = (kind(pair[0]), kind(pair[1]));
            left != right && (left, right) != (1, 2)
        })
        .count()
}

/// What is not shown of the URLs in a string: the user information, the values of queries, fragments and matrix
/// parameters, and parts that look generated. If not `strict`, values with harmless names are shown.
pub fn hidden_in_urls(text: &str, strict: bool) -> Vec<Range<usize>> {
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|callout:)[^\s"'`<>|]+"#)
            .expect("a constant pattern")
    });
    static LOOSE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"[^\s"'`<>,]+"#).expect("a constant pattern"));
    let pattern = if strict { &LOOSE } else { &URL };
    let mut hidden = Vec::new();
    for url in pattern.find_iter(text) {
        let inside = text[url.range()].replace("&quot;", "      ").replace("&apos;", "      ");
        let length = inside.trim_end().len();
        for range in hidden_in_url(&inside[..length], strict) {
            hidden.push(url.start() + range.start..url.start() + range.end);
        }
    }
    hidden
}

fn hidden_in_url(url: &str, strict: bool) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut at = url.find("//").map_or(0, |slashes| slashes + 2);
    if let Some(end) = user_info(&url[at..]) {
        hidden.push(at..at + end);
        at += end + 1;
    }
    let query = url[at..].find(['?', '#', ';']).map_or(url.len(), |mark| at + mark);
    let generated = generated(&url[at..query]);
    hidden.extend(
        generated
            .iter()
            .map(|range| {
                // Only the segments of a path that look generated.
                at + range.start..at + range.end
            })
            .flat_map(|range| segments(url, range)),
    );
    let mut start = query;
    while start < url.len() {
        let first = start + if url[start..].starts_with("&amp;") { 5 } else { 1 };
        let end = url[first..].find(['&', '#', ';', '?']).map_or(url.len(), |next| first + next);
        let pair = first;
        let name_end = url[pair..end].find('=').map(|length| pair + length);
        let value = name_end.map_or(pair..end, |name| name + 1..end);
        let name = name_end.map_or("", |name| &url[pair..name]);
        let text = &url[value.clone()];
        let is_public = PUBLIC_PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known))
            || !strict && !announces_secret(name) && name_end.is_some();
        let is_reference = text.starts_with("{!$") && text.ends_with('}') || is_template(text);
        if !text.is_empty() && !is_reference && (!is_public || is_generated(text)) {
            hidden.push(value);
        }
        if is_generated(name) {
            hidden.push(pair..pair + name.len());
        }
        start = end;
    }
    hidden
}

/// The segments of a range that look generated; all of it if none does alone.
fn segments(url: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = range.start;
    for segment in url[range.clone()].split_inclusive('/') {
        let length = segment.trim_end_matches('/').len();
        let changes = class_changes(&segment[..length]);
        let is_part = changes >= 3 && changes * 10 >= length * 3;
        if is_part || is_generated(&segment[..length]) {
            found.push(at..at + length);
        }
        at += segment.len();
    }
    if found.is_empty() { vec![range] } else { found }
}

/// The length of the user information at the start of an authority. A password may contain `/`.
fn user_info(authority: &str) -> Option<usize> {
    let authority = &authority[..authority.find('?').unwrap_or(authority.len())];
    let host_end = authority.find('/').unwrap_or(authority.len());
    if let Some(at) = authority[..host_end].rfind('@') {
        // What follows a second one is still a password.
        return Some(authority.rfind('@').filter(|last| *last < host_end).unwrap_or(at));
    }
    let last = authority.rfind('@')?;
    let (_, password) = authority[..last].split_once(':')?;
    let port = password.split('/').next().unwrap_or_default();
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (!is_port).then_some(last)
}

/// Parameters of requests whose values are not secret.
const PUBLIC_PARAMETERS: &[&str] = &[
    "grant_type",
    "response_type",
    "redirect_uri",
    "scope",
    "audience",
    "resource",
    "prompt",
    "display",
    "format",
    "client_assertion_type",
    "code_challenge_method",
    "error",
    "error_description",
    "api-version",
    "version",
];

/// Whether a name announces that its value is a secret.
pub fn announces_secret(name: &str) -> bool {
    static SECRET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)key|token|secret|pass(?:w|p|c)|pwd|\bauth|authorization|signature|^sig|credential|session|^sid$|code|assertion|jwt|cookie|sas|hash|nonce|verifier")
            .expect("a constant pattern")
    });
    SECRET.is_match(name)
}

/// Other words of a header that are not secret: media types, and the names of escaped characters.
const MORE_HEADER_WORDS: &[&str] = &[
    "quot",
    "apos",
    "amp",
    "text",
    "application",
    "json",
    "xml",
    "charset",
    "utf",
    "8",
    "form",
    "urlencoded",
    "x",
    "www",
];

fn hidden_in_header(value: &str) -> Vec<Range<usize>> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\$?[\p{L}\p{N}_.]+(?:[^\p{L}\p{N}\s{}()'&,;$"]+[\p{L}\p{N}_.]+)*[!=+/]*"#)
            .expect("a constant pattern")
    });
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\$[A-Za-z]+(?:\.[\w-]+){1,3}$").expect("a constant pattern")
    });
    let is_public = |word: &str| {
        REFERENCE.is_match(word) && !is_generated(word)
            || word
                .split(|character: char| !character.is_alphanumeric())
                .filter(|part| !part.is_empty())
                .all(|part| {
                    let mut known = HEADER_WORDS.iter().chain(MORE_HEADER_WORDS);
                    known.any(|known| known.eq_ignore_ascii_case(part))
                })
    };
    WORD.find_iter(value)
        .filter(|word| !is_public(word.as_str()))
        .map(|word| word.range())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::mark::{applied, disjoint};
    use super::*;

    fn shown(value: &str, class: Class) -> String {
        let mut all = Vec::new();
        mask(value, 0, class, &mut all);
        applied(value, &disjoint(value, all))
    }

    #[test]
    fn what_was_generated_is_told_from_names_by_how_often_the_kind_of_character_changes() {
        for run in [
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJh",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "8F2B41C09D7E6A5341",
            "p8Xv2kQm71ZtLr0s",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
            "Zm9vYmFyYmF6cXV4LW5vdC1hLXdvcmQ=",
            "1234567890123456789",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "p8Xv-2kQm-71Zt-Lr0s",
        ] {
            assert!(is_generated(run), "{run}");
        }
        for run in [
            "isConsumerSecretOptional",
            "ExtlClntAppOauthConfigurablePolicies",
            "SelfSignedCert_12Jan2024_143512",
            "00D5g000004AbCd",
            "0PSxx0000004CjAAAU",
            "integration@billing.example.uat2",
            "d5g000004zavgeac-dev-ed.develop.my.salesforce.com",
            "force-app/main/default/externalCredentials",
            "2026-11-22T10:00:00.000Z",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "velocity-energy-7315-dev-ed",
            "specific_lifetime:5:DAYS",
        ] {
            assert!(!is_generated(run), "{run}");
        }
    }

    #[test]
    fn of_a_url_scheme_host_and_path_are_shown() {
        for (url, expected) in [
            ("https://acme.my.salesforce.com/services/oauth2/token", None),
            ("https://[SPOKE_ORG].my.salesforce.com", None),
            ("https://${HOST}/x", None),
            ("https://user:pa/ss@acme.example/x", Some("https://••••@acme.example/x")),
            ("https://user@acme.example", Some("https://••••@acme.example")),
            (
                "https://acme.example/x?a=b&amp;c=d",
                Some("https://acme.example/x?a=••••&amp;c=••••"),
            ),
            (
                "https://acme.example/x#access_token=ab",
                Some("https://acme.example/x#access_token=••••"),
            ),
            ("https://acme.example/x;password=ab", Some("https://acme.example/x;password=••••")),
            ("https://acme.example:8443/@x/y", None),
            ("https://acme.example/p8Xv2kQm71ZtLr0s/x", Some("https://acme.example/••••/x")),
            ("&quot;https://login.salesforce.com&quot;", None),
        ] {
            assert_eq!(shown(url, Class::Url), expected.unwrap_or(url));
        }
    }

    #[test]
    fn of_a_header_references_and_schemes_are_shown() {
        for (header, expected) in [
            ("Bearer {!$Credential.Spoke_Org.ApiKey}", None),
            ("{!&apos;Bearer &apos; &amp; $Credential.Spoke.Token}", None),
            ("{!'Bearer hunter2'}", Some("{!'Bearer ••••'}")),
            ("hunter2 {!$Credential.A.B}", Some("•••• {!$Credential.A.B}")),
            ("Basic abc-def!", Some("Basic ••••")),
        ] {
            assert_eq!(shown(header, Class::Header), expected.unwrap_or(header));
        }
    }

    #[test]
    fn templates_are_shown_in_every_field() {
        for text in [
            "Placeholder_Value",
            "${SECRET}",
            "{{ Key }}",
            "HIDDEN_BY_SFDX_HARDIS",
            "YOUR_SECRET",
            "true",
        ] {
            assert_eq!(shown(text, Class::Hidden), text);
        }
        for text in ["hunter2", "${A}hunter", "correcthorse", "pa<ss>word"] {
            assert_eq!(shown(text, Class::Hidden), "••••", "{text}");
        }
    }

    #[test]
    fn consumer_keys_are_shortened_and_consumer_secrets_are_not_shown() {
        assert_eq!(shown("3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0wxyz", Class::Key), "3MVG9KRQ…wxyz");
        assert_eq!(shown("my_key", Class::Key), "my_key");
        assert_eq!(shown("1234567890123456789", Class::Key), "••••");
    }
}
