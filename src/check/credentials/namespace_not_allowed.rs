//! A managed package may use a named credential of the org only if its namespace is allowed.

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Edit, Findings, named_credential_parameter};
use crate::model::{Callout, Named, NamedCredential, NamedCredentialModel, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace
        .named_credentials()
        .filter(|(_, named)| named.model == NamedCredentialModel::Secured)
    {
        let unknown = named.allowed_namespaces.iter().any(|namespace| namespace.known().is_none());
        let allowed: HashSet<String> = named
            .allowed_namespaces
            .iter()
            .map(|namespace| namespace.as_str().to_ascii_lowercase())
            .collect();
        let mut callers: BTreeMap<String, &Callout> = BTreeMap::new();
        for (namespace, callout) in workspace.foreign_callouts(named.component.org, named) {
            callers.entry(namespace.to_ascii_lowercase()).or_insert(callout);
        }
        for (folded, callout) in callers {
            let namespace = callout.namespace.as_deref().unwrap_or(&folded);
            if unknown || allowed.contains(&folded) {
                continue;
            }
            let place = named.url.as_ref().map_or(named.component.place, |url| url.span);
            found
                .report(
                    &named.component,
                    &place,
                    format!(
                        "the package `{namespace}` calls `{}`, which does not allow its namespace",
                        named.name()
                    ),
                )
                .label("this named credential belongs to the org")
                .related(&callout.name, format!("`{}` of the package calls it", callout.class.name))
                .help(format!(
                    "add `{namespace}` to *Allowed Namespaces for Callouts* (Setup > Security > \
                     Named Credentials), a parameter of type `AllowedManagedPackageNamespaces`"
                ))
                .unsafe_fix(format!("allow the namespace `{namespace}`"), edits(named, namespace))
                .field(format!("namespace {folded}"));
        }
    }
}

fn edits(named: &NamedCredential, namespace: &str) -> Vec<Edit> {
    let Some(url) = named.url_parameter else { return Vec::new() };
    vec![Edit::LineAfter(
        url,
        named_credential_parameter(
            &format!("AllowedNamespace_{namespace}"),
            "AllowedManagedPackageNamespaces",
            ("parameterValue", namespace),
        ),
    )]
}
