//! The auth provider of a credential is not in the checked files.

use std::collections::{HashMap, HashSet};

use crate::finding::Findings;
use crate::model::{Component, Named, Org, Workspace, without_namespace};
use crate::nearest::Suggestions;
use crate::source::{Syntax, Text};

/// Auth providers that DevOps Center includes.
const DEVOPS_CENTER: &str = "DEVOPS_CENTER_";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut all: Vec<Providers<'_>> = workspace.orgs.iter().map(Providers::new).collect();
    let known: HashSet<String> = all
        .iter()
        .flat_map(|providers| &providers.names)
        .map(|name| without_namespace(name).to_ascii_lowercase())
        .collect();
    for (org, providers) in workspace.orgs.iter().zip(&mut all) {
        for named in &org.named_credentials {
            check_reference(
                workspace,
                &known,
                providers,
                &named.component,
                "named credential",
                named.auth_provider.as_ref(),
                found,
            );
        }
        for credential in &org.external_credentials {
            for parameter in &credential.parameters {
                check_reference(
                    workspace,
                    &known,
                    providers,
                    &credential.component,
                    "external credential",
                    parameter.auth_provider.as_ref(),
                    found,
                );
            }
        }
    }
}

/// The auth providers of an org.
struct Providers<'a> {
    names: Vec<&'a str>,
    components: HashMap<&'a str, &'a Component>,
    suggestions: Suggestions<'a>,
}

impl<'a> Providers<'a> {
    fn new(org: &'a Org) -> Providers<'a> {
        let all = org.records.iter().filter(|record| record.component.type_name == "AuthProvider");
        let mut providers = Providers {
            names: Vec::new(),
            components: HashMap::new(),
            suggestions: Suggestions::default(),
        };
        for provider in all {
            providers.names.push(provider.name());
            providers.components.entry(provider.name()).or_insert(&provider.component);
        }
        providers
    }
}

fn check_reference(
    workspace: &Workspace,
    known: &HashSet<String>,
    providers: &mut Providers<'_>,
    component: &Component,
    noun: &str,
    reference: Option<&Text>,
    found: &mut Findings,
) {
    let Some(reference) = reference else { return };
    let Some(name) = reference
        .known()
        .filter(|name| without_namespace(name) == *name && !name.starts_with(DEVOPS_CENTER))
    else {
        return;
    };
    // A description without auth providers does not claim to list them.
    let is_complete =
        matches!(reference.syntax, Syntax::Xml | Syntax::Cdata) || !providers.names.is_empty();
    let is_known = known.contains(&without_namespace(name).to_ascii_lowercase());
    if is_known
        || !is_complete
        || workspace.is_unreadable(component.org, "AuthProvider", Some(name))
    {
        return;
    }
    let near = providers.suggestions.nearest(name, providers.names.iter().copied());
    found
        .report(
            component,
            reference,
            format!(
                "the auth provider `{name}` of the {noun} `{}` is not in the checked files",
                component.name
            ),
        )
        .label("this auth provider")
        .related_to(near.and_then(|near| providers.components.get(near)).copied(), "a similar name")
        .help(match near {
            Some(near) => format!(
                "did you mean `{near}`? Otherwise `{name}` must be in the org before this is \
                 deployed (Setup > Identity > Auth. Providers)"
            ),
            None => format!(
                "retrieve the `AuthProvider` `{name}` into the project, or create it in the org \
                 before this is deployed (Setup > Identity > Auth. Providers)"
            ),
        })
        .field("auth provider");
}
