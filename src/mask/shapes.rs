//! Secrets recognized by their shape, in any text: private keys, login URLs of the Salesforce CLI, session IDs, tokens.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::mark::Mask;

static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        force://[^\s<>]+@[^\s<>]+
        | \b00D[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._]{20,}
        | \b(?:Bearer|Basic)\ +[A-Za-z0-9+/._~-]{16,}=*
        | \beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)*
        | \b5Aep[A-Za-z0-9._]{20,}
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

static CONSUMER_KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"3MVG9[A-Za-z0-9._]{16,}").expect("a constant pattern"));

/// The masks of all shapes in a text.
pub fn shapes(text: &str) -> Vec<Mask> {
    let mut all: Vec<Mask> = private_keys(text).into_iter().map(Mask::hidden).collect();
    all.extend(SECRET.find_iter(text).map(|found| Mask::hidden(found.range())));
    all.extend(CONSUMER_KEY.find_iter(text).map(|found| Mask::key(found.range())));
    all
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
