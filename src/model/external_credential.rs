//! External credentials: a protocol, and a list of parameters for everything else.

use std::sync::LazyLock;

use regex::Regex;

use super::component::{Component, Named};
use super::flow::Flow;
use super::host::Host;
use super::jwt_credential::JwtPart;
use super::url::Url;
use crate::source::{Located, Span, Text};

/// An `ExternalCredential`, from metadata or from a description.
#[derive(Clone, Debug)]
pub struct ExternalCredential {
    pub component: Component,
    pub label: Option<Text>,
    /// `authenticationProtocol`.
    pub protocol: Option<Text>,
    /// The flow, if a description has it and neither protocol nor variant express it.
    pub described_flow: Option<Flow>,
    /// The principals for which the org has everything that a login needs, and those that lack something, as far as a
    /// description says.
    pub configured: Vec<Text>,
    pub unconfigured: Vec<Text>,
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
    /// In API version 57 and earlier: the permission set that may use the principal.
    pub permission_set: Option<Text>,
    /// The whole element.
    pub element: Span,
}

/// The parameter types that sfcred distinguishes.
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

    /// Like [`ParameterType::parse`], but also recognizes types that templates invent. A token endpoint or claim with
    /// an invented type is then reported once, as an invalid type, and not also as missing.
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
    /// The flow, as far as the credential itself shows it. [`Org::flow_of_external`](super::org::Org::flow_of_external)
    /// also reads its external auth identity provider.
    pub fn flow(&self) -> Flow {
        let Some(protocol) = self.protocol.as_ref().and_then(Text::known) else {
            return Flow::Unknown;
        };
        let variant = self.variant().map(Text::known);
        match (protocol, variant) {
            ("Oauth", None) if self.described_flow.is_some() => {
                self.described_flow.unwrap_or(Flow::Unknown)
            }
            ("Oauth", None) if self.identity_provider().is_some() => {
                Flow::AuthorizationCodeIdentityProvider
            }
            ("Oauth", None) => Flow::AuthorizationCode,
            ("Oauth", Some(Some("JwtBearer"))) => Flow::JwtBearer,
            ("Oauth", Some(Some("ClientCredentialsJwtAssertion"))) => Flow::JwtAssertion,
            ("Oauth", Some(Some("ClientCredentialsClientSecret"))) => Flow::ClientCredentials,
            ("Oauth", Some(Some("ClientCredentialsClientSecretBasic"))) => {
                Flow::ClientCredentialsBasic
            }
            ("Jwt", _) => Flow::DirectJwt,
            ("Basic", _) => Flow::Basic,
            ("AwsSv4", None) => Flow::Aws,
            ("AwsSv4", Some(Some("AwsSv4_STS"))) => Flow::AwsSts,
            ("AwsSv4", Some(Some("RolesAnywhere"))) => Flow::AwsRolesAnywhere,
            ("Custom", Some(Some("NoAuthentication"))) | ("NoAuthentication", _) => {
                Flow::NoAuthentication
            }
            ("Custom", None) => Flow::Custom,
            _ => Flow::Unknown,
        }
    }

    /// The value of `AuthProtocolVariant`.
    pub fn variant(&self) -> Option<&Text> {
        self.parameters_of(ParameterType::AuthProtocolVariant)
            .find_map(|parameter| parameter.value.as_ref())
    }

    /// What selects the flow: the variant, or else the protocol.
    pub fn flow_text(&self) -> Option<&Text> {
        self.variant().or(self.protocol.as_ref())
    }

    /// The place of what selects the flow, or of the credential.
    pub fn flow_place(&self) -> Span {
        self.flow_text().map_or(self.component.place, |text| text.span)
    }

    /// Whether the type of a parameter is unknown, as in a template.
    pub fn has_unknown_parameter_type(&self) -> bool {
        self.parameters.iter().any(|parameter| {
            parameter.kind_text.as_ref().is_some_and(|kind| kind.known().is_none())
        })
    }

    /// `AuthProviderUrl`: *Identity Provider URL* in Setup.
    pub fn token_endpoint(&self) -> Option<&Text> {
        self.parameters_of(ParameterType::AuthProviderUrl)
            .find_map(|parameter| parameter.value.as_ref())
    }

    pub fn signing_certificate(&self) -> Option<&Text> {
        self.parameters_of(ParameterType::SigningCertificate)
            .find_map(|parameter| parameter.certificate.as_ref())
    }

    /// The name of its auth provider.
    pub fn auth_provider(&self) -> Option<&Text> {
        self.parameters
            .iter()
            .filter_map(|parameter| parameter.auth_provider.as_ref())
            .find(|name| !name.is_empty())
    }

    /// The name of its external auth identity provider.
    pub fn identity_provider(&self) -> Option<&Text> {
        self.parameters
            .iter()
            .filter_map(|parameter| parameter.identity_provider.as_ref())
            .find(|name| !name.is_empty())
    }

    /// The OAuth scopes that it requests, each with the whole parameter as its element.
    pub fn scopes(&self) -> impl Iterator<Item = Text> + '_ {
        let is_scope = |parameter: &&Parameter| {
            parameter.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("scope"))
        };
        self.parameters_of(ParameterType::AuthParameter).filter(is_scope).filter_map(|parameter| {
            let value = parameter.value.as_ref().filter(|value| !value.is_empty())?;
            Some(value.clone().within(parameter.element))
        })
    }

    /// Whether an auth provider or an external auth identity provider is given.
    pub fn has_login(&self) -> bool {
        self.parameters.iter().any(|parameter| {
            matches!(
                parameter.kind,
                ParameterType::AuthProvider | ParameterType::ExternalAuthIdentityProvider
            )
        })
    }

    pub fn parameters_of(&self, kind: ParameterType) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.kind == kind)
    }

    pub fn principals(&self) -> impl Iterator<Item = Principal<'_>> {
        self.parameters.iter().filter(|parameter| parameter.kind.is_principal()).filter_map(
            |parameter| parameter.name.as_ref().map(|name| Principal { name, parameter }),
        )
    }

    /// Where a description says that the org lacks something that a login of this principal needs.
    pub fn lacks_configuration(&self, principal: &str) -> Option<&Text> {
        self.unconfigured.iter().find(|name| name.as_str().eq_ignore_ascii_case(principal))
    }

    /// Whether a principal names the permission set that may use it, as in API version 57 and earlier.
    pub fn grants_itself(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.permission_set.as_ref().is_some_and(|set| !set.is_empty()))
    }

    /// Whether tokens are stored for it in `UserExternalCredential`: every flow of OAuth.
    pub fn keeps_tokens(&self) -> bool {
        self.flow().obtains_token()
    }

    /// Custom headers that are formulas that use a stored credential.
    pub fn header_formulas(&self) -> impl Iterator<Item = &Text> {
        self.parameters_of(ParameterType::AuthHeader)
            .filter_map(|parameter| parameter.value.as_ref())
            .filter(|value| is_merge_field(value.as_str()))
    }

    /// Whether a custom header is a formula that uses a stored credential.
    pub fn has_header_formula(&self) -> bool {
        self.header_formulas().next().is_some()
    }

    pub fn signs_jwt(&self) -> bool {
        self.flow().signs_jwt()
    }

    /// Every claim with a name, in file order.
    pub fn claims(&self) -> impl Iterator<Item = (JwtPart, &Text, &Parameter)> {
        self.parameters.iter().filter_map(|parameter| {
            let part = match parameter.kind {
                ParameterType::JwtBodyClaim => JwtPart::Body,
                ParameterType::JwtHeaderClaim => JwtPart::Header,
                _ => return None,
            };
            parameter
                .name
                .as_ref()
                .filter(|name| !name.is_empty())
                .map(|name| (part, name, parameter))
        })
    }

    /// The hosts of the audience and of unused parameters, which templates often contain. They show which host the JWT
    /// is meant for.
    pub fn hosts_in_parameters(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        let is_relevant = |parameter: &&Parameter| {
            parameter.kind == ParameterType::Other
                || parameter.name.as_ref().is_some_and(|name| name.as_str() == "aud")
        };
        self.parameters.iter().filter(is_relevant).filter_map(|parameter| {
            let text = parameter.value.as_ref()?;
            let url = Url::parse(text.known()?.trim_matches('"'));
            (url.scheme == "https").then(|| Located::new(Host::parse(&url.host), text.span))
        })
    }

    /// Whether the part contains a claim with exactly this name.
    pub fn has_claim(&self, part: JwtPart, name: &str) -> bool {
        self.claims().any(|(other, text, _)| other == part && text.raw() == name)
    }
}

impl Principal<'_> {
    /// Whether every user has their own login in the target system.
    pub fn is_per_user(&self) -> bool {
        self.parameter.kind == ParameterType::PerUserPrincipal
    }
}

pub(super) fn is_merge_field(value: &str) -> bool {
    value.contains("{!") && value.to_ascii_lowercase().contains("$credential")
}

/// `$Credential.NAME.Parameter` in a formula; `$Credential.Password` of the legacy model has two parts and does not
/// name a credential.
static MERGE_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\$Credential\s*\.\s*([A-Za-z]\w*)\s*\.\s*[A-Za-z_]")
        .expect("a constant pattern")
});

/// The names of the credentials that the merge fields in a string refer to.
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
