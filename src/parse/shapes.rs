//! Secrets that are recognized by their format, in any text: private keys, login URLs of the Salesforce CLI, session
//! IDs, keystores.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use x509_parser::der_parser::asn1_rs::{FromBer, Header, Length, Tag};

use super::x509::{self, LENIENT};
use crate::model::{SecretKind, is_random};

/// A secret in a string: the place to report, and the part to mask.
#[derive(Debug)]
pub struct Shape {
    pub kind: SecretKind,
    pub place: Range<usize>,
    pub concealed: Range<usize>,
    /// The digest of the public key that belongs to a private key; see [`x509::public_key_of`].
    pub public_key: Option<[u8; 32]>,
}

static PEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?)PRIVATE KEY-----")
        .expect("a constant pattern")
});
/// The longest text between BEGIN and END: an RSA key of 16384 bits is 13 KB long.
const MAX_BODY: usize = 40_000;
/// Characters around the lines of a key in JSON, YAML, scripts, Apex and XML.
static NOISE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\\[nrt]|&#(?:13|10|xA|xD|xa|xd);|['"]\s*\+\s*['"]|[\s'"\\]"#)
        .expect("a constant pattern")
});
/// `-----BEGIN ` in base64.
const ENCODED_BEGIN: &[u8] = b"LS0tLS1CRUdJTi";
static AUTH_URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"force://([^\s'"`<>{}$@:]*):([^\s'"`<>{}$@:]*):([^\s'"`<>{}$@:]{20,})@([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,})"#).expect("a constant pattern")
});
static SESSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)(?:!|%21)([A-Za-z0-9._]{32,400})")
        .expect("a constant pattern")
});
/// The session ID in Salesforce's own documentation.
const DOCUMENTED_ORG: &str = "00D50000000IehZ";

/// All secrets of a string, in order.
pub fn shapes(text: &str) -> Vec<Shape> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    if memchr::memmem::find(bytes, b"PRIVATE KEY-----").is_some() {
        for block in PEM.captures_iter(text) {
            let (Some(header), Some(label)) = (block.get(0), block.get(1)) else { continue };
            let start = header.end();
            let near = text.floor_char_boundary(start + MAX_BODY).max(start);
            let Some(body) =
                text[start..near].find("-----END ").map(|length| start..start + length)
            else {
                continue;
            };
            if let Some((encrypted, public_key)) =
                private_key(label.as_str().trim(), &text[body.clone()])
            {
                found.push(Shape {
                    kind: SecretKind::PrivateKey { encrypted },
                    place: header.range(),
                    concealed: body,
                    public_key,
                });
            }
        }
    }
    for at in memchr::memmem::find_iter(bytes, ENCODED_BEGIN) {
        let length = bytes[at..]
            .iter()
            .take(MAX_BODY)
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte))
            .count();
        let range = at..at + length;
        if let Some((encrypted, public_key)) = encoded_private_key(&text[range.clone()]) {
            found.push(Shape {
                kind: SecretKind::PrivateKey { encrypted },
                place: range.clone(),
                concealed: range,
                public_key,
            });
        }
    }
    if memchr::memmem::find(bytes, b"force://").is_some() {
        for url in AUTH_URL.captures_iter(text) {
            let (Some(all), Some(token), Some(host)) = (url.get(0), url.get(3), url.get(4)) else {
                continue;
            };
            if is_random(token.as_str()) {
                found.push(Shape {
                    kind: SecretKind::AuthUrl,
                    place: all.range(),
                    concealed: all.start() + "force://".len()..host.start() - 1,
                    public_key: None,
                });
            }
        }
    }
    if memchr::memmem::find(bytes, b"00D").is_some() {
        for session in SESSION.captures_iter(text) {
            let (Some(all), Some(org), Some(token)) =
                (session.get(0), session.get(1), session.get(2))
            else {
                continue;
            };
            if !org.as_str().starts_with(DOCUMENTED_ORG) && is_random(token.as_str()) {
                found.push(Shape {
                    kind: SecretKind::Session,
                    place: all.range(),
                    concealed: token.range(),
                    public_key: None,
                });
            }
        }
    }
    found.sort_by_key(|shape| shape.place.start);
    found
}

/// A PEM file that was encoded in base64 once more, to fit into one line.
fn encoded_private_key(encoded: &str) -> Option<(bool, Option<[u8; 32]>)> {
    let compact: String = encoded.split_ascii_whitespace().collect();
    let pem = String::from_utf8(LENIENT.decode(compact).ok()?).ok()?;
    let block = PEM.captures(&pem)?;
    let (header, label) = (block.get(0)?, block.get(1)?);
    let end = pem[header.end()..].find("-----END ")?;
    private_key(label.as_str().trim(), &pem[header.end()..header.end() + end])
}

