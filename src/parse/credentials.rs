//! External credentials, named credentials of both models, and the metadata of certificates.

use super::reader::{Reader, intended_value};
use super::xml::Element;
use crate::model::{
    Certificate, ConsumerKey, ExternalCredential, Field, HEADER_WORDS, HttpHeader, NamedCredential,
    NamedCredentialModel, Parameter, ParameterType, Url,
};
use crate::source::{Certainty, Text};

pub fn external(root: &Element, reader: &mut Reader<'_>) -> ExternalCredential {
    reader.conceal_secrets(root);
    let mut parameters = Vec::new();
    for element in root.children("externalCredentialParameters") {
        parameters.push(parameter(element, reader));
    }
    parameters.extend(
        root.children("principals").filter_map(|element| invented_principal(element, reader)),
    );
    let credential = ExternalCredential {
        component: reader.component("ExternalCredential", root),
        label: reader.child(root, "label"),
        protocol: reader.child(root, "authenticationProtocol"),
        described_flow: None,
        configured: Vec::new(),
        unconfigured: Vec::new(),
        parameters,
    };
    // What does not belong into the file is often the key itself.
    let refused = credential.refused_parameters().map(|(parameter, _)| parameter);
    for key in refused.filter(|parameter| parameter.kind == ParameterType::AuthParameter) {
        conceal_literal(key.value.as_ref(), reader);
    }
    credential
}

fn parameter(element: &Element, reader: &mut Reader<'_>) -> Parameter {
    let kind_text = reader.child(element, "parameterType");
    let name = reader.child(element, "parameterName");
    let kind = kind_text.as_ref().map_or(ParameterType::Other, |text| {
        ParameterType::intended(
            intended_value("ExternalCredentialParamType", text.as_str()),
            name.as_ref().map_or("", Text::as_str),
        )
    });
    let value = reader.child(element, "parameterValue");
    conceal_user_info(value.as_ref().filter(|_| kind == ParameterType::AuthProviderUrl), reader);
    let certificate = reader
        .child(element, "certificate")
        .or_else(|| value.clone().filter(|_| kind == ParameterType::SigningCertificate));
    let named_secret = kind_text.as_ref().is_some_and(|text| text.as_str().contains("Secret"));
    if named_secret || kind == ParameterType::AuthHeader {
        conceal_literal(value.as_ref(), reader);
    }
    if kind == ParameterType::JwtBodyClaim
        && reader.child(element, "parameterName").is_some_and(|name| name.as_str() == "iss")
    {
        conceal_misplaced_secret(value.as_ref(), reader);
    }
    Parameter {
        kind,
        kind_text,
        name,
        value,
        group: reader.child(element, "parameterGroup"),
        sequence: reader.child(element, "sequenceNumber"),
        certificate,
        auth_provider: reader.child(element, "authProvider"),
        identity_provider: reader.child(element, "externalAuthIdentityProvider"),
        permission_set: reader.child(element, "principal"),
        element: element.span,
    }
}

/// Reads a principal from an element that templates invent and no metadata type has, so that only the rule about the
/// element reports it.
fn invented_principal(element: &Element, reader: &Reader<'_>) -> Option<Parameter> {
    let name = reader
        .child(element, "principalName")
        .or_else(|| reader.child(element, "parameterName"))
        .or_else(|| reader.child(element, "name"))?;
    Some(Parameter {
        kind: ParameterType::NamedPrincipal,
        kind_text: None,
        name: Some(name),
        value: None,
        group: None,
        sequence: None,
        certificate: None,
        auth_provider: None,
        identity_provider: None,
        permission_set: None,
        element: element.span,
    })
}

/// A header is secret unless all it holds are references to stored credentials, and words that say how they are sent.
fn conceal_literal(value: Option<&Text>, reader: &mut Reader<'_>) {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return };
    let text = value.as_str();
    let formula =
        text.starts_with("{!") && text.contains('$') && !text.contains('\'') && !text.contains('"');
    if !formula && !holds_references_only(text) {
        reader.secrets.push(value.outer);
    }
}

fn holds_references_only(text: &str) -> bool {
    // What remains is split into words; a reference such as `$Credential.Spoke_Org.ApiKey` is one of them.
    let mut words = text
        .split(|character: char| {
            !(character.is_alphanumeric() || matches!(character, '$' | '.' | '_'))
        })
        .filter(|word| !word.is_empty());
    let is_reference = |word: &str| {
        let mut parts = word.split('.');
        parts.next().is_some_and(|global| global.eq_ignore_ascii_case("$Credential"))
            && parts.clone().count() == 2
            && parts.all(|part| !part.is_empty() && !part.contains('$'))
    };
    text.contains('$')
        && words.all(|word| {
            is_reference(word) || HEADER_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
        })
}

