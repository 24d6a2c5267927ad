//! External credentials: a protocol and a list of parameters that say everything else.

use std::sync::LazyLock;

use regex::Regex;

use super::{Component, Named};
use crate::source::{Span, Text};

/// An `ExternalCredential`, from metadata or from a description.
#[derive(Clone, Debug)]
pub struct ExternalCredential {
    pub component: Component,
    pub label: Option<Text>,
    /// `authenticationProtocol`.
    pub protocol: Option<Text>,
    pub parameters: Vec<Parameter>,
}

/// One `externalCredentialParameters`.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub kind: ParameterType,
    /// `parameterType` as typed; absent in a description.
    pub kind_text: Option<Text>,
    pub name: Option<Text>,
    pub value: Option<Text>,
    pub group: Option<Text>,
    pub sequence: Option<Text>,
    pub certificate: Option<Text>,
    pub auth_provider: Option<Text>,
    pub identity_provider: Option<Text>,
    /// API 57 and before: the permission set that may use the principal.
    pub permission_set: Option<Text>,
    /// The whole element.
    pub element: Span,
}

/// The parameter types that have a meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    AuthProtocolVariant,
    AuthProviderUrl,
    SigningCertificate,
    JwtBodyClaim,
    JwtHeaderClaim,
    AuthParameter,
    AuthHeader,
    NamedPrincipal,
    PerUserPrincipal,
    AwsStsPrincipal,
    OtherPrincipal,
    AuthProvider,
    ExternalAuthIdentityProvider,
    AdditionalRefreshStatusCode,
    Other,
}

impl ParameterType {
    pub fn parse(text: &str) -> ParameterType {
        match text {
            "AuthProtocolVariant" => ParameterType::AuthProtocolVariant,
            "AuthProviderUrl" => ParameterType::AuthProviderUrl,
            "SigningCertificate" => ParameterType::SigningCertificate,
            "JwtBodyClaim" => ParameterType::JwtBodyClaim,
            "JwtHeaderClaim" => ParameterType::JwtHeaderClaim,
            "AuthParameter" => ParameterType::AuthParameter,
            "AuthHeader" => ParameterType::AuthHeader,
            "NamedPrincipal" => ParameterType::NamedPrincipal,
            "PerUserPrincipal" => ParameterType::PerUserPrincipal,
            "AwsStsPrincipal" => ParameterType::AwsStsPrincipal,
            "GlobalNamedPrincipal"
            | "SystemUserPrincipal"
            | "CustomPrincipal"
            | "TenantPrincipal" => ParameterType::OtherPrincipal,
            "AuthProvider" => ParameterType::AuthProvider,
            "ExternalAuthIdentityProvider" => ParameterType::ExternalAuthIdentityProvider,
            "AdditionalRefreshStatusCode" => ParameterType::AdditionalRefreshStatusCode,
            _ => ParameterType::Other,
        }
    }

    /// As [`ParameterType::parse`], and understands what templates invent: a token endpoint or a claim under a type that
    /// does not exist is wrong for that reason alone, not missing as well.
    pub fn intended(text: &str, name: &str) -> ParameterType {
        match text {
            "AuthProviderTokenEndpoint" => ParameterType::AuthProviderUrl,
            "Custom"
                if matches!(name.trim(), "iss" | "sub" | "aud" | "exp" | "nbf" | "iat" | "jti") =>
            {
                ParameterType::JwtBodyClaim
            }
            "HttpHeader" => ParameterType::AuthHeader,
            _ => ParameterType::parse(text),
        }
    }

    pub fn is_principal(self) -> bool {
        matches!(
            self,
            ParameterType::NamedPrincipal
                | ParameterType::PerUserPrincipal
                | ParameterType::AwsStsPrincipal
                | ParameterType::OtherPrincipal
        )
    }
}

/// How a credential gets what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// RFC 7523 2.1: an assertion is exchanged for an access token.
    JwtBearer,
    /// RFC 7523 2.2: an assertion authenticates the client.
    JwtAssertion,
    ClientCredentials,
    /// The signed token itself is the bearer token.
    DirectJwt,
    /// A person logs in.
    Browser,
    Basic,
    Aws,
    Custom,
    Unknown,
}

