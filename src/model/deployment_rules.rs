//! What a deployment demands and refuses beyond the names and values of `metadata_types.txt`: protocols, parameter
//! types by protocol and variant, fields by parameter type, and elements by type.
//!
//! Only what Salesforce is known to answer, word for word, or what the published schema marks as required. What a flow
//! needs at run time is up to the rules of that flow.

use super::external_credential::{ExternalCredential, Parameter, ParameterType};
use super::named_credential::{HttpHeader, NamedCredential};
use crate::source::Text;

/// A protocol that external credentials do not support, although the enumeration has it.
#[derive(Debug)]
pub struct LegacyProtocol {
    pub name: &'static str,
    /// What to write instead, up to the label in Setup, whose bracket is left open.
    pub instead: &'static str,
}

/// Answer: `External Credentials don't support the "…" authentication protocol.`
const LEGACY_PROTOCOLS: &[LegacyProtocol] = &[
    LegacyProtocol {
        name: "Password",
        instead: "write `Basic`, and enter the username and password on the principal (*Basic \
                  Authentication*",
    },
    LegacyProtocol {
        name: "JwtExchange",
        instead: "write `Oauth`, and add a parameter named `Oauth` of type `AuthProtocolVariant` \
                  with the value `JwtBearer` (*OAuth 2.0*, *JWT Bearer Flow*",
    },
    LegacyProtocol {
        name: "NoAuthentication",
        instead: "write `Custom`, and add a parameter named `Custom` of type \
                  `AuthProtocolVariant` with the value `NoAuthentication` (*No Authentication*",
    },
];

/// The parameter types that one protocol with one variant requires and refuses.
#[derive(Debug)]
pub struct FlowRules {
    protocol: &'static str,
    variant: Option<&'static str>,
    /// Answer: `The authentication protocol "…" requires the following external credential parameter types: …`
    requires: &'static [ParameterType],
    /// Answer: `The authentication protocol "…" doesn't support the following external credential parameter type(s): …`
    refuses: &'static [&'static str],
}

const FLOWS: &[FlowRules] = &[
    FlowRules { protocol: "Oauth", variant: None, requires: &[], refuses: &["AuthProviderUrl"] },
    FlowRules {
        protocol: "Oauth",
        variant: Some("ClientCredentialsClientSecret"),
        requires: &[ParameterType::AuthProviderUrl],
        refuses: &[],
    },
    FlowRules {
        protocol: "Oauth",
        variant: Some("ClientCredentialsClientSecretBasic"),
        requires: &[ParameterType::AuthProviderUrl],
        refuses: &[],
    },
    FlowRules {
        protocol: "Jwt",
        variant: None,
        requires: &[ParameterType::SigningCertificate],
        refuses: &[],
    },
    FlowRules {
        protocol: "Custom",
        variant: None,
        requires: &[],
        refuses: &["AuthParameter", "CustomPrincipal"],
    },
];

/// Elements without which the schema of a type rejects a file. Elements that one flow or provider needs are not here.
///
/// Sources: `lib/metadata.d.ts` of @salesforce/types 1.9.0 and the field tables of the Metadata API guide.
const REQUIRED_ELEMENTS: &[(&str, &[&str])] = &[
    ("AuthProvider", &["friendlyName", "providerType"]),
    ("ConnectedApp", &["contactEmail", "label"]),
    ("ConnectedAppAttribute", &["formula", "key"]),
    ("ConnectedAppCanvasConfig", &["accessMethod", "canvasUrl"]),
    ("ConnectedAppIpRange", &["end", "start"]),
    ("ConnectedAppOauthPolicy", &["ipRelaxation", "refreshTokenPolicy"]),
    ("ConnectedAppSamlConfig", &["acsUrl", "entityUrl", "samlSubjectType"]),
    ("ExternalAuthIdentityProvider", &["authenticationFlow", "authenticationProtocol", "label"]),
    ("ExternalAuthIdentityProviderParameter", &["parameterName", "parameterType"]),
    ("ExternalCredential", &["authenticationProtocol", "label"]),
    ("ExternalCredentialParameter", &["parameterName", "parameterType"]),
    ("ExternalDataSource", &["label", "principalType", "protocol", "type"]),
    ("ExtlClntAppConfigurablePolicies", &["externalClientApplication", "isEnabled"]),
    ("ExtlClntAppGlobalOauthSettings", &["externalClientApplication"]),
    ("ExtlClntAppOauthConfigurablePolicies", &["externalClientApplication"]),
    ("ExtlClntAppOauthSecuritySettings", &["externalClientApplication"]),
    ("ExtlClntAppOauthSettings", &["externalClientApplication"]),
    ("NamedCredential", &["label"]),
    ("NamedCredentialParameter", &["parameterName", "parameterType"]),
];

