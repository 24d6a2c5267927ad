//! The auth provider of a credential is not in the checked files.

use std::collections::{HashMap, HashSet};

use crate::check::shared_references::{Missing, report_all};
use crate::finding::Findings;
use crate::model::{
    AUTH_PROVIDER, Component, IDENTITY_PROVIDER, Named, Org, Workspace, is_of_product,
    without_namespace,
};
use crate::nearest::Suggestions;
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    check_type(workspace, AUTH_PROVIDER, "auth provider", found);
    check_type(workspace, IDENTITY_PROVIDER, "external auth identity provider", found);
}

fn check_type(
    workspace: &Workspace,
    type_name: &'static str,
    what: &'static str,
    found: &mut Findings,
) {
    let mut all: Vec<Providers<'_>> =
        workspace.orgs.iter().map(|org| Providers::new(org, type_name, what)).collect();
    let known: HashSet<String> = all
        .iter()
        .flat_map(|providers| &providers.names)
        .map(|name| without_namespace(name).to_ascii_lowercase())
        .collect();
    for (org, providers) in workspace.orgs.iter().zip(&mut all) {
        let has_providers = !providers.names.is_empty();
        let mut missing = Vec::new();
        for (component, noun, reference) in references(org, type_name) {
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
                || workspace.is_unreadable(component.org, type_name, Some(name))
            {
                continue;
            }
            if has_providers {
                report(providers, component, noun, reference, name, found);
            } else {
                missing.push(Missing { component, reference: reference.clone() });
            }
        }
        report_all(what, &missing, found);
    }
}

/// The auth providers of an org.
struct Providers<'a> {
    type_name: &'static str,
    /// What a message calls the type.
    what: &'static str,
    names: Vec<&'a str>,
    components: HashMap<&'a str, &'a Component>,
    suggestions: Suggestions<'a>,
}

impl<'a> Providers<'a> {
    fn new(org: &'a Org, type_name: &'static str, what: &'static str) -> Providers<'a> {
        let all = org.records.iter().filter(|record| record.component.type_name == type_name);
        let mut providers = Providers {
            type_name,
            what,
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

/// The providers of a type that the credentials of an org refer to, each with the credential and its noun.
fn references<'a>(
    org: &'a Org,
    type_name: &'static str,
) -> impl Iterator<Item = (&'a Component, &'static str, &'a Text)> {
    let is_identity = type_name == IDENTITY_PROVIDER;
    let named = org.named_credentials.iter().filter(move |_| !is_identity).filter_map(|named| {
        Some((&named.component, "named credential", named.auth_provider.as_ref()?))
    });
    let external = org.external_credentials.iter().flat_map(move |credential| {
        let references = credential.parameters.iter().filter_map(move |parameter| {
            let filled = |name: &&Text| !name.is_empty();
            if is_identity {
                parameter.identity_provider.as_ref().filter(filled)
            } else {
                parameter.auth_provider.as_ref()
            }
        });
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
    let (type_name, what) = (providers.type_name, providers.what);
    let page = if type_name == AUTH_PROVIDER {
        "Setup > Identity > Auth. Providers"
    } else {
        "Setup > Security > Named Credentials"
    };
    let near = providers.suggestions.nearest(name, providers.names.iter().copied());
    found
        .report(
            component,
            reference,
            format!(
                "the {what} `{name}` of the {noun} `{}` is not in the checked files",
                component.name
            ),
        )
        .label(format!("this {what}"))
        .related_to(near.and_then(|near| providers.components.get(near)).copied(), "a similar name")
        .help(match near {
            Some(near) => format!(
                "did you mean `{near}`? Otherwise `{name}` must be in the org before this is \
                 deployed ({page})"
            ),
            None => format!(
                "retrieve the `{type_name}` `{name}` into the project, or create it in the org \
                 before this is deployed ({page})"
            ),
        })
        .field("auth provider");
}
