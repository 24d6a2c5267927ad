//! Named credentials of both models.

use super::component::{Component, Field, Named};
use super::external_credential::is_merge_field;
use super::flow::Flow;
use super::host::Host;
use super::url::Url;
use crate::source::{Located, Span, Text};

/// Which of the two models a named credential follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedCredentialModel {
    /// A URL and an external credential.
    Secured,
    /// All settings in one file; used if `namedCredentialType` is missing.
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
    /// The whole parameter that contains the URL.
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
    /// Legacy: `awsRegion`.
    pub aws_region: Option<Text>,
    /// Legacy: `awsService`.
    pub aws_service: Option<Text>,
    pub callout_status: Option<Text>,
    pub generate_authorization_header: Option<Text>,
    pub allow_merge_fields_in_header: Option<Text>,
    pub allow_merge_fields_in_body: Option<Text>,
    /// The mutual TLS certificate, never the signing one.
    pub client_certificate: Option<Text>,
    pub auth_provider: Option<Text>,
    /// Legacy: `outboundNetworkConnection`, or `privateConnection` of old API versions.
    pub outbound_network_connection: Option<Text>,
    pub allowed_namespaces: Vec<Text>,
    /// Whether a managed package created it.
    pub is_of_package: bool,
    /// The namespace of its project or in its name.
    pub namespace: Option<String>,
    /// `HttpHeader` parameters.
    pub headers: Vec<HttpHeader>,
    /// Passwords and tokens that are in the file.
    pub secrets: Vec<Span>,
    /// Passwords and tokens that are only placeholders in the file.
    pub unfilled_secrets: Vec<Field>,
}

/// A parameter of type `HttpHeader`.
#[derive(Clone, Debug)]
pub struct HttpHeader {
    pub name: Option<Text>,
    /// A literal or a formula.
    pub value: Option<Text>,
    pub sequence: Option<Text>,
    /// The whole parameter.
    pub element: Span,
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
            aws_region: None,
            aws_service: None,
            callout_status: None,
            generate_authorization_header: None,
            allow_merge_fields_in_header: None,
            allow_merge_fields_in_body: None,
            client_certificate: None,
            auth_provider: None,
            outbound_network_connection: None,
            allowed_namespaces: Vec::new(),
            is_of_package: false,
            namespace: None,
            headers: Vec::new(),
            secrets: Vec::new(),
            unfilled_secrets: Vec::new(),
        }
    }

    /// The host of the URL, if it is known.
    pub fn host(&self) -> Option<Host> {
        self.url.as_ref().and_then(Host::of_url)
    }

    /// Whether it is a legacy credential with the protocol `JwtExchange`, which exchanges a JWT for a token.
    pub fn exchanges_jwt(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.protocol.as_ref().and_then(Text::known) == Some("JwtExchange")
    }

    /// Whether it is a legacy credential with the protocol `Jwt`, which sends the signed JWT as the bearer token.
    pub fn sends_jwt(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.protocol.as_ref().and_then(Text::known) == Some("Jwt")
    }

    /// The flow of a legacy named credential.
    pub fn legacy_flow(&self) -> Option<Flow> {
        Some(match self.legacy_protocol()? {
            "JwtExchange" => Flow::JwtBearer,
            "Jwt" => Flow::DirectJwt,
            "Oauth" => Flow::AuthorizationCode,
            "Password" => Flow::Basic,
            "AwsSv4" => Flow::Aws,
            "NoAuthentication" => Flow::NoAuthentication,
            _ => Flow::Unknown,
        })
    }

    /// The JWT settings of the legacy model, with their element names.
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

    /// The parts of the URL.
    pub fn url_parts(&self) -> Option<Located<Url>> {
        let text = self.url.as_ref()?;
        text.known().map(|url| Located::new(Url::parse(url), text.span))
    }

    /// Whether all settings are in one file, without an external credential.
    pub fn is_legacy(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.external_credential.is_none()
            && self.url_parameter.is_none()
    }

    /// The protocol of the legacy model.
    pub fn legacy_protocol(&self) -> Option<&str> {
        if self.is_legacy() { self.protocol.as_ref().and_then(Text::known) } else { None }
    }

    /// Whether it is the target of an event relay, an ARN of Amazon Web Services, for which Salesforce requires the
    /// legacy model.
    pub fn is_for_event_relay(&self) -> bool {
        let url = self.url.as_ref().and_then(Text::known);
        self.is_legacy()
            && url
                .and_then(|url| url.trim().get(..4))
                .is_some_and(|start| start.eq_ignore_ascii_case("arn:"))
    }

    /// Whether a product created it, and calls it from code outside of any project: the MuleSoft connection, or DevOps
    /// Center, which uses names such as `<record id>_<environment>_001`.
    pub fn is_generated(&self) -> bool {
        if self.component.name.starts_with("MuleSoft_Anypoint_Platform_") {
            return true;
        }
        let Some((id, _)) = self.component.name.split_once('_') else { return false };
        id.len() == 18
            && id.starts_with('a')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && id.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// Custom headers that are formulas that use a stored credential.
    pub fn header_formulas(&self) -> impl Iterator<Item = &Text> {
        self.headers
            .iter()
            .filter_map(|header| header.value.as_ref())
            .filter(|value| is_merge_field(value.as_str()))
    }

    /// Whether the `Authorization` header, which is generated by default, is turned off.
    pub fn header_is_off(&self) -> bool {
        self.generate_authorization_header.as_ref().is_some_and(Text::is_false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn a_record_id_in_the_name_identifies_a_product() {
        let named = |name: &str| {
            NamedCredential::new(
                Component::new("NamedCredential", name, Span::new(FileId(0), 0, 0)),
                NamedCredentialModel::Legacy,
            )
        };
        assert!(named("a0X000000000001AAA_Staging_001").is_generated());
        assert!(!named("Spoke_Org").is_generated());
        assert!(!named("accountsreceivable_v2").is_generated());
    }
}
