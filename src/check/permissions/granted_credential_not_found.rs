//! A permission set grants a principal of an external credential that is not in the checked files,
//! although others are.

use std::collections::{HashMap, HashSet};

use crate::check::shared_references::{Missing, report_all};
use crate::finding::Findings;
use crate::model::{
    Named, Org, Workspace, find_named, is_of_product, is_principal_reference, split_principal,
};
use crate::nearest::Suggestions;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut reported = HashSet::new();
        let mut suggestions = Suggestions::default();
        let called = called_credentials(org);
        let by_principal = credentials_by_principal(org);
        let mut missing = Vec::new();
        for set in &org.permission_sets {
            for grant in set.granted() {
                let Some(reference) =
                    grant.reference.known().filter(|reference| is_principal_reference(reference))
                else {
                    continue;
                };
                let Some((name, principal)) = split_principal(reference) else { continue };
                let unreadable =
                    workspace.is_unreadable(set.component.org, "ExternalCredential", Some(name));
                if name.contains("__")
                    || is_of_product(name)
                    || find_named(&org.external_credentials, name).is_some()
                    || unreadable
                    || called.contains(&name.to_ascii_lowercase())
                    || !reported.insert(name.to_lowercase())
                {
                    continue;
                }
                if org.external_credentials.is_empty() {
                    let reference = grant.reference.part(name, 0, name.len());
                    missing.push(Missing { component: &set.component, reference });
                    continue;
                }
                let near = suggestions
                    .nearest(name, org.external_credentials.iter().map(Named::name))
                    .or_else(|| by_principal.get(&principal.to_ascii_lowercase()).copied());
                let place = near
                    .and_then(|near| find_named(&org.external_credentials, near))
                    .map(|credential| credential.component.place);
                found
                    .report(
                        &set.component,
                        &grant.reference,
                        format!(
                            "the permission set `{}` grants `{reference}`, but the external \
                             credential `{name}` is not in the checked files",
                            set.name()
                        ),
                    )
                    .label("granted here")
                    .related_to(place, "an external credential in the checked files")
                    .help(match near {
                        Some(near) => format!(
                            "if you mean `{near}`, grant `{near}-{principal}`; if `{name}` is \
                             maintained elsewhere, make sure that it exists in the org before this \
                             permission set is deployed"
                        ),
                        None => format!(
                            "if `{name}` is maintained elsewhere, make sure that it exists in the \
                             org before this permission set is deployed; otherwise remove the \
                             grant"
                        ),
                    })
                    .field(name);
            }
        }
        report_all("external credential", &missing, found);
    }
}

/// The names in lower case that named credentials use too, which `external-credential-not-found` reports.
fn called_credentials(org: &Org) -> HashSet<String> {
    org.named_credentials
        .iter()
        .filter_map(|named| named.external_credential.as_ref())
        .map(|reference| reference.as_str().to_ascii_lowercase())
        .collect()
}

/// The name of the first credential that has a principal, by its name in lower case.
fn credentials_by_principal(org: &Org) -> HashMap<String, &str> {
    let mut credentials = HashMap::new();
    for credential in &org.external_credentials {
        for principal in credential.principals() {
            let folded = principal.name.as_str().to_ascii_lowercase();
            credentials.entry(folded).or_insert_with(|| credential.name());
        }
    }
    credentials
}
