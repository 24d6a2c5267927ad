//! Certificates in every encoding that occurs in metadata: PEM, chains, DER, bare and wrapped base64, base64 of a PEM
//! text.

use std::ops::Range;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use sha2::{Digest, Sha256};
use x509_parser::der_parser::asn1_rs::{Any, BitString, Sequence, Tag, ToDer};
use x509_parser::prelude::{FromDer, X509Certificate, X509CertificationRequest};
use x509_parser::public_key::PublicKey;

use crate::model::{CertificateBody, Key, RecordId, X509};

/// Larger files are not certificates: a chain of ten is less than 30 KB.
const MAX_LENGTH: usize = 1 << 20;

/// Accepts base64 with and without padding.
pub const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads the text of a `.crt` file or of an app's `certificate` element.
pub fn read_text(text: &str) -> CertificateBody {
    read_nested(text, 0)
}

/// Reads a binary file: DER.
pub fn read_binary(bytes: &[u8]) -> CertificateBody {
    from_der(bytes)
}

/// The parts of a text outside of PEM certificates.
pub fn around_certificates(text: &str) -> Vec<Range<usize>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut around = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(BEGIN).map(|start| at + start)
        && let Some(end) = text[start..].find(END).map(|end| start + end + END.len())
    {
        around.push(at..start);
        at = end;
    }
    around.push(at..text.len());
    around
}

fn read_nested(text: &str, depth: usize) -> CertificateBody {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return CertificateBody::Empty;
    }
    if trimmed.len() > MAX_LENGTH {
        return CertificateBody::Unreadable(
            "it is larger than 1 MiB, too large for a certificate".into(),
        );
    }
    if is_scrubbed(trimmed) {
        return CertificateBody::Hidden;
    }
    if trimmed.contains("-----BEGIN") {
        return from_pem(trimmed);
    }
    let compact: String = trimmed.chars().filter(|character| !character.is_whitespace()).collect();
    if !compact.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        || compact.len() < 100
    {
        return if compact.len() < 100
            && compact.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte))
        {
            CertificateBody::Name(trimmed.to_owned())
        } else {
            CertificateBody::Unreadable("it is neither PEM nor base64".into())
        };
    }
    let Ok(bytes) = LENIENT.decode(&compact) else {
        return CertificateBody::Unreadable("its base64 is damaged".into());
    };
    match String::from_utf8(bytes) {
        Ok(inner) if depth == 0 && inner.contains("-----BEGIN") => read_nested(&inner, depth + 1),
        Ok(inner) => from_der(inner.as_bytes()),
        Err(error) => from_der(error.as_bytes()),
    }
}

/// Whether a clean-up tool replaced the certificate.
fn is_scrubbed(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper.contains("HIDDEN_BY_SFDX_HARDIS") || upper.contains("CERTIFICATE HIDDEN")
}

struct PemBlock<'a> {
    label: &'a str,
    body: &'a str,
    /// Whether an `END` line follows.
    closed: bool,
}

/// Reads the next block, and advances `rest` past it.
fn pem_block<'a>(rest: &mut &'a str) -> Option<PemBlock<'a>> {
    const BEGIN: &str = "-----BEGIN ";
    loop {
        let (_, after) = rest.split_once(BEGIN)?;
        *rest = after;
        let Some((label, after)) = pem_label(after) else { continue };
        let (body, after) = after.split_at(after.find('-').unwrap_or(after.len()));
        let end = after.strip_prefix("-----END ").and_then(pem_label);
        *rest = end.map_or(after, |(_, after)| after);
        return Some(PemBlock { label, body, closed: end.is_some() });
    }
}