/// The part of a URL before `@`: a user, and often a password.
fn conceal_user_info(url: Option<&Text>, reader: &mut Reader<'_>) {
    let Some(text) = url else { return };
    let parts = Url::parse(text.as_str());
    let Some(user_info) = parts.user_info.filter(|user_info| !user_info.is_empty()) else { return };
    if let Some(start) = text.as_str().find(&user_info) {
        reader.secrets.push(text.part(&user_info, start, start + user_info.len()).span);
    }
}

/// Conceals a consumer secret in the field of the consumer key.
fn conceal_misplaced_secret(issuer: Option<&Text>, reader: &mut Reader<'_>) {
    let Some(issuer) = issuer else { return };
    if ConsumerKey::new(issuer.as_str()).looks_like_secret() {
        reader.secrets.push(issuer.outer);
    }
}

pub fn named(root: &Element, reader: &mut Reader<'_>) -> NamedCredential {
    reader.conceal_secrets(root);
    let model = match reader.child(root, "namedCredentialType") {
        None => NamedCredentialModel::Legacy,
        Some(text) => match text.as_str() {
            "Legacy" | "" => NamedCredentialModel::Legacy,
            "SecuredEndpoint" => NamedCredentialModel::Secured,
            _ => NamedCredentialModel::Other,
        },
    };
    let mut named = NamedCredential::new(reader.component("NamedCredential", root), model);
    named.label = reader.child(root, "label");
    named.url = reader.child(root, "endpoint");
    named.protocol = reader.child(root, "protocol");
    named.principal_type = reader.child(root, "principalType");
    named.token_endpoint = ["authTokenEndpointUrl", "oauthTokenEndpoint", "tokenEndpoint"]
        .into_iter()
        .find_map(|name| reader.child(root, name));
    named.jwt_issuer = reader.child(root, "jwtIssuer");
    named.jwt_audience = reader.child(root, "jwtAudience");
    named.jwt_text_subject = reader.child(root, "jwtTextSubject");
    named.jwt_formula_subject = reader.child(root, "jwtFormulaSubject");
    named.jwt_signing_certificate = reader.child(root, "jwtSigningCertificate");
    named.jwt_validity_seconds = reader.child(root, "jwtValidityPeriodSeconds");
    named.oauth_scope = reader.child(root, "oauthScope");
    named.aws_region = reader.child(root, "awsRegion");
    named.aws_service = reader.child(root, "awsService");
    named.callout_status = reader.child(root, "calloutStatus");
    named.generate_authorization_header = reader.child(root, "generateAuthorizationHeader");
    named.allow_merge_fields_in_header = reader.child(root, "allowMergeFieldsInHeader");
    named.allow_merge_fields_in_body = reader.child(root, "allowMergeFieldsInBody");
    named.client_certificate = reader.child(root, "certificate");
    named.auth_provider = reader.child(root, "authProvider");
    named.outbound_network_connection = ["outboundNetworkConnection", "privateConnection"]
        .into_iter()
        .find_map(|name| reader.child(root, name));
    for element in root.children("namedCredentialParameters") {
        let value = reader.child(element, "parameterValue");
        match reader
            .child(element, "parameterType")
            .as_ref()
            .map(|text| intended_value("NamedCredentialParamType", text.as_str()))
        {
            Some("Url") => {
                named.url = value;
                named.url_parameter = Some(element.span);
            }
            Some("Authentication") => {
                named.external_credential = reader.child(element, "externalCredential")
            }
            Some("ClientCertificate") => {
                named.client_certificate = reader.child(element, "certificate")
            }
            Some("CreatedByNamespace" | "ManagedByNamespace") => {
                named.is_of_package |= value.is_some_and(|value| !value.is_empty());
            }
            Some("AllowedManagedPackageNamespaces") => named.allowed_namespaces.extend(value),
            Some("HttpHeader") => {
                conceal_literal(value.as_ref(), reader);
                named.headers.push(HttpHeader {
                    name: reader.child(element, "parameterName"),
                    value,
                    sequence: reader.child(element, "sequenceNumber"),
                    element: element.span,
                });
            }
            _ => {}
        }
    }
    conceal_misplaced_secret(named.jwt_issuer.as_ref(), reader);
    named.secrets = reader.secrets.clone();
    conceal_user_info(named.url.as_ref(), reader);
    conceal_user_info(named.token_endpoint.as_ref(), reader);
    for name in ["awsAccessKey", "awsAccessSecret", "oauthRefreshToken", "oauthToken", "password"] {
        let blank = reader.child(root, name).filter(|text| text.certainty == Certainty::Unfilled);
        named.unfilled_secrets.extend(blank.map(|text| Field { path: name.to_owned(), text }));
    }
    named
}

pub fn certificate(root: &Element, reader: &Reader<'_>) -> Certificate {
    Certificate {
        component: reader.component("Certificate", root),
        label: reader.child(root, "masterLabel"),
        expiration: reader.child(root, "expirationDate"),
        private_key_exportable: reader.child(root, "privateKeyExportable"),
        metadata: Some(root.span),
        body: None,
    }
}
