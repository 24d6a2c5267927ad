//! The auth provider of a credential is not in the checked files.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Component, Named, Org, Record, Workspace, without_namespace};
use crate::nearest::nearest;
use crate::source::{Syntax, Text};

/// Auth providers that DevOps Center includes.
const DEVOPS_CENTER: &str = "DEVOPS_CENTER_";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let known: HashSet<String> = workspace
        .orgs
        .iter()
        .flat_map(providers)
        .map(|provider| without_namespace(provider.name()).to_ascii_lowercase())
        .collect();
    for (org, named) in workspace.named_credentials() {
        check_reference(
            workspace,
            &known,
            org,
            &named.component,
            "named credential",
            named.auth_provider.as_ref(),
            found,
        );
    }
    for (org, credential) in workspace.external_credentials() {
        for parameter in &credential.parameters {
            check_reference(
                workspace,
                &known,
                org,
                &credential.component,
                "external credential",
                parameter.auth_provider.as_ref(),
                found,
            );
        }
    }
}

fn check_reference(
    workspace: &Workspace,
    known: &HashSet<String>,
    org: &Org,
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
        matches!(reference.syntax, Syntax::Xml | Syntax::Cdata) || providers(org).next().is_some();
    let is_known = known.contains(&without_namespace(name).to_ascii_lowercase());
    if is_known
        || !is_complete
        || workspace.is_unreadable(component.org, "AuthProvider", Some(name))
    {
        return;
    }
    let near = nearest(name, providers(org).map(Named::name));
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
        .related_to(
            near.and_then(|near| providers(org).find(|provider| provider.name() == near))
                .map(Named::component),
            "a similar name",
        )
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

fn providers(org: &Org) -> impl Iterator<Item = &Record> {
    org.records.iter().filter(|record| record.component.type_name == "AuthProvider")
}
