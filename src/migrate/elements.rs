//! The elements of a legacy named credential and their counterparts.

use super::names::Names;
use crate::mask::name;
use crate::metadata_xml::{
    Element, authentication, default_parameter, lookup, named_lookup, principal, url,
};
use crate::model::{NamedCredential, Org, Url, expiry_formula};
use crate::source::{Span, Text};

/// An element of the legacy model, and what replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub from: &'static str,
    pub to: String,
}

/// The protocol of the legacy model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Password,
    Oauth,
    Jwt,
    JwtExchange,
    AwsSv4,
    NoAuthentication,
}

/// Who the callouts log in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    Anonymous,
    NamedUser,
    PerUser,
}

/// A legacy named credential whose elements are all known.
pub struct Legacy<'a> {
    named: &'a NamedCredential,
    concealed: Concealed,
    pub protocol: Protocol,
    pub principal: Principal,
}

/// The parameters of the new components, and which element each of them replaces.
#[derive(Default)]
pub struct Counterparts {
    pub external: Vec<Element>,
    pub named: Vec<Element>,
    pub mappings: Vec<Mapping>,
}

impl Protocol {
    fn of(text: &str) -> Option<Protocol> {
        Some(match text {
            "Password" => Protocol::Password,
            "Oauth" => Protocol::Oauth,
            "Jwt" => Protocol::Jwt,
            "JwtExchange" => Protocol::JwtExchange,
            "AwsSv4" => Protocol::AwsSv4,
            "NoAuthentication" => Protocol::NoAuthentication,
            _ => return None,
        })
    }

    /// The protocol and the variant of an external credential.
    pub fn replacement(self) -> (&'static str, Option<&'static str>) {
        match self {
            Protocol::Password => ("Basic", None),
            Protocol::Oauth => ("Oauth", None),
            Protocol::Jwt => ("Jwt", None),
            Protocol::JwtExchange => ("Oauth", Some("JwtBearer")),
            Protocol::AwsSv4 => ("AwsSv4", None),
            Protocol::NoAuthentication => ("Custom", Some("NoAuthentication")),
        }
    }

    /// What has to be entered again in the org, because metadata cannot contain it.
    pub fn typed_again(self, principal: Principal) -> &'static [&'static str] {
        let per_user = principal == Principal::PerUser;
        match self {
            Protocol::Password if per_user => {
                &["the user name and the password of each user, by the user"]
            }
            Protocol::Password => &["the user name and the password of the principal"],
            Protocol::Oauth if per_user => {
                &["the authorization: each user has to authorize the principal"]
            }
            Protocol::Oauth => {
                &["the authorization of the principal, with *Authenticate* in Setup"]
            }
            Protocol::AwsSv4 => &["the access key ID and the access secret of the principal"],
            Protocol::Jwt | Protocol::JwtExchange | Protocol::NoAuthentication => &[],
        }
    }

    /// Whether the new credential stores tokens, for which users need access to an object.
    pub fn keeps_tokens(self) -> bool {
        matches!(self, Protocol::Oauth | Protocol::JwtExchange)
    }

    /// Whether requests carry a signed JWT.
    pub fn signs(self) -> bool {
        matches!(self, Protocol::Jwt | Protocol::JwtExchange)
    }
}

impl Principal {
    /// The name of the new principal: the legacy value.
    pub fn name(self) -> &'static str {
        match self {
            Principal::Anonymous => "Anonymous",
            Principal::NamedUser => "NamedUser",
            Principal::PerUser => "PerUser",
        }
    }
}

