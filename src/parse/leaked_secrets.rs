//! Secrets that are recognized by the meaning of an element or header. Excludes placeholders, scrubbed values and dummies.

use std::sync::LazyLock;

use regex::Regex;

use super::reader::Reader;
use super::xml::Element;
use crate::model::{
    Component, LeakedSecret, SECRET_ELEMENTS, SecretEvidence, SecretKind, SecretName, Url,
    bare_secret, encrypted, evidence_of, is_secret_header, is_secret_value, looks_secret,
};
use crate::source::{Certainty, Text};

/// Query parameters that carry a secret.
static QUERY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:.*[-_])?(?:api[-_]?key|apikey|key|token|access[-_]?token|auth|secret|client[-_]?secret|password|passwd|pwd|sig|signature|code|subscription[-_]key|sas)$")
        .expect("a constant pattern")
});
/// The string literals in a formula.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"'([^']*)'|"([^"]*)""#).expect("a constant pattern"));
static MERGE_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{!?[^{}]*\}|\$\{[^{}]*\}|\{\{[^{}]*\}\}").expect("a constant pattern")
});

/// Finds all secrets of a component, and conceals them in every output.
pub fn leaked_secrets(
    component: &Component,
    root: &Element,
    reader: &mut Reader<'_>,
) -> Vec<LeakedSecret> {
    let mut found = Vec::new();
    elements(component, root, reader, &mut found);
    let parameters = root.children.iter().filter(|element| {
        matches!(
            element.name.as_str(),
            "externalCredentialParameters"
                | "namedCredentialParameters"
                | "externalAuthIdentityProviderParameters"
        )
    });
    for parameter in parameters {
        let (Some(kind), Some(value)) =
            (reader.child(parameter, "parameterType"), reader.child(parameter, "parameterValue"))
        else {
            continue;
        };
        let name = reader
            .child(parameter, "parameterName")
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default();
        match kind.as_str() {
            "AuthHeader" | "HttpHeader" if is_secret_header(&name) && header_is_secret(&value) => {
                reader.secrets.push(value.outer);
                let what = format!("the value of the header `{name}`");
                found.push(fact(component, what, &name, &value));
            }
            "Url" | "AuthProviderUrl" | "TokenUrl" | "AuthorizeUrl" => {
                query(component, &value, reader, &mut found)
            }
            kind if kind.ends_with("Secret")
                && value.certainty == Certainty::Known
                && is_secret_value(value.as_str()) =>
            {
                reader.secrets.push(value.outer);
                found.push(fact(component, format!("the value of `{kind}`"), kind, &value));
            }
            _ => {}
        }
    }
    if let Some(username) = reader.child(root, "username")
        && username.known().is_some_and(|name| evidence_of(SecretName::Vague, name).is_some())
    {
        reader.secrets.push(username.outer);
        let what = "a generated value in the field of the username".to_owned();
        let evidence = SecretEvidence::Username;
        found.push(LeakedSecret { evidence, ..fact(component, what, "username", &username) });
    }
    if let Some(endpoint) = reader.child(root, "endpoint") {
        query(component, &endpoint, reader, &mut found);
    }
    found
}

/// A secret that the meaning of its element proves.
fn fact(component: &Component, what: String, field: &str, value: &Text) -> LeakedSecret {
    LeakedSecret::setting(component, what, field, value.span, value.as_str(), SecretEvidence::Value)
}

fn elements(
    component: &Component,
    element: &Element,
    reader: &Reader<'_>,
    found: &mut Vec<LeakedSecret>,
) {
    if let Some(words) = SECRET_ELEMENTS.iter().find(|name| **name == element.name) {
        let text = reader.text(element);
        if text.certainty == Certainty::Known && is_secret_value(text.as_str()) {
            let is_of_provider =
                component.type_name == "AuthProvider" && *words == "consumerSecret";
            let kind = encrypted(text.as_str()).filter(|_| is_of_provider);
            found.push(LeakedSecret {
                kind: kind.unwrap_or(SecretKind::Setting),
                ..fact(component, format!("the {}", noun(words)), words, &text)
            });
        }
    }
    for child in &element.children {
        elements(component, child, reader, found);
    }
}

fn noun(element: &str) -> &'static str {
    match element {
        "consumerSecret" => "consumer secret",
        "password" => "password",
        "oauthToken" => "OAuth access token",
        "oauthRefreshToken" => "OAuth refresh token",
        "awsAccessSecret" => "AWS secret access key",
        "appleClientSecret" => "client secret for Apple",
        _ => "secret",
    }
}

/// Whether a header value contains a secret, as plain text or in a string literal of a formula such as `{!'Bearer …'}`.
fn header_is_secret(value: &Text) -> bool {
    if value.certainty != Certainty::Known {
        return false;
    }
    let text = value.as_str();
    let secret = |piece: &str| looks_secret(bare_secret(piece));
    if text.starts_with("{!") {
        return QUOTED
            .captures_iter(text)
            .any(|found| found.iter().skip(1).flatten().any(|piece| secret(piece.as_str())));
    }
    secret(&MERGE_FIELD.replace_all(text, ""))
}

/// Finds keys and passwords in the query of a URL.
pub fn query(
    component: &Component,
    url: &Text,
    reader: &mut Reader<'_>,
    found: &mut Vec<LeakedSecret>,
) {
    let Some(known) = url.known() else { return };
    let Some(query) = Url::parse(known).query else { return };
    let mut at = known.find('?').map_or(0, |mark| mark + 1);
    for pair in query.split('&') {
        if let Some((name, value)) = pair.split_once('=')
            && QUERY.is_match(name)
            && looks_secret(value)
        {
            let start = at + name.len() + 1;
            let part = url.part(value, start, start + value.len());
            reader.secrets.push(part.span);
            found.push(fact(component, format!("the value of `{name}` in the URL"), name, &part));
        }
        at += pair.len() + 1;
    }
}
