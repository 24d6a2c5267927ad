//! Named credentials of both models.

use super::{Component, Field, Host, Named, Url};
use crate::source::{Span, Text};

/// Which of the two models a named credential follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedCredentialModel {
    /// A URL and an external credential.
    Secured,
    /// Everything in one file; absent `namedCredentialType` means this.
    Legacy,
    /// Private endpoints, internal types, placeholders.
    Other,
}

/// A `NamedCredential`, from metadata or from a description.
#[derive(Clone, Debug)]
pub struct NamedCredential {
    pub component: Component,
    pub model: NamedCredentialModel,
    pub label: Option<Text>,
    /// `Url` parameter, or `endpoint` of the legacy model.
    pub url: Option<Text>,
    /// The whole parameter that holds the URL.
    pub url_parameter: Option<Span>,
    pub external_credential: Option<Text>,
    /// Legacy: `protocol`.
    pub protocol: Option<Text>,
    /// Legacy: `principalType`.
    pub principal_type: Option<Text>,
    /// Legacy: `authTokenEndpointUrl`.
    pub token_endpoint: Option<Text>,
    pub jwt_issuer: Option<Text>,
    pub jwt_audience: Option<Text>,
    pub jwt_text_subject: Option<Text>,
    pub jwt_formula_subject: Option<Text>,
    pub jwt_signing_certificate: Option<Text>,
    pub jwt_validity_seconds: Option<Text>,
    pub oauth_scope: Option<Text>,
    pub callout_status: Option<Text>,
    pub generate_authorization_header: Option<Text>,
    pub allow_merge_fields_in_header: Option<Text>,
    pub allow_merge_fields_in_body: Option<Text>,
    /// The mutual TLS certificate, never the signing one.
    pub client_certificate: Option<Text>,
    pub auth_provider: Option<Text>,
    pub allowed_namespaces: Vec<Text>,
    /// The namespace that it is part of, where its project or its name has one.
    pub namespace: Option<String>,
    /// `HttpHeader` parameters: header name and formula.
    pub headers: Vec<(Option<Text>, Option<Text>)>,
    /// Passwords and tokens that stand in the file.
    pub secrets: Vec<Span>,
    /// Passwords and tokens of which a template's blank is all that stands in the file.
    pub unfilled_secrets: Vec<Field>,
}

impl Named for NamedCredential {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl NamedCredential {
    pub fn new(component: Component, model: NamedCredentialModel) -> Self {
        NamedCredential {
            component,
            model,
            label: None,
            url: None,
            url_parameter: None,
            external_credential: None,
            protocol: None,
            principal_type: None,
            token_endpoint: None,
            jwt_issuer: None,
            jwt_audience: None,
            jwt_text_subject: None,
            jwt_formula_subject: None,
            jwt_signing_certificate: None,
            jwt_validity_seconds: None,
            oauth_scope: None,
            callout_status: None,
            generate_authorization_header: None,
            allow_merge_fields_in_header: None,
            allow_merge_fields_in_body: None,
            client_certificate: None,
            auth_provider: None,
            allowed_namespaces: Vec::new(),
            namespace: None,
            headers: Vec::new(),
            secrets: Vec::new(),
            unfilled_secrets: Vec::new(),
        }
    }

    /// The host of the URL, where it is known.
    pub fn host(&self) -> Option<Host> {
        self.url.as_ref().and_then(Text::known).map(|url| Host::parse(&Url::parse(url).host))
    }

    /// Legacy `JwtExchange`: a JWT bearer exchange in one file.
    pub fn exchanges_jwt(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.protocol.as_ref().and_then(Text::known) == Some("JwtExchange")
    }

    /// Legacy `Jwt`: the signed JWT itself is the bearer token.
    pub fn sends_jwt(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.protocol.as_ref().and_then(Text::known) == Some("Jwt")
    }

    /// What of a JWT stands in the legacy model, with the element names.
    pub fn jwt_settings(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        let fields = [
            ("jwtIssuer", &self.jwt_issuer),
            ("jwtTextSubject", &self.jwt_text_subject),
            ("jwtFormulaSubject", &self.jwt_formula_subject),
            ("jwtAudience", &self.jwt_audience),
            ("jwtSigningCertificate", &self.jwt_signing_certificate),
        ];
        fields.into_iter().filter_map(|(name, text)| {
            text.as_ref().filter(|text| !text.is_empty()).map(|text| (name, text))
        })
    }
}
