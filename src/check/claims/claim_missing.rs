//! A Salesforce token endpoint requires `iss`, `sub` and `aud`.

use crate::finding::{Edit, Findings, external_credential_parameter};
use crate::model::{JwtCredential, Workspace, registered_claim};
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let missing: Vec<&str> =
            ["iss", "sub", "aud"].into_iter().filter(|name| is_missing(credential, name)).collect();
        let Some(first) = missing.first() else { continue };
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let empty = credential
            .body_claims
            .iter()
            .find(|claim| claim.name.as_str() == *first)
            .map(|claim| claim.name.element);
        let noun = credential.noun();
        found
            .report(
                &credential.component,
                &empty.unwrap_or(credential.flow),
                format!("the JWT that this {noun} sends has no {}", list(&names)),
            )
            .label(if empty.is_some() {
                "this claim has no value"
            } else {
                "this flow sends a JWT"
            })
            .related_to(credential.token_endpoint.as_ref(), "this is a Salesforce token endpoint")
            .help(format!(
                "{} (*JWT Claims* in {})",
                advice(&missing, credential),
                credential.setup_path()
            ))
            .unsafe_fix(
                "add the claims whose values are known",
                known_values(workspace, credential, &missing),
            )
            .field(missing.join(","));
    }
}

/// Whether the claim has no value. A misspelled claim, or one in the header, is reported by another
/// rule.
fn is_missing(credential: &JwtCredential, name: &str) -> bool {
    let is_alias = |claim: &str| name == "sub" && claim == "prn";
    let is_intended = |text: &Text| {
        registered_claim(text.as_str()).is_some_and(|(known, _)| known == name)
            || is_alias(text.as_str())
    };
    !credential.body_claims.iter().chain(&credential.header_claims).any(|claim| {
        is_intended(&claim.name) && claim.value.as_ref().is_some_and(|value| !value.is_empty())
    })
}

fn list(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
        [] => String::new(),
    }
}

fn advice(missing: &[&str], credential: &JwtCredential) -> String {
    let audience = credential.target_host().and_then(|host| host.accepted_audience());
    let lines: Vec<String> = missing
        .iter()
        .map(|name| match *name {
            "iss" => "set `iss` to the consumer key of the app in the target org".to_owned(),
            "sub" => {
                "set `sub` to the username of the integration user in the target org".to_owned()
            }
            _ => match audience {
                Some(audience) => format!("set `aud` to `{audience}`"),
                None => "set `aud` to `https://login.salesforce.com` for production and Developer \
                         Edition, `https://test.salesforce.com` for sandboxes and scratch orgs"
                    .to_owned(),
            },
        })
        .collect();
    lines.join("; ")
}

/// Adds the claims with a known value: the audience follows from the host, and the issuer from the
/// connected app. The subject cannot be derived.
fn known_values(workspace: &Workspace, credential: &JwtCredential, missing: &[&str]) -> Vec<Edit> {
    let audience =
        credential.target_host().and_then(|host| host.accepted_audience()).map(str::to_owned);
    let issuer = workspace
        .connection_of(credential)
        .and_then(|connection| connection.app.key())
        .map(|key| key.as_str().to_owned());
    let values = [("iss", "Issuer", issuer), ("aud", "Audience", audience)];
    let missing_values = values
        .into_iter()
        .filter(|(name, ..)| missing.contains(name))
        .filter_map(|(name, description, value)| Some((name, description, value?)));
    missing_values
        .filter_map(|(name, description, value)| add_claim(credential, name, description, &value))
        .collect()
}

fn add_claim(
    credential: &JwtCredential,
    name: &str,
    description: &str,
    value: &str,
) -> Option<Edit> {
    let (entry, syntax) = credential.flow_entry?;
    let stored = if name == "aud" { format!("\"{value}\"") } else { value.to_owned() };
    let empty = credential.body_claims.iter().find(|claim| claim.name.as_str() == name);
    match (syntax, empty) {
        (Syntax::Xml | Syntax::Cdata, Some(claim)) => {
            claim.value.as_ref().and_then(|text| Edit::replace_trimmed(text, &stored))
        }
        (Syntax::Xml | Syntax::Cdata, None) if credential.legacy => {
            let element = if name == "aud" { "jwtAudience" } else { "jwtIssuer" };
            Some(Edit::LineAfter(
                entry,
                format!("<{element}>{}</{element}>", stored.replace('"', "&quot;")),
            ))
        }
        (Syntax::Xml | Syntax::Cdata, None) => Some(Edit::LineAfter(
            entry,
            external_credential_parameter(
                "DefaultGroup",
                name,
                "JwtBodyClaim",
                &[("description", description), ("parameterValue", &stored)],
            ),
        )),
        (
            Syntax::YamlPlain
            | Syntax::YamlSingleQuoted
            | Syntax::YamlDoubleQuoted
            | Syntax::Verbatim,
            _,
        ) => None,
    }
}