/// A label of capital letters, digits and spaces that ends with five hyphens, and the text after it.
fn pem_label(text: &str) -> Option<(&str, &str)> {
    let length = text
        .bytes()
        .position(|byte| !(byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '))
        .filter(|length| *length > 0)?;
    let (label, after) = text.split_at(length);
    Some((label, after.strip_prefix("-----")?))
}

fn from_pem(text: &str) -> CertificateBody {
    let mut other = None;
    let mut rest = text;
    while let Some(block) = pem_block(&mut rest) {
        let label = block.label.trim().to_owned();
        if label.ends_with("CERTIFICATE REQUEST") {
            return CertificateBody::Request;
        }
        if !label.ends_with("CERTIFICATE") {
            other.get_or_insert(label);
            continue;
        }
        if !block.closed {
            return CertificateBody::Unreadable(
                "its `-----END CERTIFICATE-----` line is missing, so it is cut off".into(),
            );
        }
        let body: String =
            block.body.chars().filter(|character| !character.is_whitespace()).collect();
        return match STANDARD.decode(&body).or_else(|_| LENIENT.decode(&body)) {
            Ok(der) => from_der(&der),
            Err(_) => CertificateBody::Unreadable(
                "the base64 between its BEGIN and END lines is damaged".into(),
            ),
        };
    }
    match other {
        Some(label) if label.contains("PRIVATE KEY") => {
            CertificateBody::Unreadable("it contains a private key, not a certificate".into())
        }
        Some(label) => {
            CertificateBody::Unreadable(format!("it contains a `{label}`, not a certificate"))
        }
        None => CertificateBody::Unreadable("its BEGIN line has no body".into()),
    }
}

fn from_der(der: &[u8]) -> CertificateBody {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => {
            CertificateBody::Certificate(Box::new(facts(&certificate, der.len())))
        }
        Err(_) if X509CertificationRequest::from_der(der).is_ok() => CertificateBody::Request,
        Err(_) => CertificateBody::Unreadable("its bytes are not an X.509 certificate".into()),
    }
}

fn facts(certificate: &X509Certificate<'_>, der_length: usize) -> X509 {
    let spki = certificate.public_key();
    let key = match spki.parsed() {
        Ok(PublicKey::RSA(rsa)) => Key::Rsa { bits: modulus_bits(rsa.modulus) },
        Ok(PublicKey::EC(_)) => Key::Other("EC"),
        Ok(PublicKey::DSA(_)) => Key::Other("DSA"),
        _ => Key::Other(other_key(&spki.algorithm.algorithm.to_id_string())),
    };
    X509 {
        subject: printable(&certificate.subject().to_string()),
        issuer: printable(&certificate.issuer().to_string()),
        not_before: certificate.validity().not_before.to_datetime(),
        not_after: certificate.validity().not_after.to_datetime(),
        key,
        public_key_sha256: Sha256::digest(spki.raw).into(),
        signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
        self_issued: certificate.subject() == certificate.issuer(),
        authenticates_clients: certificate
            .extended_key_usage()
            .ok()
            .flatten()
            .map(|usage| usage.value.any || usage.value.client_auth),
        organization_id: certificate
            .subject()
            .iter_organizational_unit()
            .filter_map(|unit| unit.as_str().ok())
            .find(|unit| unit.len() == 15 && RecordId::organization(unit).is_some())
            .map(str::to_owned),
        der_length,
    }
}

/// The digest of the public key that belongs to an RSA private key in PKCS#1 or PKCS#8, as in [`X509`].
pub fn public_key_of(private: &[u8]) -> Option<[u8; 32]> {
    let (_, key) = Sequence::from_der(private).ok()?;
    let (rest, _version) = Any::from_der(&key.content).ok()?;
    let (after, first) = Any::from_der(rest).ok()?;
    if first.tag() == Tag::Sequence {
        let (_, algorithm) = Any::from_der(first.data).ok()?;
        let (_, nested) = Any::from_der(after).ok()?;
        let is_rsa = algorithm.tag() == Tag::Oid
            && algorithm.data == RSA_ENCRYPTION
            && nested.tag() == Tag::OctetString;
        return if is_rsa { rsa_public_key(nested.data) } else { None };
    }
    rsa_public_key(private)
}

/// `rsaEncryption` (RFC 8017), the content of the object identifier.
const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

/// `RSAPrivateKey` (RFC 8017) begins with a version, the modulus and the public exponent.
fn rsa_public_key(private: &[u8]) -> Option<[u8; 32]> {
    let (_, key) = Sequence::from_der(private).ok()?;
    let (numbers, _version) = Any::from_der(&key.content).ok()?;
    let (rest, modulus) = Any::from_der(numbers).ok()?;
    let (end, exponent) = Any::from_der(rest).ok()?;
    if modulus.tag() != Tag::Integer || exponent.tag() != Tag::Integer {
        return None;
    }
    let key = Sequence::new(numbers[..numbers.len() - end.len()].into()).to_der_vec().ok()?;
    let algorithm = [&[0x06, 0x09], RSA_ENCRYPTION, &[0x05, 0x00]].concat();
    let algorithm = Sequence::new(algorithm.into()).to_der_vec().ok()?;
    let key = BitString::new(0, &key).to_der_vec().ok()?;
    let info = Sequence::new([algorithm, key].concat().into()).to_der_vec().ok()?;
    Some(Sha256::digest(info).into())
}

/// Kinds of keys that the parser does not decode, by the object identifiers of RFC 8410 and RFC 4055.
fn other_key(algorithm: &str) -> &'static str {
    match algorithm {
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        _ => Key::UNKNOWN,
    }
}

