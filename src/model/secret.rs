//! Secrets in files: their kinds and places. The text of a secret is never stored.

use std::collections::HashMap;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use super::Component;
use super::secret_value::{SecretEvidence, bare_secret};
use crate::source::Span;

/// The kind of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// The value of an element, field, variable or header that is meant for a secret.
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
    pub evidence: SecretEvidence,
    /// A noun phrase for messages, such as "the consumer secret" or "the header `X-API-Key`".
    pub what: String,
    /// The field of the component, for the fingerprint.
    pub field: String,
    pub place: Span,
    pub component: Component,
    /// The SHA-256 of the value, by which other places with the same secret are found.
    pub digest: Option<[u8; 32]>,
    /// Where else the same secret is, and what it is there.
    pub others: Vec<(Span, String)>,
    /// Of a private key: the SHA-256 of its subject public key info, as in a certificate.
    pub public_key: Option<[u8; 32]>,
}

/// A custom label whose value is a secret if it is sent as one.
#[derive(Clone, Debug)]
pub struct LabelValue {
    pub name: String,
    /// Whether the value looks generated. Other values can be passwords, but also words in a header.
    pub looks_generated: bool,
    pub secret: LeakedSecret,
}

impl LeakedSecret {
    /// A secret with a format of its own, at the place of its component.
    pub fn of_format(
        component: &Component,
        kind: SecretKind,
        public_key: Option<[u8; 32]>,
    ) -> LeakedSecret {
        LeakedSecret {
            kind,
            evidence: SecretEvidence::Value,
            what: String::new(),
            field: String::new(),
            place: component.place,
            component: component.clone(),
            digest: None,
            others: Vec::new(),
            public_key,
        }
    }

    /// A secret in a setting, which `what` describes.
    pub fn setting(
        component: &Component,
        what: String,
        field: &str,
        place: Span,
        value: &str,
        evidence: SecretEvidence,
    ) -> LeakedSecret {
        LeakedSecret {
            kind: SecretKind::Setting,
            evidence,
            what,
            field: field.to_owned(),
            place,
            component: component.clone(),
            digest: Some(Sha256::digest(bare_secret(value)).into()),
            others: Vec::new(),
            public_key: None,
        }
    }
}

/// One secret for each value and org: the one with the most evidence, with the places of the others.
pub fn merge_equal(secrets: Vec<LeakedSecret>) -> Vec<LeakedSecret> {
    let mut merged: Vec<LeakedSecret> = Vec::new();
    let mut known = HashMap::new();
    for mut secret in secrets {
        let Some(digest) = secret.digest else {
            merged.push(secret);
            continue;
        };
        let position = *known.entry((secret.component.org, digest)).or_insert(merged.len());
        match merged.get_mut(position) {
            None => merged.push(secret),
            Some(first) => {
                if first.evidence < secret.evidence {
                    std::mem::swap(first, &mut secret);
                }
                let mut others = std::mem::take(&mut secret.others);
                if secret.place != first.place {
                    others.insert(0, (secret.place, secret.what));
                }
                first.others.append(&mut others);
            }
        }
    }
    merged
}

/// The last block of many secrets that orgs encrypt: padding alone.
const ENCRYPTED_END: [u8; 8] = [0x70, 0x41, 0x18, 0xf7, 0x62, 0x0b, 0x6a, 0xd7];
const ENCRYPTED_BLOCK: usize = 8;
/// Ignores the unused bits of the last character, and whether it is padded.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a secret is encrypted by an org: base64 of whole blocks. `None` if it does not look like it.
pub fn encrypted(value: &str) -> Option<SecretKind> {
    let value: String = value.split_whitespace().collect();
    let bytes = LENIENT.decode(&value).ok().filter(|bytes| {
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
    use crate::model::OrgId;
    use crate::source::FileId;

    #[test]
    fn secrets_that_an_org_encrypted_are_whole_blocks() {
        let encode = |length: u8, end: &[u8]| {
            LENIENT.encode([&(0..length).collect::<Vec<_>>(), end].concat())
        };
        for (value, expected) in [
            (encode(64, &ENCRYPTED_END), Some(true)),
            (encode(40, &[]), Some(false)),
            (encode(41, &[]), None),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJz==".to_owned(), Some(false)),
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
    fn a_value_is_one_secret_in_each_org() {
        let secret = |org: usize, at: usize, value: &str, evidence| {
            let mut component =
                Component::new("CustomMetadata", "Weather", Span::new(FileId(0), 0, 0));
            component.org = OrgId(org);
            let place = Span::new(FileId(0), at, at + 1);
            LeakedSecret::setting(&component, format!("{at}"), "Key__c", place, value, evidence)
        };
        let merged = merge_equal(vec![
            secret(0, 1, "a", SecretEvidence::Name),
            secret(0, 2, "b", SecretEvidence::Value),
            secret(0, 3, "Bearer a", SecretEvidence::Value),
            secret(0, 3, "a", SecretEvidence::Value),
            secret(1, 4, "a", SecretEvidence::Value),
        ]);
        let shown: Vec<(String, usize)> =
            merged.iter().map(|secret| (secret.what.clone(), secret.others.len())).collect();
        assert_eq!(shown, [("3".to_owned(), 1), ("2".to_owned(), 0), ("4".to_owned(), 0)]);
    }
}
