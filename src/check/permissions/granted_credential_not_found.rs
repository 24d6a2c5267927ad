//! A permission set grants a principal of an external credential that is not in the checked files,
//! although others are.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, Org, Workspace, find_named, is_principal_reference, split_principal};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in workspace.orgs.iter().filter(|org| !org.external_credentials.is_empty()) {
        let mut reported = HashSet::new();
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
                    || find_named(&org.external_credentials, name).is_some()
                    || unreadable
                    || is_called_elsewhere(org, name)
                    || !reported.insert(name.to_lowercase())
                {
                    continue;
                }
                let with_same_principal = org.external_credentials.iter().find(|credential| {
                    credential
                        .principals()
                        .any(|other| other.name.as_str().eq_ignore_ascii_case(principal))
                });
                let near = nearest(name, org.external_credentials.iter().map(Named::name))
                    .or_else(|| with_same_principal.map(Named::name));
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
    }
}

/// Whether a named credential uses it too, which `external-credential-not-found` reports.
fn is_called_elsewhere(org: &Org, name: &str) -> bool {
    org.named_credentials.iter().any(|named| {
        named
            .external_credential
            .as_ref()
            .is_some_and(|reference| reference.as_str().eq_ignore_ascii_case(name))
    })
}
