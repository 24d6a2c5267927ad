//! The auth provider of a credential is not in the checked files.

use std::collections::{HashMap, HashSet};

use crate::check::shared_references::{Missing, report_all};
use crate::finding::Findings;
use crate::model::{
    AUTH_PROVIDER, Component, Named, Org, Workspace, is_of_product, without_namespace,
};
use crate::nearest::Suggestions;
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut all: Vec<Providers<'_>> = workspace.orgs.iter().map(Providers::new).collect();
    let known: HashSet<String> = all
        .iter()
        .flat_map(|providers| &providers.names)
        .map(|name| without_namespace(name).to_ascii_lowercase())
        .collect();
    for (org, providers) in workspace.orgs.iter().zip(&mut all) {
        let has_providers = !providers.names.is_empty();
        let mut missing = Vec::new();
        for (component, noun, reference) in references(org) {
            let Some(name) = reference
                .known()
                .filter(|name| without_namespace(name) == *name && !is_of_product(name))
            else {
                continue;
            };
            // A description without auth providers does not claim to list them.
            let is_complete =
                matches!(reference.syntax, Syntax::Xml | Syntax::Cdata) || has_providers;
            let is_known = known.contains(&name.to_ascii_lowercase());
            if is_known
                || !is_complete
                || workspace.is_unreadable(component.org, AUTH_PROVIDER, Some(name))
            {
                continue;
            }
            if has_providers {
                report(providers, component, noun, reference, name, found);
            } else {
                missing.push(Missing { component, reference: reference.clone() });
            }
        }
        report_all("auth provider", &missing, found);
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
        let all = org.records.iter().filter(|record| record.component.type_name == AUTH_PROVIDER);
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

/// The auth providers that the credentials of an org refer to, each with the credential and its noun.
fn references(org: &Org) -> impl Iterator<Item = (&Component, &'static str, &Text)> {
    let named = org.named_credentials.iter().filter_map(|named| {
        Some((&named.component, "named credential", named.auth_provider.as_ref()?))
    });
    let external = org.external_credentials.iter().flat_map(|credential| {
        let references = credential.parameters.iter().filter_map(|it| it.auth_provider.as_ref());
        references.map(|reference| (&credential.component, "external credential", reference))
    });
    named.chain(external)
}

fn report<'a>(
    providers: &mut Providers<'a>,
    component: &Component,
    noun: &str,
    reference: &Text,
    name: &str,
    found: &mut Findings,
) {
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
