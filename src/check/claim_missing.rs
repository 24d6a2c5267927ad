//! A Salesforce token endpoint cannot do without `iss`, `sub` and `aud`.

use crate::finding::Findings;
use crate::model::{JwtCredential, Workspace, registered_claim};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let missing: Vec<&str> = ["iss", "sub", "aud"].into_iter().filter(|name| is_missing(credential, name)).collect();
        let Some(first) = missing.first() else { continue };
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let empty = credential.body_claims.iter().find(|claim| claim.name.as_str() == *first).map(|claim| claim.name.element);
        let noun = credential.noun();
        found
            .at(&credential.component, &empty.unwrap_or(credential.flow), format!("the JWT that this {noun} sends has no {}", list(&names)))
            .label(if empty.is_some() { "this claim has no value" } else { "this flow signs a JWT" })
            .related_to(credential.token_endpoint.as_ref(), "and Salesforce answers here")
            .help(format!("{} (*JWT Claims* in {})", advice(&missing), credential.setup_path()))
            .field(missing.join(","));
    }
}

/// A claim under a slightly wrong name, or in the header, is another rule's business.
fn is_missing(credential: &JwtCredential, name: &str) -> bool {
    let alias = |claim: &str| name == "sub" && claim == "prn";
    let meant = |text: &Text| registered_claim(text.as_str()).is_some_and(|(known, _)| known == name) || alias(text.as_str());
    !credential.body_claims.iter().chain(&credential.header_claims).any(|claim| meant(&claim.name) && claim.value.as_ref().is_some_and(|value| !value.is_empty()))
}

fn list(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        _ => names.join(", "),
    }
}

fn advice(missing: &[&str]) -> String {
    let lines: Vec<&str> = missing
        .iter()
        .map(|name| match *name {
            "iss" => "set `iss` to the consumer key of the app in the answering org",
            "sub" => "set `sub` to the username of the integration user in the answering org",
            _ => "set `aud` to `https://login.salesforce.com` for production and Developer Edition, `https://test.salesforce.com` for sandboxes and scratch orgs",
        })
        .collect();
    lines.join("; ")
}
