//! Consumer keys (client identifiers), as in the `iss` claim and in apps.

use std::fmt;

/// The prefix of every key that Salesforce generates.
pub const GENERATED_PREFIX: &str = "3MVG9";
/// The length of every generated key in 130 public connected apps.
pub const GENERATED_LENGTH: usize = 85;
/// The length and the end of another shape of generated keys, which few orgs have.
const PADDED_LENGTH: usize = 77;
const PADDING: &str = "==";

/// A consumer key without quotes and whitespace. Shown shortened only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsumerKey(String);

impl ConsumerKey {
    pub fn new(text: &str) -> Self {
        ConsumerKey(text.trim().trim_matches(['"', '\'']).trim().to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key starts like a generated key.
    pub fn looks_generated(&self) -> bool {
        self.0.starts_with(GENERATED_PREFIX)
    }

    /// Whether the key has the prefix, length and alphabet of a generated key.
    pub fn is_whole(&self) -> bool {
        self.looks_generated() && self.is_as_long_as_generated()
    }

    /// Whether an app can have this key: a generated key, or 8 to 256 letters and digits.
    pub fn is_possible(&self) -> bool {
        let chosen = (8..=256).contains(&self.0.len())
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.is_as_long_as_generated() || (chosen && !self.looks_generated())
    }

    /// Whether the key has the length and alphabet of a generated key. Clean-up tools that replace a key may keep only
    /// these.
    pub fn is_as_long_as_generated(&self) -> bool {
        let mut digits = self.0.strip_suffix(PADDING).unwrap_or(&self.0).bytes();
        self.has_generated_length()
            && digits.all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
    }

    /// Whether the key is as long as one of the two shapes of generated keys.
    pub fn has_generated_length(&self) -> bool {
        let is_padded = self.0.ends_with(PADDING);
        self.0.chars().count() == if is_padded { PADDED_LENGTH } else { GENERATED_LENGTH }
    }

    /// Whether the key has the format of a consumer secret: 64 hexadecimal digits, or 13 to 20 decimal digits for older
    /// apps.
    pub fn looks_like_secret(&self) -> bool {
        let text = self.as_str();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            || ((13..=20).contains(&text.len()) && digits)
    }
}

/// `3MVG9abc…wxyz`; of a string of fewer than 20 characters, only the first 8 are shown.
pub fn shortened(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    if characters.len() <= 8 {
        return key.to_owned();
    }
    let head: String = characters.iter().take(8).collect();
    if characters.len() < 20 {
        return format!("{head}…");
    }
    let tail: String = characters[characters.len() - 4..].iter().collect();
    format!("{head}…{tail}")
}

impl fmt::Display for ConsumerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shortened(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_never_shown_whole() {
        let key = ConsumerKey::new(&format!(" \"3MVG9abc{}wxyz\" ", "0".repeat(73)));
        assert!(key.is_whole());
        assert_eq!(key.to_string(), "3MVG9abc…wxyz");
        assert_eq!(ConsumerKey::new("short-key").to_string(), "short-ke…");
    }

    #[test]
    fn not_every_text_is_a_key() {
        let generated = format!("3MVG9{}", "a_b.".repeat(20));
        let padded = format!("3MVG9{}ab==", "a_b.".repeat(17));
        assert!(ConsumerKey::new(&padded).is_whole());
        for text in [&padded[..76], &padded[..75], "3MVG9==", &format!("{generated}==")] {
            assert!(!ConsumerKey::new(text).is_whole(), "{text}");
        }
        for text in [generated.as_str(), padded.as_str(), "acmehuborg2026", &"x9".repeat(128)] {
            assert!(ConsumerKey::new(text).is_possible(), "{text}");
        }
        for text in [&generated[..84], "3MVG9short", "acme-hub-org", "hub", &"x".repeat(257), ""] {
            assert!(!ConsumerKey::new(text).is_possible(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_distinguished_from_a_key() {
        assert!(ConsumerKey::new(&"0a".repeat(32)).looks_like_secret());
        assert!(ConsumerKey::new("1234567890123456789").looks_like_secret());
        assert!(!ConsumerKey::new("AcmeBillingIntegration2026").looks_like_secret());
        assert!(!ConsumerKey::new("12345678").looks_like_secret());
    }
}
