//! How Apex uses endpoints, tokens and assertions, as far as its string literals show.

use super::Component;
use crate::source::{Span, Text};

/// Replaces a part of a string that is computed at run time.
pub const DYNAMIC_PART: char = '\u{FFFC}';

/// One class, trigger or script.
#[derive(Clone, Debug)]
pub struct ApexUnit {
    pub component: Component,
    /// Endpoints without `callout:`, up to the first [`DYNAMIC_PART`]. Excludes tests.
    pub endpoints: Vec<ApexEndpoint>,
    /// Paths that requests append to the URL of their own org. Excludes tests.
    pub own_org_paths: Vec<Text>,
    /// Certificates that the code signs with or presents, by name. Excludes tests.
    pub certificates: Vec<ApexCertificate>,
    /// The tag of a SOAP `login()` request. Excludes tests.
    pub soap_login: Option<Span>,
    /// Audiences of assertions: the value and the whole argument.
    pub audiences: Vec<(Text, Span)>,
    /// Expressions in milliseconds that are passed as `exp`.
    pub expiries: Vec<Span>,
    /// The grant type of the JWT bearer flow, or the class that sends it.
    pub exchange: Option<Span>,
    /// The consumer keys and usernames in the literals of a class with an exchange. Excludes tests.
    pub identities: Vec<String>,
    /// Headers and bodies that read from a credential.
    pub request_texts: Vec<RequestText>,
    pub encoded_merge_fields: Vec<EncodedMergeField>,
    pub password_grants: Vec<PasswordGrant>,
}

/// A certificate that Apex uses by name.
#[derive(Clone, Debug)]
pub struct ApexCertificate {
    pub name: Text,
    /// Whether it is the client certificate of a TLS connection, and nothing is signed with it.
    pub is_client: bool,
}

/// A header or body of a request, as far as it is in literals.
#[derive(Clone, Debug)]
pub struct RequestText {
    /// The name of the header; `None` for the body.
    pub header: Option<String>,
    pub text: Text,
}

/// A merge field that Apex encodes or signs before the platform could replace it.
#[derive(Clone, Debug)]
pub struct EncodedMergeField {
    /// The method, such as `EncodingUtil.base64Encode`.
    pub method: &'static str,
    pub call: Span,
    /// The literal with the merge field.
    pub literal: Span,
    /// Whether the field is that of a legacy named credential, such as `$Credential.Password`, without the name of an
    /// external credential.
    pub is_legacy: bool,
}

/// A custom label that is sent as a secret: as a header, or as a parameter such as `client_secret`.
#[derive(Clone, Debug)]
pub struct SentLabel {
    pub label: String,
    /// How it is sent, for messages.
    pub how: String,
    pub is_header: bool,
    pub place: Span,
}

/// A request for a token with a username and a password.
#[derive(Clone, Debug)]
pub struct PasswordGrant {
    pub place: Span,
    /// The URL, or `callout:` and a path, that the same method sends it to, if there is only one.
    pub endpoint: Option<Text>,
}

/// A URL that a request is sent to.
#[derive(Clone, Debug)]
pub struct ApexEndpoint {
    pub url: Text,
    /// Whether the URL is passed to `Auth.JWTBearerTokenExchange` instead of a request.
    pub of_exchange: bool,
}

impl ApexUnit {
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
            && self.own_org_paths.is_empty()
            && self.certificates.is_empty()
            && self.soap_login.is_none()
            && self.audiences.is_empty()
            && self.expiries.is_empty()
            && self.exchange.is_none()
            && self.request_texts.is_empty()
            && self.encoded_merge_fields.is_empty()
            && self.password_grants.is_empty()
    }
}

/// A name that Apex and metadata can have: letters, digits and underscores.
pub fn is_api_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether Salesforce accepts it as the name of a new component, without a namespace: an API name without two underscores in
/// a row or one at its end.
pub fn is_developer_name(name: &str) -> bool {
    is_api_name(name) && !name.contains("__") && !name.ends_with('_')
}