/// A principal that permission sets grant.
#[derive(Clone, Copy, Debug)]
pub struct Principal<'a> {
    pub name: &'a Text,
    pub parameter: &'a Parameter,
}

impl Named for ExternalCredential {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl ExternalCredential {
    pub fn flow(&self) -> Flow {
        let Some(protocol) = self.protocol.as_ref().and_then(Text::known) else {
            return Flow::Unknown;
        };
        match protocol {
            "Oauth" => match self.variant().map(|variant| variant.known()) {
                None => Flow::Browser,
                Some(Some("JwtBearer")) => Flow::JwtBearer,
                Some(Some("ClientCredentialsJwtAssertion")) => Flow::JwtAssertion,
                Some(Some(
                    "ClientCredentialsClientSecret" | "ClientCredentialsClientSecretBasic",
                )) => Flow::ClientCredentials,
                Some(_) => Flow::Unknown,
            },
            "Jwt" => Flow::DirectJwt,
            "Basic" => Flow::Basic,
            "AwsSv4" => Flow::Aws,
            "Custom" | "NoAuthentication" => Flow::Custom,
            _ => Flow::Unknown,
        }
    }

    /// The value of `AuthProtocolVariant`.
    pub fn variant(&self) -> Option<&Text> {
        self.of(ParameterType::AuthProtocolVariant).find_map(|parameter| parameter.value.as_ref())
    }

    /// `AuthProviderUrl`: *Identity Provider URL* in Setup.
    pub fn token_endpoint(&self) -> Option<&Text> {
        self.of(ParameterType::AuthProviderUrl).find_map(|parameter| parameter.value.as_ref())
    }

    pub fn signing_certificate(&self) -> Option<&Text> {
        self.of(ParameterType::SigningCertificate)
            .find_map(|parameter| parameter.certificate.as_ref())
    }

    /// Whether somebody is named to log in at: an auth provider or an external identity provider.
    pub fn has_login(&self) -> bool {
        self.parameters.iter().any(|parameter| {
            matches!(
                parameter.kind,
                ParameterType::AuthProvider | ParameterType::ExternalAuthIdentityProvider
            )
        })
    }

    pub fn of(&self, kind: ParameterType) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.kind == kind)
    }

    pub fn principals(&self) -> impl Iterator<Item = Principal<'_>> {
        self.parameters.iter().filter(|parameter| parameter.kind.is_principal()).filter_map(
            |parameter| parameter.name.as_ref().map(|name| Principal { name, parameter }),
        )
    }
}

/// `$Credential.NAME.Parameter` in a formula; `$Credential.Password` of the legacy model has two parts and names nobody.
static MERGE_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\$Credential\s*\.\s*([A-Za-z]\w*)\s*\.\s*[A-Za-z_]")
        .expect("a constant pattern")
});

/// The names of the credentials that the merge fields of a text read from.
pub fn credential_merge_fields(text: &Text) -> Vec<Text> {
    let formula = text.as_str();
    if !formula.to_ascii_lowercase().contains("$credential") {
        return Vec::new();
    }
    MERGE_FIELD
        .captures_iter(formula)
        .filter_map(|found| found.get(1))
        .map(|name| text.part(name.as_str(), name.start(), name.end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Syntax};

    #[test]
    fn a_merge_field_of_three_parts_names_a_credential() {
        let names = |formula: &str| {
            let text = Text::at(formula, Span::new(FileId(0), 10, 10 + formula.len()), Syntax::Xml);
            credential_merge_fields(&text)
                .iter()
                .map(|name| (name.to_string(), name.span.start))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names("{!'Bearer ' & $Credential.Spoke.Token & $Credential.ns__Other.Key}"),
            [("Spoke".to_owned(), 36), ("ns__Other".to_owned(), 62)]
        );
        assert_eq!(names("{!$Credential.Password} {!$Credential.OAuthToken}"), []);
    }

    #[test]
    fn what_templates_invent_is_read_as_meant() {
        assert_eq!(ParameterType::intended("Custom", "aud"), ParameterType::JwtBodyClaim);
        assert_eq!(ParameterType::intended("Custom", "audience"), ParameterType::Other);
        assert_eq!(
            ParameterType::intended("AuthProviderTokenEndpoint", "x"),
            ParameterType::AuthProviderUrl
        );
    }
}