/// Whether the lines between BEGIN and END are a key: whether a passphrase protects it, and its public key.
fn private_key(label: &str, body: &str) -> Option<(bool, Option<[u8; 32]>)> {
    let (headers, body) = match body.rfind("DEK-Info:") {
        Some(at) => {
            let rest = &body[at..];
            let end = rest
                .find("\\n")
                .map(|end| end + 2)
                .or_else(|| rest.find('\n'))
                .unwrap_or(rest.len());
            (true, &rest[end..])
        }
        None => (false, body),
    };
    let compact = NOISE.replace_all(body, "");
    let bytes = STANDARD.decode(compact.as_bytes()).ok()?;
    if headers {
        return (bytes.len() >= 48).then_some((true, None));
    }
    let encrypted = match label {
        "OPENSSH" => bytes.starts_with(b"openssh-key-v1\0").then(|| {
            !bytes.get(15..30).is_some_and(|rest| rest.windows(4).any(|word| word == b"none"))
        }),
        "ENCRYPTED" => is_sequence(&bytes, 0x30).then_some(true),
        _ => is_sequence(&bytes, 0x02).then_some(false),
    }?;
    Some((encrypted, x509::public_key_of(&bytes).filter(|_| !encrypted)))
}

/// Whether the bytes are exactly one DER sequence that starts with an element with this tag.
fn is_sequence(bytes: &[u8], first: u8) -> bool {
    let Some((Length::Definite(length), content)) = sequence(bytes) else { return false };
    content.len() >= length
        && content.len() <= length + 2
        && length >= 32
        && content.first() == Some(&first)
}

/// The length of an ASN.1 sequence and the bytes that follow its header.
fn sequence(bytes: &[u8]) -> Option<(Length, &[u8])> {
    let (content, header) = Header::from_ber(bytes).ok()?;
    (header.tag() == Tag::Sequence && header.is_constructed()).then(|| (header.length(), content))
}

