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
    pub certificates: Vec<Text>,
    /// The tag of a SOAP `login()` request. Excludes tests.
    pub soap_login: Option<Span>,
    /// Audiences of assertions: the value and the whole argument.
    pub audiences: Vec<(Text, Span)>,
    /// Expressions in milliseconds that are passed as `exp`.
    pub expiries: Vec<Span>,
    /// The grant type of the JWT bearer flow, or the class that sends it.
    pub exchange: Option<Span>,
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
    }
}

/// A name that Apex and metadata can have: letters, digits and underscores.
pub fn is_api_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
