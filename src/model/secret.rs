//! Secrets in files: their kinds, and how they differ from dummies. The text of a secret is never stored.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::Component;
use crate::source::{Certainty, Span, Syntax, Text};

/// The kind of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// The value of an element or header that is meant for a secret.
    Setting,
    /// The secret of an auth provider as the org encrypted it, which old retrievals contain.
    Encrypted {
        /// Whether it ends as only encrypted secrets do, or only has their form.
        is_certain: bool,
    },
    PrivateKey {
        encrypted: bool,
    },
    Keystore {
        format: &'static str,
    },
    Session,
    AuthUrl,
}

/// One secret in a file.
#[derive(Clone, Debug)]
pub struct LeakedSecret {
    pub kind: SecretKind,
    /// A noun phrase for messages, such as "the consumer secret" or "the header `X-API-Key`".
    pub what: String,
    /// The field of the component, for the fingerprint.
    pub field: String,
    pub place: Span,
    pub component: Component,
    /// Of a private key: the SHA-256 of its subject public key info, as in a certificate.
    pub public_key: Option<[u8; 32]>,
}

/// Words that people use as dummies for secrets.
static DUMMY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        ^(?: (?:my|your|the|some|a|test|dummy|fake|sample|example|default|new|old|user|client|consumer|customer|api|app|aws|access|auth|secret|shared|private|public|bearer|basic|oauth|jwt
            |pass(?:word|phrase|wd)?|pwd|token|key|value|here|id|code|credential|credentials|placeholder|hidden|redacted|removed|masked|scrubbed|none|null|nil|empty|undefined|blank|unused|ignored
            |needs?|updated?|required|provided?|configured?|setup|todo|tbd|foo|bar|baz|abc|xyz|changeme|change|me|insert|put|enter|replace|set|this|with|and|at|in|for|of|not|be|to|by|salesforce|sfdx|deploy|time|real|actual)[\s_.:\#-]*[0-9]{0,4} )+!?$
        | ^(?:\*|x|\.|-|_|0|1|•|\#)+$ | hidden|redacted|scrubbed|placeholder|changeme|change_me|not[_\ -]a[_\ -]secret|example | ^1234567890*$ | ^12345678?9?$ | ^0123456789(?:abcdef)?$ | ^\$ | \.\.\. | … | ^\{[^{}]*\}$
        ",
    )
    .expect("a constant pattern")
});

/// Whether the value of a secret field is not a secret: a placeholder, a scrubbed value, a dummy.
pub fn is_dummy(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let text = Text::at(value, Span::new(crate::source::FileId(0), 0, 0), Syntax::Verbatim);
    let repeated =
        value.chars().next().is_some_and(|first| value.chars().all(|other| other == first));
    value.chars().count() < 4
        || repeated
        || text.certainty != Certainty::Known
        || DUMMY.is_match(value)
        || value.contains(['<', '>'])
        || (value.starts_with("{!") && value.contains('$'))
}

/// Whether the value of a secret field can be a secret: not a dummy, and more than one plain word.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let word =
        value.bytes().skip(1).all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-');
    !word && !is_dummy(value)
}

/// Headers that carry a secret.
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)authorization|(?:^|[-_])auth(?:$|[-_])|api[-_]?key|apikey|(?:^|[-_])key$|token|secret|passw|credential|signature|session").expect("a constant pattern")
});

/// Whether a header of this name carries a secret.
pub fn is_secret_header(name: &str) -> bool {
    HEADER.is_match(name)
}

/// Whether a string has the look of something generated: long enough, without whitespace, letters and digits.
pub fn looks_secret(value: &str) -> bool {
    let value = value.trim();
    let (mut letters, mut digits) = (0, 0);
    for byte in value.bytes() {
        letters += usize::from(byte.is_ascii_alphabetic());
        digits += usize::from(byte.is_ascii_digit());
    }
    let plain = !value.contains(char::is_whitespace) && !value.contains("://") && value.is_ascii();
    plain && value.len() >= 12 && letters >= 3 && digits >= 2 && !is_dummy(value)
}

/// The last block of many secrets that orgs encrypt: padding alone.
const ENCRYPTED_END: [u8; 8] = [0x70, 0x41, 0x18, 0xf7, 0x62, 0x0b, 0x6a, 0xd7];
const ENCRYPTED_BLOCK: usize = 8;

/// Whether a secret is encrypted by an org: base64 of whole blocks. `None` if it does not look like it.
pub fn encrypted(value: &str) -> Option<SecretKind> {
    let value: String = value.split_whitespace().collect();
    let bytes = STANDARD.decode(&value).ok().filter(|bytes| {
        bytes.len() >= 2 * ENCRYPTED_BLOCK && bytes.len().is_multiple_of(ENCRYPTED_BLOCK)
    })?;
    let is_certain = bytes.ends_with(&ENCRYPTED_END);
    // Plain secrets that consist of letters and digits are base64 by chance.
    let looks_encoded = value.contains(['+', '/', '=']);
    (is_certain || looks_encoded).then_some(SecretKind::Encrypted { is_certain })
}

/// Words of a header that are not secret: schemes, and the functions and algorithms of formulas.
pub const HEADER_WORDS: &[&str] = &[
    "1",
    "256",
    "512",
    "apikey",
    "authorization",
    "base64decode",
    "base64encode",
    "basic",
    "bearer",
    "blob",
    "hash",
    "hex",
    "hmac",
    "key",
    "md5",
    "sha",
    "sha1",
    "sha256",
    "token",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_an_org_encrypted_are_whole_blocks() {
        let encode = |length: u8, end: &[u8]| {
            STANDARD.encode([&(0..length).collect::<Vec<_>>(), end].concat())
        };
        for (value, expected) in [
            (encode(64, &ENCRYPTED_END), Some(true)),
            (encode(40, &[]), Some(false)),
            (encode(41, &[]), None),
            (encode(8, &[]), None),
            ("0a1b2c3d".repeat(8), None),
            ("not base64 at all!".to_owned(), None),
        ] {
            let is_certain =
                encrypted(&value).map(|kind| kind == SecretKind::Encrypted { is_certain: true });
            assert_eq!(is_certain, expected, "{value}");
        }
    }

    #[test]
    fn placeholders_scrubbed_values_and_dummies_are_not_secrets() {
        for text in [
            "",
            "abc",
            "password",
            "Password",
            "changeme",
            "Placeholder_Value",
            "${SECRET}",
            "{{SECRET}}",
            "HIDDEN_BY_SFDX_HARDIS",
            "********",
            "YOUR_SECRET",
            "<secret>",
            "my-client-secret",
            "consumerSecret",
            "password123",
            "xxxxxxxx",
            "TODO",
            "{!$Credential.Api.Key}",
            "example-key",
            "Test1234",
            "API_KEY",
            "sk-...",
        ] {
            assert!(is_dummy(text), "{text}");
        }
    }

    #[test]
    fn what_was_generated_looks_like_it() {
        for text in ["letmein", "Ignored", "NeedsToBeUpdated", "not_used", "{vault.SECRET}"] {
            assert!(!is_secret_value(text), "{text}");
        }
        assert!(is_secret_value("Sup3r-Secret!"));
        for text in [
            "8F2B41C09D7E6A5341",
            "p8Xv2kQm71ZtLr0s",
            "0123ab4567cd89ef0123ab45",
            "S3cr3t-Sauce-2024-kq",
        ] {
            assert!(!is_dummy(text), "{text}");
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "application/json",
            "2023-06-01",
            "gzip, deflate",
            "https://a.example/x1234",
            "no-cache-please",
            "Bearer",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
