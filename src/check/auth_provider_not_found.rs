//! The auth provider that a credential logs in through is not in the files given.

use crate::finding::Findings;
use crate::model::{Component, Named, Org, Record, Workspace, find_named, without_namespace};
use crate::nearest::nearest;
use crate::source::{Syntax, Text};

/// DevOps Center brings its own.
const PRODUCT: &str = "DEVOPS_CENTER_";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        analyze(
            workspace,
            org,
            &named.component,
            "named credential",
            named.auth_provider.as_ref(),
            found,
        );
    }
    for (org, credential) in workspace.external_credentials() {
        for parameter in &credential.parameters {
            analyze(
                workspace,
                org,
                &credential.component,
                "external credential",
                parameter.auth_provider.as_ref(),
                found,
            );
        }
    }
}

fn analyze(
    workspace: &Workspace,
    org: &Org,
    component: &Component,
    noun: &str,
    reference: Option<&Text>,
    found: &mut Findings,
) {
    let Some(reference) = reference else { return };
    let Some(name) = reference
        .known()
        .filter(|name| without_namespace(name) == *name && !name.starts_with(PRODUCT))
    else {
        return;
    };
    let told_in_metadata =
        matches!(reference.syntax, Syntax::Xml | Syntax::Cdata) || providers(org).next().is_some();
    let known = workspace
        .orgs
        .iter()
        .flat_map(providers)
        .any(|provider| find_named(std::slice::from_ref(provider), name).is_some());
    if known
        || !told_in_metadata
        || workspace.is_unreadable(component.org, "AuthProvider", Some(name))
    {
        return;
    }
    let near = nearest(name, providers(org).map(Named::name));
    found
        .at(component, reference, format!("the auth provider `{name}` of the {noun} `{}` is not in the files given", component.name))
        .label("this name")
        .related_to(near.and_then(|near| providers(org).find(|provider| provider.name() == near)).map(Named::component), "a nearly equal name")
        .help(match near {
            Some(near) => format!("did you mean `{near}`? Otherwise `{name}` must be in the org before this is deployed (Setup > Identity > Auth. Providers)"),
            None => format!("retrieve `{name}` into the project (`AuthProvider`), or create it in the org before this is deployed (Setup > Identity > Auth. Providers)"),
        })
        .field("auth provider");
}

fn providers(org: &Org) -> impl Iterator<Item = &Record> {
    org.records.iter().filter(|record| record.component.type_name == "AuthProvider")
}
