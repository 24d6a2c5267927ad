//! Large files that say nothing about credentials are dropped before anybody parses them.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use crate::source::{Kind, folded};

macro_rules! words {
    ($($word:literal),+) => {
        Words {
            words: LazyLock::new(|| [$($word),+].into_iter().map(Finder::new).collect()),
            pattern: LazyLock::new(|| {
                let escaped: Vec<String> = [$($word),+].into_iter().map(regex::escape).collect();
                Regex::new(&format!("(?-u){}", escaped.join("|"))).expect("constant words")
            }),
        }
    };
}

/// Whether a file's text is wanted.
pub enum Interest {
    Whole,
    /// A permission set is still a permission set, and a profile a profile: what others ask of them is kept.
    None {
        label: Option<String>,
        custom: bool,
    },
}

/// Words of which a wanted file holds at least one, and the pattern that finds all of them at once.
struct Words {
    words: LazyLock<Vec<Finder<'static>>>,
    pattern: LazyLock<Regex>,
}

/// Up to here it takes longer to build a pattern than to look for one word after the other.
const SMALL: usize = 16 << 10;

/// The few words that the rules about Apex need, [`folded`]: Apex does not mind upper and lower case, and plain words are found many
/// times faster than patterns.
static APEX: Words = words!(
    "callout:",
    "$credential",
    "setendpoint",
    "auth.jw",
    "grant-type",
    "'exp'",
    "exp\"",
    "exp|\"",
    "setaud",
    "force://",
    "private key-----",
    "sfcred:",
    "00d"
);
// A word may be written in character references, and then a byte search cannot see it.
static PERMISSIONS: Words = words!(
    "xternalCredential",
    "ApiEnabled",
    "&#",
    "sfcred:",
    "force://",
    "PRIVATE KEY-----",
    "00D"
);
static PROFILE: Words = words!(
    "xternalCredential",
    "loginIpRanges",
    "loginHours",
    "ApiEnabled",
    "&#",
    "sfcred:",
    "force://",
    "PRIVATE KEY-----",
    "00D"
);

impl Words {
    fn any(&self, bytes: &[u8]) -> bool {
        if bytes.len() > SMALL {
            self.pattern.is_match(bytes)
        } else {
            self.words.iter().any(|word| word.find(bytes).is_some())
        }
    }
}

/// Decides from the bytes alone. UTF-16 is always wanted, because its bytes are not those of the words.
pub fn of(kind: Kind, bytes: &[u8]) -> Interest {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Interest::Whole;
    }
    let wanted = match kind {
        Kind::Apex => APEX.pattern.is_match(&folded(bytes)),
        Kind::PermissionSet | Kind::MutingPermissionSet => PERMISSIONS.any(bytes),
        Kind::Profile => PROFILE.any(bytes),
        _ => true,
    };
    if wanted {
        return Interest::Whole;
    }
    let kept = match kind {
        Kind::Profile => custom(bytes).map(|custom| (None, custom)),
        Kind::PermissionSet | Kind::MutingPermissionSet => {
            label(bytes).map(|label| (Some(label), true))
        }
        _ => Some((None, true)),
    };
    match kept {
        Some((label, custom)) => Interest::None { label, custom },
        // With a prefix, in a CDATA section, beside a comment, or not there at all: the parser will tell.
        None => Interest::Whole,
    }
}

/// Whether a profile is one of the org's own, as it is where it says nothing.
fn custom(bytes: &[u8]) -> Option<bool> {
    let Some(at) = memchr::memmem::find(bytes, b"custom>") else { return Some(true) };
    let text = bytes[..at].ends_with(b"<").then_some(&bytes[at + "custom>".len()..])?;
    if text.starts_with(b"true</custom>") {
        Some(true)
    } else if text.starts_with(b"false</custom>") {
        Some(false)
    } else {
        None
    }
}

fn label(bytes: &[u8]) -> Option<String> {
    let start = memchr::memmem::find(bytes, b"<label>")? + "<label>".len();
    let length = memchr::memchr(b'<', &bytes[start..])?;
    let closed = bytes[start + length..].starts_with(b"</label>");
    let text = std::str::from_utf8(&bytes[start..start + length]).ok()?;
    let label = quick_xml::escape::unescape(text).ok()?.trim().to_owned();
    (closed && !label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_set_without_interest_keeps_its_label() {
        let Interest::None { label, .. } =
            of(Kind::PermissionSet, b"<PermissionSet><label>A &amp; B</label></PermissionSet>")
        else {
            panic!()
        };
        assert_eq!(label.as_deref(), Some("A & B"));
        assert!(matches!(of(Kind::Apex, b"'CALLOUT:X'"), Interest::Whole));
        assert!(matches!(of(Kind::Apex, b"class X {}"), Interest::None { .. }));
        assert!(matches!(of(Kind::Apex, br#"'{\"EXP\":1}'"#), Interest::Whole));
        assert!(APEX.words.iter().all(|word| folded(word.needle()) == word.needle()));
        for (text, custom) in [
            ("<Profile/>", true),
            ("<Profile><custom>false</custom></Profile>", false),
            ("<Profile><custom>true</custom></Profile>", true),
        ] {
            assert!(
                matches!(of(Kind::Profile, text.as_bytes()), Interest::None { custom: found, .. } if found == custom),
                "{text}"
            );
        }
        assert!(matches!(
            of(Kind::Profile, b"<Profile><custom> false </custom></Profile>"),
            Interest::Whole
        ));
        assert!(matches!(of(Kind::ConnectedApp, b""), Interest::Whole));
    }
}