/// The elements that a type of `metadata_types.txt` cannot do without.
pub fn required_elements(type_name: &str) -> &'static [&'static str] {
    REQUIRED_ELEMENTS
        .binary_search_by_key(&type_name, |(name, _)| name)
        .map_or(&[], |position| REQUIRED_ELEMENTS[position].1)
}

impl ExternalCredential {
    /// The protocol, if only named credentials of the legacy model have it.
    pub fn legacy_protocol(&self) -> Option<&'static LegacyProtocol> {
        let protocol = self.protocol.as_ref()?.known()?;
        LEGACY_PROTOCOLS.iter().find(|legacy| legacy.name == protocol)
    }

    /// What is known about deployments of its protocol and variant.
    fn flow_rules(&self) -> Option<&'static FlowRules> {
        let protocol = self.protocol.as_ref()?.known()?;
        let variant = match self.parameters_of(ParameterType::AuthProtocolVariant).next() {
            Some(parameter) => Some(parameter.value.as_ref()?.known()?),
            None => None,
        };
        FLOWS.iter().find(|rules| rules.protocol == protocol && rules.variant == variant)
    }

    /// Whether a deployment demands a parameter of this type.
    pub fn requires_parameter(&self, kind: ParameterType) -> bool {
        self.flow_rules().is_some_and(|rules| rules.requires.contains(&kind))
    }

    /// The parameters that a deployment refuses under this protocol and variant, with their types as typed.
    pub fn refused_parameters(&self) -> impl Iterator<Item = (&Parameter, &Text)> {
        let refuses = self.flow_rules().map_or(&[][..], |rules| rules.refuses);
        self.parameters
            .iter()
            .filter_map(|parameter| parameter.kind_text.as_ref().map(|kind| (parameter, kind)))
            .filter(|(_, kind)| kind.known().is_some_and(|kind| refuses.contains(&kind)))
    }

    /// Whether the protocol is `Oauth` and nothing says which of its flows is meant. Credentials of an installed package
    /// are retrieved without the subscriber's settings.
    pub fn selects_no_flow(&self) -> bool {
        self.protocol.as_ref().and_then(Text::known) == Some("Oauth")
            && self.variant().is_none_or(Text::is_empty)
            && !self.has_login()
            && !self.component.is_installed()
    }
}

impl NamedCredential {
    /// Headers without `sequenceNumber`. Answer: `The parameter type "HttpHeader" requires the following Named Credential
    /// Parameter fields: SequenceNumber.`
    pub fn headers_without_sequence(&self) -> impl Iterator<Item = &HttpHeader> {
        self.headers.iter().filter(|header| header.sequence.as_ref().is_none_or(Text::is_empty))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MetadataTypes;

    #[test]
    fn required_elements_are_sorted_and_exist() {
        assert!(REQUIRED_ELEMENTS.is_sorted_by_key(|(name, _)| name));
        for (name, elements) in REQUIRED_ELEMENTS {
            let definition = MetadataTypes::get().definition(name);
            let definition = definition.unwrap_or_else(|| panic!("{name} is not in the table"));
            for element in *elements {
                assert!(definition.entry(element).is_some(), "{name}.{element}");
            }
        }
        assert_eq!(required_elements("NamedCredential"), ["label"]);
        assert!(required_elements("Profile").is_empty());
    }

    #[test]
    fn protocols_variants_and_parameter_types_exist() {
        let table = MetadataTypes::get();
        let has = |name: &str, value: &str| {
            table.definition(name).is_some_and(|definition| definition.entry(value).is_some())
        };
        for legacy in LEGACY_PROTOCOLS {
            assert!(has("AuthenticationProtocol", legacy.name), "{}", legacy.name);
        }
        for rules in FLOWS {
            assert!(has("AuthenticationProtocol", rules.protocol), "{rules:?}");
            assert!(
                rules.variant.is_none_or(|variant| has("ExternalCredentialVariant", variant)),
                "{rules:?}"
            );
            for refused in rules.refuses {
                assert!(has("ExternalCredentialParamType", refused), "{rules:?}");
            }
        }
    }
}
