//! A template placeholder that was not filled in is sent literally.

use std::collections::{HashMap, HashSet};

use crate::finding::{Findings, Severity};
use crate::model::{Unfilled, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let placeholders = workspace.unfilled();
    let to_salesforce: HashSet<Span> = workspace
        .jwt_credentials_to_salesforce()
        .map(|credential| credential.component.place)
        .collect();
    let mut retrieved: HashMap<Span, Vec<&Text>> = HashMap::new();
    for placeholder in placeholders.iter().filter(|other| other.is_retrieved_secret()) {
        retrieved.entry(placeholder.component.place).or_default().push(placeholder.text);
    }
    let mut with_key: HashMap<Span, &Text> = HashMap::new();
    for secret in placeholders.iter().filter(|other| other.field == "consumerSecret") {
        with_key.insert(secret.component.place, secret.text);
    }
    let unfilled_keys: HashSet<Span> = placeholders
        .iter()
        .filter(|other| other.field == "consumerKey")
        .map(|key| key.component.place)
        .collect();
    with_key.retain(|place, _| unfilled_keys.contains(place));
    for placeholder in &placeholders {
        let place = placeholder.component.place;
        // Key and secret of one provider get one finding.
        if placeholder.field == "consumerSecret" && with_key.contains_key(&place) {
            continue;
        }
        // The secrets of one component get one finding.
        let of_same_retrieval = if placeholder.is_retrieved_secret() {
            retrieved.remove(&place)
        } else {
            Some(Vec::new())
        };
        let Some(of_same_retrieval) = of_same_retrieval else { continue };
        if placeholder.may_be_intended() && !to_salesforce.contains(&place) {
            continue;
        }
        let (field, component) = (&placeholder.field, placeholder.component);
        let what = if field.contains(' ') { field.clone() } else { format!("`{field}`") };
        let message = if placeholder.is_retrieved_secret() {
            format!(
                "{what} is `{}`, which Salesforce substitutes for the value on retrieval; \
                 deploying it overwrites the real value",
                placeholder.text
            )
        } else if placeholder.secret {
            format!("{what} still contains a template placeholder instead of a value")
        } else {
            format!("{what} still contains the template placeholder `{}`", placeholder.text)
        };
        let help = if placeholder.is_retrieved_secret() {
            "keep the file out of deployments (`.forceignore`), or insert the value during \
             deployment (`replacements` in sfdx-project.json), and enter it once in Setup > Auth. \
             Providers"
        } else if placeholder.secret {
            "enter the value in Setup, or insert it during deployment (`replacements` in \
             sfdx-project.json); do not write a secret into the file"
        } else {
            "enter the value, or insert it during deployment through a marker such as `${NAME}` \
             (`replacements` in sfdx-project.json)"
        };
        let finding = found
            .report(component, placeholder.text, message)
            .label("not filled in")
            .help(help)
            .field(field.clone());
        // The subscribers of a package replace its template hosts.
        let is_for_subscribers = !placeholder.secret
            && component.type_name == "NamedCredential"
            && workspace.is_packaged(component);
        // A provider without key and secret is a template, whose values are entered in Setup.
        let secret = with_key.get(&place).filter(|_| placeholder.field == "consumerKey");
        let finding = if is_for_subscribers || secret.is_some() {
            finding.at_most(Severity::Warning)
        } else {
            finding
        };
        let finding =
            finding.also_here(of_same_retrieval.into_iter().skip(1).map(|other| other.span));
        let finding = finding
            .related_to(secret.copied(), "the secret is not filled in either")
            .only_answers(answers(placeholder));
        if placeholder.is_retrieved_secret() {
            finding.on_deployment();
        }
    }
}

/// What the sender of the value can be answered: about a secret, a key or a host.
fn answers(placeholder: &Unfilled<'_>) -> &'static [&'static str] {
    match placeholder.field.as_str() {
        "consumerSecret" => &["client-credentials-invalid"],
        _ if placeholder.secret => &[],
        "consumerKey" | "jwtIssuer" | "iss" => &["client-identifier-invalid"],
        "the URL"
        | "authTokenEndpointUrl"
        | "AuthProviderUrl"
        | "tokenUrl"
        | "authorizeUrl"
        | "endpoint"
        | "url" => &["host-unknown"],
        _ => &[],
    }
}
