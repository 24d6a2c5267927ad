//! Recognizes large files in which no rule can find anything, so that these are not parsed. Most permission sets,
//! profiles and Apex classes have nothing to do with credentials; parsing all of them takes most of the time of a run.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::options::Options;
use crate::source::{Kind, unmarked_utf16};

/// How much of a file is kept.
pub enum Relevance {
    Whole,
    /// Only what other files can refer to: a permission set's label, and whether a profile is custom.
    None {
        label: Option<String>,
        custom: bool,
    },
}

/// Every Apex class that makes callouts contains one of these, in lower case.
const CALLOUTS: &[&str] = &[
    "callout:",
    "$credential",
    "setendpoint",
    "auth.jw",
    "grant-type",
    "'exp'",
    "exp\"",
    "exp\\\"",
    "setaud",
    ".soap.sforce.com",
    "signwithcertificate",
    "signxml",
    "setclientcertificatename",
    "force://",
    "private key-----",
    "ls0tls1crudjti",
    "sfcred:",
    "00d",
];
/// Every Apex class with another secret contains one of these, in lower case. So do many other classes.
const SECRETS: &[&str] = &[
    "secret",
    "pass",
    "pwd",
    "pw",
    "token",
    "key",
    "setheader",
    "addheader",
    "crypto.",
    "credential",
    "auth",
    "bearer",
    "xox",
    "glpat",
    "aiza",
    "gocspx",
    "ya29",
    "shpat_",
    "npm_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat",
    "sk_live",
    "rk_live",
    "sk-",
];
static APEX: LazyLock<Regex> = LazyLock::new(|| any_of(CALLOUTS));
static APEX_OR_SECRET: LazyLock<Regex> = LazyLock::new(|| any_of(&[CALLOUTS, SECRETS].concat()));
/// A part of a literal that is long enough for a secret and has a digit, or a literal after a name. Apex in lower case.
static APEX_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)
        '[^'\n]*?(?: [0-9][^\s'\n]{5} | [^\s'\n]{5}[0-9] | [^\s'\n]{2}[0-9][^\s'\n]{3} )
        | (?:secret|passw|passphrase|passcode|pwd|pw|token|key)[a-z0-9_]*'?\s*(?:=>?|,)\s*'[^'\s]{6}
        | (?:header\s*\(|secret|passw|passphrase|passcode|pwd|pw|token|key)[^;]{0,200}\blabel\.
        ",
    )
    .expect("a constant pattern")
});
/// Every relevant permission set contains one of these. `&#`: a word may be written with character references.
static PERMISSION_SET: LazyLock<Regex> = LazyLock::new(|| {
    any_of(&[
        "xternalCredential",
        "ApiEnabled",
        "&#",
        "sfcred:",
        "force://",
        "PRIVATE KEY-----",
        "LS0tLS1CRUdJTi",
        "00D",
    ])
});
/// The same for profiles.
static PROFILE: LazyLock<Regex> = LazyLock::new(|| {
    any_of(&[
        "xternalCredential",
        "loginIpRanges",
        "loginHours",
        "ApiEnabled",
        "&#",
        "sfcred:",
        "force://",
        "PRIVATE KEY-----",
        "LS0tLS1CRUdJTi",
        "00D",
    ])
});

fn any_of(words: &[&str]) -> Regex {
    let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    Regex::new(&format!("(?-u){}", words.join("|"))).expect("constant words")
}

/// Whether the files of a kind are filtered. Custom rules may need any element of a type.
pub fn applies_to(kind: Kind, options: &Options) -> bool {
    !options.settings.custom.iter().any(|(rule, _)| rule.type_name == kind.type_name())
}

pub fn relevance(kind: Kind, bytes: &[u8]) -> Relevance {
    // In UTF-16, the words have other bytes.
    if bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
        || unmarked_utf16(bytes).is_some()
    {
        return Relevance::Whole;
    }
    let is_relevant = match kind {
        Kind::Apex => apex_is_relevant(&bytes.to_ascii_lowercase()),
        Kind::PermissionSet | Kind::MutingPermissionSet => PERMISSION_SET.is_match(bytes),
        Kind::Profile => PROFILE.is_match(bytes),
        _ => true,
    };
    if is_relevant {
        return Relevance::Whole;
    }
    let kept = match kind {
        Kind::Profile => is_custom(bytes).map(|custom| (None, custom)),
        Kind::Apex => Some((None, true)),
        _ => label(bytes).map(|label| (Some(label), true)),
    };
    match kept {
        Some((label, custom)) => Relevance::None { label, custom },
        // Unusual XML, such as a prefix or a CDATA section, is left to the parser.
        None => Relevance::Whole,
    }
}

fn apex_is_relevant(folded: &[u8]) -> bool {
    APEX_OR_SECRET.is_match(folded) && (APEX.is_match(folded) || APEX_SECRET.is_match(folded))
}

/// Whether a profile is custom, which is the default.
fn is_custom(bytes: &[u8]) -> Option<bool> {
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
    fn irrelevant_files_keep_what_others_refer_to() {
        let Relevance::None { label, .. } = relevance(
            Kind::PermissionSet,
            b"<PermissionSet><label>A &amp; B</label></PermissionSet>",
        ) else {
            panic!()
        };
        assert_eq!(label.as_deref(), Some("A & B"));
        assert!(matches!(relevance(Kind::Apex, b"'CALLOUT:X'"), Relevance::Whole));
        assert!(matches!(relevance(Kind::Apex, b"class X {}"), Relevance::None { .. }));
        assert!(matches!(relevance(Kind::Apex, br#"'{\"EXP\":1}'"#), Relevance::Whole));
        for (text, relevant) in [
            ("String apiKey = 'a1b2c3d4e5f6';", true),
            ("String password = 'tulip-garden';", true),
            ("String token = getToken(1);", false),
            ("String s = 'a1b2c3d4e5f6';", false),
        ] {
            let whole = matches!(relevance(Kind::Apex, text.as_bytes()), Relevance::Whole);
            assert_eq!(whole, relevant, "{text}");
        }
        for (text, custom) in [
            ("<Profile/>", true),
            ("<Profile><custom>false</custom></Profile>", false),
            ("<Profile><custom>true</custom></Profile>", true),
        ] {
            assert!(
                matches!(relevance(Kind::Profile, text.as_bytes()), Relevance::None { custom: found, .. } if found == custom),
                "{text}"
            );
        }
        assert!(matches!(
            relevance(Kind::Profile, b"<Profile><custom> false </custom></Profile>"),
            Relevance::Whole
        ));
        assert!(matches!(relevance(Kind::ConnectedApp, b""), Relevance::Whole));
    }
}