fn modulus_bits(modulus: &[u8]) -> usize {
    let significant: &[u8] =
        &modulus[modulus.iter().position(|&byte| byte != 0).unwrap_or(modulus.len())..];
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// A distinguished name can contain anything, so control characters are replaced and the length is limited.
fn printable(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_content_is_described() {
        assert!(matches!(read_text(""), CertificateBody::Empty));
        assert!(matches!(read_text("Hub_Org"), CertificateBody::Name(name) if name == "Hub_Org"));
        assert!(matches!(
            read_text("CERTIFICATE HIDDEN BY SFDX-HARDIS, see the org"),
            CertificateBody::Hidden
        ));
        assert!(matches!(
            read_text(
                "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----"
            ),
            CertificateBody::Request
        ));
        assert!(
            matches!(read_text("-----BEGIN CERTIFICATE-----\nMIID"), CertificateBody::Unreadable(why) if why.contains("cut off"))
        );
        assert!(matches!(read_text(&"A".repeat(200)), CertificateBody::Unreadable(_)));
        assert!(
            matches!(read_text("-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----"), CertificateBody::Unreadable(why) if why.contains("private key"))
        );
    }

    #[test]
    fn only_certificates_are_left_out() {
        let pem = "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----";
        let around = |text: &str| {
            let parts = around_certificates(text).into_iter().map(|range| text[range].to_owned());
            parts.collect::<Vec<_>>().concat()
        };
        assert_eq!(around(&format!("a {pem} b {pem} c")), "a  b  c");
        assert_eq!(around("password"), "password");
        assert_eq!(
            around("-----BEGIN CERTIFICATE-----\nMIID"),
            "-----BEGIN CERTIFICATE-----\nMIID"
        );
    }

    #[test]
    fn the_size_of_a_modulus_leaves_out_leading_zeros() {
        assert_eq!(modulus_bits(&[0, 0x80, 0]), 16);
        assert_eq!(modulus_bits(&[]), 0);
    }

    #[test]
    fn damaged_private_keys_have_no_public_key() {
        // An RSAPrivateKey with a modulus of one byte, cut off at every length.
        let key = [0x30, 0x09, 0x02, 0x01, 0x00, 0x02, 0x01, 0x23, 0x02, 0x01, 0x03];
        assert!(public_key_of(&key).is_some());
        assert!((0..key.len()).all(|length| public_key_of(&key[..length]).is_none()));
        assert!(public_key_of(&[0x30, 0x80, 0x02, 0x01, 0x00]).is_none());
    }
}