/// A keystore or a private key in DER, recognized by its bytes.
pub fn binary(bytes: &[u8]) -> Option<SecretKind> {
    if bytes.starts_with(&[0xFE, 0xED, 0xFE, 0xED]) || bytes.starts_with(&[0xCE, 0xCE, 0xCE, 0xCE])
    {
        return holds_key(bytes).then_some(SecretKind::Keystore {
            format: if bytes[0] == 0xFE { "JKS" } else { "JCEKS" },
        });
    }
    if is_pkcs12(bytes) {
        return Some(SecretKind::Keystore { format: "PKCS#12" });
    }
    // PKCS#8: SEQUENCE { INTEGER 0, SEQUENCE { OBJECT IDENTIFIER rsaEncryption or id-ecPublicKey
    let algorithm = |oid: &[u8]| {
        bytes.len() < 16384 && memchr::memmem::find(bytes.get(..40).unwrap_or(bytes), oid).is_some()
    };
    let pkcs8 =
        algorithm(b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04")
            || algorithm(b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01");
    (pkcs8 && is_sequence(bytes, 0x02)).then_some(SecretKind::PrivateKey { encrypted: false })
}

/// A Java keystore that contains only certificates of others is not a secret.
fn holds_key(bytes: &[u8]) -> bool {
    let number = |at: usize| {
        bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes)
    };
    let short = |at: usize| {
        bytes
            .get(at..at + 2)
            .and_then(|word| word.try_into().ok())
            .map(|word| usize::from(u16::from_be_bytes(word)))
    };
    let (Some(version @ 1..=2), Some(count)) = (number(4), number(8)) else { return false };
    let mut at = 12;
    for _ in 0..count.min(10_000) {
        match number(at) {
            Some(1 | 3) => return true,
            Some(2) => {}
            _ => return false,
        }
        let Some(alias) = short(at + 4) else { return false };
        at += 6 + alias + 8;
        if version == 2 {
            let Some(kind) = short(at) else { return false };
            at += 2 + kind;
        }
        let Some(length) = number(at) else { return false };
        at += 4 + length as usize;
    }
    false
}

/// SEQUENCE { INTEGER 3, SEQUENCE { OBJECT IDENTIFIER pkcs7-data or pkcs7-signedData (RFC 7292).
fn is_pkcs12(bytes: &[u8]) -> bool {
    let Some((_, content)) = sequence(bytes) else { return false };
    let Some((_, content)) = content.strip_prefix(b"\x02\x01\x03").and_then(sequence) else {
        return false;
    };
    content.starts_with(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
        || content.starts_with(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "5Aep861Gq7XkPwZ3nRtV0bYcJ9dLmS2fHuE8oAiKxT";

    fn kinds(text: &str) -> Vec<SecretKind> {
        shapes(text).iter().map(|shape| shape.kind).collect()
    }

    /// DER with the structure of a key and no content.
    fn block(label: &str, separator: &str) -> String {
        let mut der = vec![0x30, 0x40, 0x02, 0x01, 0x00];
        der.resize(66, 0x05);
        let body = STANDARD.encode(der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(40).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!(
            "-----BEGIN {label}-----{separator}{}{separator}-----END {label}-----",
            lines.join(separator)
        )
    }

    #[test]
    fn a_private_key_is_one_in_every_wrapping() {
        for separator in ["\n", "\r\n", "\\n", "\n    ", "\\n' +\n    '", "&#10;"] {
            assert_eq!(
                kinds(&block("PRIVATE KEY", separator)),
                [SecretKind::PrivateKey { encrypted: false }],
                "{separator}"
            );
        }
        assert_eq!(kinds(&block("RSA PRIVATE KEY", "\n")).len(), 1);
    }

    #[test]
    fn a_key_that_is_encoded_once_more_is_a_key() {
        let encoded = STANDARD.encode(block("RSA PRIVATE KEY", "\n"));
        for text in [format!("JWT_KEY={encoded}\n"), format!("key: '{encoded}' # x")] {
            assert_eq!(kinds(&text), [SecretKind::PrivateKey { encrypted: false }]);
        }
        let public = STANDARD.encode(block("PUBLIC KEY", "\n"));
        assert!(kinds(&public).is_empty());
        assert!(kinds("LS0tLS1CRUdJTi LS0tLS1CRUdJTi==").is_empty());
    }

    #[test]
    fn an_example_of_a_key_is_none() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ==\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n<your key goes here, all of its lines, as they are in the file>\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n${PRIVATE_KEY}-----END PRIVATE KEY-----",
            "key.replace('-----BEGIN PRIVATE KEY-----', '').replace('-----END PRIVATE KEY-----', '')",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
        assert!(kinds(&block("PRIVATE KEY", "\n").replace("PRIVATE", "PUBLIC")).is_empty());
    }

    #[test]
    fn login_urls_with_a_token_are_distinguished_from_examples() {
        assert_eq!(
            kinds(&format!("force://PlatformCLI::{TOKEN}@acme.my.salesforce.com")),
            [SecretKind::AuthUrl]
        );
        for text in [
            "force://<clientId>:<clientSecret>:<refreshToken>@<instanceUrl>",
            "force://PlatformCLI::YOUR_REFRESH_TOKEN_GOES_HERE@acme.my.salesforce.com",
            "force://${ID}:${SECRET}:${TOKEN}@${HOST}",
            "force://PlatformCLI::xxxxxxxxxxxxxxxxxxxxxxxxxxx@a.b.com",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn session_ids_are_distinguished_from_org_ids() {
        assert_eq!(kinds(&format!("Bearer 00D5g000004XyZa!{TOKEN}")), [SecretKind::Session]);
        assert_eq!(kinds(&format!("sid=00D5g000004XyZaEAK%21{TOKEN}")), [SecretKind::Session]);
        assert!(kinds("00D5g000004XyZaEAK and 00D5g000004XyZa!short").is_empty());
        assert!(kinds("00D000000000000!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").is_empty());
    }

    #[test]
    fn keystores_are_recognized_by_content() {
        let entry = |tag: u8| {
            [&[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, tag][..], &[0; 40]].concat()
        };
        assert_eq!(binary(&entry(1)), Some(SecretKind::Keystore { format: "JKS" }));
        assert_eq!(binary(&entry(2)), None);
        assert_eq!(binary(b"\xFE\xED\xFE\xED"), None);
        assert_eq!(binary(b"\x30\x82\x01\x00\x02\x01\x03\x30\x82\x00\xf0\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"), Some(SecretKind::Keystore { format: "PKCS#12" }));
        assert_eq!(binary(b"\x30\x82\x01\x00\x02\x01\x00\x30"), None);
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x84",
            b"\x30\x80\x02\x01\x03\x30",
            b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x05",
        ] {
            assert_eq!(binary(bytes), None);
        }
    }
}
