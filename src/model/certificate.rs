//! Certificates: the component that signs, and the X.509 body with its public key.

use std::fmt;

use time::OffsetDateTime;

use super::{Component, Named};
use crate::source::{Located, Span, Text};

/// A certificate of *Certificate and Key Management*: a `.crt` file and its metadata, or one of them.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub component: Component,
    pub label: Option<Text>,
    /// `expirationDate`, used only if there is no body.
    pub expiration: Option<Text>,
    pub private_key_exportable: Option<Text>,
    /// The place of `.crt-meta.xml` or of the description.
    pub metadata: Option<Span>,
    pub body: Option<Located<CertificateBody>>,
}

impl Named for Certificate {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Certificate {
    pub fn x509(&self) -> Option<&X509> {
        self.body.as_ref().and_then(|body| body.x509())
    }
}

/// The content of a field for a certificate.
#[derive(Clone, Debug)]
pub enum CertificateBody {
    Certificate(Box<X509>),
    /// A signing request: the signed certificate was never uploaded.
    Request,
    Empty,
    /// Removed by a clean-up tool, or inserted by a deployment, so its content is unknown.
    Hidden,
    /// A name instead of the content of a certificate.
    Name(String),
    /// Damaged, with a description of the damage.
    Unreadable(String),
}

impl CertificateBody {
    pub fn x509(&self) -> Option<&X509> {
        match self {
            CertificateBody::Certificate(x509) => Some(x509),
            CertificateBody::Request
            | CertificateBody::Empty
            | CertificateBody::Hidden
            | CertificateBody::Name(_)
            | CertificateBody::Unreadable(_) => None,
        }
    }
}

/// The key of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Rsa { bits: usize },
    Other(&'static str),
}

/// The parsed fields of an X.509 certificate (RFC 5280).
#[derive(Clone, Debug)]
pub struct X509 {
    pub subject: String,
    pub issuer: String,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    pub key: Key,
    /// SHA-256 of the subject public key info: equal for certificates of one key pair.
    pub public_key_sha256: [u8; 32],
    /// Object identifier of the signature algorithm.
    pub signature_algorithm: String,
    pub self_issued: bool,
    /// Whether it may authenticate a client, if it lists its purposes (extended key usage).
    pub authenticates_clients: Option<bool>,
    /// The ID of the org that generated the certificate, from the `OU` of its subject.
    pub organization_id: Option<String>,
    pub der_length: usize,
}

impl X509 {
    /// A fingerprint shortened for comparing keys by eye: `3f:a2:91:07:5c:d4`.
    pub fn fingerprint(&self) -> String {
        let pairs: Vec<String> =
            self.public_key_sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        pairs.join(":")
    }

    pub fn same_key(&self, other: &X509) -> bool {
        self.public_key_sha256 == other.public_key_sha256
    }

    /// `2026-01-01 to 2036-01-01`.
    pub fn validity(&self) -> String {
        format!("{} to {}", self.not_before.date(), self.not_after.date())
    }

    /// The common name, else the whole subject.
    pub fn common_name(&self) -> &str {
        self.subject.split(", ").find_map(|part| part.strip_prefix("CN=")).unwrap_or(&self.subject)
    }
}

impl Key {
    /// The name for an unknown kind of key.
    pub const UNKNOWN: &'static str = "unknown";
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Rsa { bits } => write!(formatter, "RSA {bits}"),
            Key::Other(name) => formatter.write_str(name),
        }
    }
}