impl<'a> Legacy<'a> {
    /// # Errors
    /// Why the credential cannot be migrated.
    pub fn read(named: &'a NamedCredential, concealed: &[Span]) -> Result<Legacy<'a>, String> {
        let mut legacy = Legacy {
            named,
            concealed: Concealed::new(concealed),
            protocol: Protocol::NoAuthentication,
            principal: Principal::Anonymous,
        };
        let protocol = legacy.required("protocol", named.protocol.as_ref())?;
        legacy.protocol = Protocol::of(protocol)
            .ok_or_else(|| format!("the protocol `{}` has no known counterpart", name(protocol)))?;
        legacy.principal = match (legacy.protocol, named.principal_type.as_ref()) {
            (Protocol::NoAuthentication, _) => Principal::Anonymous,
            (_, text) => match legacy.required("principalType", text)? {
                "NamedUser" => Principal::NamedUser,
                "PerUser" if legacy.protocol == Protocol::AwsSv4 => {
                    return Err(
                        "its `principalType` is `PerUser`, and AWS Signature Version 4 has \
                                only named principals in the current model"
                            .to_owned(),
                    );
                }
                "PerUser" => Principal::PerUser,
                other => {
                    return Err(format!(
                        "its `principalType` is `{}`, which does not fit the protocol `{}`",
                        name(other),
                        name(protocol)
                    ));
                }
            },
        };
        Ok(legacy)
    }

    /// The value of an element, if it may be copied.
    fn value(&self, element: &str, text: &'a Text) -> Result<&'a str, String> {
        if self.concealed.touches(text) {
            return Err(format!(
                "its `{element}` contains a secret, which sfcred never copies: remove it first"
            ));
        }
        text.known().ok_or_else(|| {
            format!("its `{element}` is a placeholder, whose value is only known in the org")
        })
    }

    fn required(&self, element: &str, text: Option<&'a Text>) -> Result<&'a str, String> {
        let text = text.filter(|text| !text.is_empty());
        self.value(element, text.ok_or_else(|| format!("it has no `{element}`"))?)
    }

    fn optional(&self, element: &str, text: Option<&'a Text>) -> Result<Option<&'a str>, String> {
        text.filter(|text| !text.is_empty()).map(|text| self.value(element, text)).transpose()
    }

    /// The URL.
    pub fn endpoint(&self) -> Result<&'a str, String> {
        let endpoint = self.required("endpoint", self.named.url.as_ref())?;
        let url = Url::parse(endpoint);
        if !url.scheme.eq_ignore_ascii_case("https") {
            return Err(
                "its `endpoint` is not an https URL, which the current model requires".to_owned()
            );
        }
        if endpoint.contains(['?', '#']) {
            return Err("its `endpoint` has a query, which the current model does not accept: \
                        move the query to the callers first"
                .to_owned());
        }
        Ok(endpoint)
    }

    /// The label, or the name if the label is missing or cannot be copied.
    pub fn label(&self) -> &'a str {
        let label = self.optional("label", self.named.label.as_ref()).ok().flatten();
        label.unwrap_or(&self.named.component.name)
    }

    /// Everything that the new components consist of.
    ///
    /// # Errors
    /// Why the credential cannot be migrated.
    pub fn counterparts(&self, names: &Names) -> Result<Counterparts, String> {
        let mut all = Counterparts::default();
        let (protocol, variant) = self.protocol.replacement();
        let words = variant.map_or_else(
            || format!("`authenticationProtocol` `{protocol}`"),
            |variant| {
                format!("`authenticationProtocol` `{protocol}`, `AuthProtocolVariant` `{variant}`")
            },
        );
        all.map("protocol", words);
        if let Some(variant) = variant {
            all.parameter(protocol, "AuthProtocolVariant", variant);
        }
        match self.protocol {
            Protocol::Password => {
                all.map("username", "the user name of the principal, not in metadata".into());
                all.map("password", "the password of the principal, not in metadata".into());
            }
            Protocol::Oauth => self.browser(&mut all)?,
            Protocol::Jwt | Protocol::JwtExchange => self.jwt(&mut all)?,
            Protocol::AwsSv4 => self.aws(&mut all)?,
            Protocol::NoAuthentication => {}
        }
        self.principal(names, &mut all);
        self.endpoint_and_options(names, &mut all)?;
        Ok(all)
    }

    fn browser(&self, all: &mut Counterparts) -> Result<(), String> {
        let provider = self.required("authProvider", self.named.auth_provider.as_ref())?;
        all.external.push(lookup("authProvider", provider, "AuthProvider"));
        all.map("authProvider", "`AuthProvider`".into());
        self.scope(all)
    }

    fn scope(&self, all: &mut Counterparts) -> Result<(), String> {
        if let Some(scope) = self.optional("oauthScope", self.named.oauth_scope.as_ref())? {
            all.parameter("Scope", "AuthParameter", scope);
            all.map("oauthScope", "`AuthParameter` `Scope`".into());
        }
        Ok(())
    }

    fn jwt(&self, all: &mut Counterparts) -> Result<(), String> {
        let named = self.named;
        if self.protocol == Protocol::JwtExchange {
            let url = self.required("authTokenEndpointUrl", named.token_endpoint.as_ref())?;
            all.parameter("AuthProviderUrl", "AuthProviderUrl", url);
            all.map("authTokenEndpointUrl", "`AuthProviderUrl`".into());
        }
        let certificate =
            self.required("jwtSigningCertificate", named.jwt_signing_certificate.as_ref())?;
        all.external.push(lookup("certificate", certificate, "SigningCertificate"));
        all.map("jwtSigningCertificate", "`SigningCertificate`, and the header claim `kid`".into());
        let issuer = self.required("jwtIssuer", named.jwt_issuer.as_ref())?;
        all.claim("jwtIssuer", "iss", issuer);
        if self.principal == Principal::PerUser {
            let subject = self.required("jwtFormulaSubject", named.jwt_formula_subject.as_ref())?;
            let formula = if subject.starts_with("{!") {
                subject.to_owned()
            } else {
                format!("{{!{subject}}}")
            };
            all.claim("jwtFormulaSubject", "sub", &formula);
        } else {
            let subject = self.required("jwtTextSubject", named.jwt_text_subject.as_ref())?;
            all.claim("jwtTextSubject", "sub", subject);
        }
        let audience = self.required("jwtAudience", named.jwt_audience.as_ref())?;
        if serde_json::from_str::<serde_json::Value>(audience).is_err() {
            return Err(
                "its `jwtAudience` is not JSON text, which the claim `aud` of the current \
                        model must be: put it in double quotes first"
                    .to_owned(),
            );
        }
        all.claim("jwtAudience", "aud", audience);
        let seconds =
            self.required("jwtValidityPeriodSeconds", named.jwt_validity_seconds.as_ref())?;
        let seconds: u32 = seconds
            .parse()
            .map_err(|_| "its `jwtValidityPeriodSeconds` is not a number of seconds".to_owned())?;
        let expiry = expiry_formula(i64::from(seconds));
        all.claim("jwtValidityPeriodSeconds", "exp", &expiry);
        all.header_claim("alg", "RS256");
        all.header_claim("kid", certificate);
        if self.protocol == Protocol::JwtExchange { self.scope(all) } else { Ok(()) }
    }

    fn aws(&self, all: &mut Counterparts) -> Result<(), String> {
        let region = self.required("awsRegion", self.named.aws_region.as_ref())?;
        let service = self.required("awsService", self.named.aws_service.as_ref())?;
        all.parameter("AwsRegion", "AuthParameter", region);
        all.parameter("AwsService", "AuthParameter", service);
        all.map("awsRegion", "`AuthParameter` `AwsRegion`".into());
        all.map("awsService", "`AuthParameter` `AwsService`".into());
        all.map("awsAccessKey", "the access key ID of the principal, not in metadata".into());
        all.map("awsAccessSecret", "the access secret of the principal, not in metadata".into());
        Ok(())
    }

    fn principal(&self, names: &Names, all: &mut Counterparts) {
        let kind = match self.principal {
            Principal::Anonymous | Principal::NamedUser => "NamedPrincipal",
            Principal::PerUser => "PerUserPrincipal",
        };
        all.external.push(principal(kind, names.principal));
        all.map("principalType", format!("`{kind}` `{}`", names.principal));
    }

    fn endpoint_and_options(&self, names: &Names, all: &mut Counterparts) -> Result<(), String> {
        let named = self.named;
        all.named.push(url(self.endpoint()?));
        all.map("endpoint", "`Url` of the named credential".into());
        all.named.push(authentication(&names.external));
        if let Some(certificate) =
            self.optional("certificate", named.client_certificate.as_ref())?
        {
            let kind = "ClientCertificate";
            all.named.push(named_lookup("certificate", certificate, kind, kind));
            all.map("certificate", "`ClientCertificate` of the named credential".into());
        }
        if let Some(connection) =
            self.optional("outboundNetworkConnection", named.outbound_network_connection.as_ref())?
        {
            let (element, kind) = ("outboundNetworkConnection", "OutboundNetworkConnection");
            all.named.push(named_lookup(element, connection, kind, kind));
            all.map(
                "outboundNetworkConnection",
                "`OutboundNetworkConnection` of a named credential of type `PrivateEndpoint`"
                    .into(),
            );
        }
        for (element, _) in self.options()? {
            all.map(element, "the same element of the named credential".into());
        }
        Ok(())
    }

    /// The callout options and the status, which both models have.
    ///
    /// # Errors
    /// A placeholder.
    pub fn options(&self) -> Result<Vec<(&'static str, &'a str)>, String> {
        let named = self.named;
        let options = [
            ("allowMergeFieldsInBody", &named.allow_merge_fields_in_body),
            ("allowMergeFieldsInHeader", &named.allow_merge_fields_in_header),
            ("calloutStatus", &named.callout_status),
            ("generateAuthorizationHeader", &named.generate_authorization_header),
        ];
        let mut found = Vec::new();
        for (element, text) in options {
            found.extend(self.optional(element, text.as_ref())?.map(|value| (element, value)));
        }
        Ok(found)
    }

    /// Whether the credential uses a private connection.
    pub fn is_private(&self) -> bool {
        self.named.outbound_network_connection.as_ref().is_some_and(|text| !text.is_empty())
    }
}

impl Counterparts {
    fn map(&mut self, from: &'static str, to: String) {
        self.mappings.push(Mapping { from, to });
    }

    fn parameter(&mut self, name: &str, kind: &str, value: &str) {
        self.external.push(default_parameter(kind, name, value));
    }

    fn claim(&mut self, from: &'static str, name: &str, value: &str) {
        self.parameter(name, "JwtBodyClaim", value);
        self.map(from, format!("the claim `{name}`"));
    }

    fn header_claim(&mut self, name: &str, value: &str) {
        self.parameter(name, "JwtHeaderClaim", value);
    }
}

/// The parts of one file that hold secrets, in order and without overlaps.
pub struct Concealed(Vec<Span>);

impl Concealed {
    /// `spans` are sorted.
    pub fn new(spans: &[Span]) -> Concealed {
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if last.file == span.file && span.start <= last.end => {
                    last.end = last.end.max(span.end);
                }
                _ => merged.push(*span),
            }
        }
        Concealed(merged)
    }

    /// Whether a text contains a part of a secret.
    pub fn touches(&self, text: &Text) -> bool {
        let outer = text.outer;
        let next =
            self.0.partition_point(|span| (span.file, span.end) <= (outer.file, outer.start));
        self.0.get(next).is_some_and(|span| span.file == outer.file && span.start < outer.end)
    }
}

/// Whether the API version of an org is too old for the new files.
pub fn version_fault(org: &Org, protocol: Protocol) -> Option<String> {
    let needed = match protocol {
        Protocol::Password => 60,
        Protocol::Oauth
        | Protocol::Jwt
        | Protocol::JwtExchange
        | Protocol::AwsSv4
        | Protocol::NoAuthentication => 59,
    };
    let own = org.api_version.filter(|version| *version < needed)?;
    Some(format!(
        "the project deploys with API version {own}, and the new files need {needed}: raise \
         `sourceApiVersion` first"
    ))
}
