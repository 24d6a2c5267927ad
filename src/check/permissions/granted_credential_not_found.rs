//! A permission set grants a principal of an external credential that the files do not hold, though they hold others.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, Org, Workspace, find_named, is_principal_reference, split_principal};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in workspace.orgs.iter().filter(|org| !org.external_credentials.is_empty()) {
        let mut told = HashSet::new();
        for set in &org.permission_sets {
            for grant in set.granted() {
                let Some(reference) =
                    grant.reference.known().filter(|reference| is_principal_reference(reference))
                else {
                    continue;
                };
                let Some((name, principal)) = split_principal(reference) else { continue };
                let unread =
                    workspace.is_unreadable(set.component.org, "ExternalCredential", Some(name));
                if name.contains("__")
                    || find_named(&org.external_credentials, name).is_some()
                    || unread
                    || is_called_elsewhere(org, name)
                    || !told.insert(name.to_lowercase())
                {
                    continue;
                }
                let same = org.external_credentials.iter().find(|credential| {
                    credential
                        .principals()
                        .any(|other| other.name.as_str().eq_ignore_ascii_case(principal))
                });
                let near = nearest(name, org.external_credentials.iter().map(Named::name))
                    .or_else(|| same.map(Named::name));
                let place = near
                    .and_then(|near| find_named(&org.external_credentials, near))
                    .map(|credential| credential.component.place);
                found
                    .at(
                        &set.component,
                        &grant.reference,
                        format!("the permission set `{}` grants `{reference}`, and the files given hold no external credential `{name}`", set.name()),
                    )
                    .label("granted here")
                    .related_to(place, "an external credential of the files")
                    .help(match near {
                        Some(near) => format!(
                            "if `{near}` is meant, grant `{near}-{principal}`; if `{name}` is kept elsewhere, see that it is in the org before this permission set is deployed"
                        ),
                        None => format!("if `{name}` is kept elsewhere, see that it is in the org before this permission set is deployed; otherwise remove the grant"),
                    })
                    .field(name);
            }
        }
    }
}

/// A named credential misses it too, and that is told there.
fn is_called_elsewhere(org: &Org, name: &str) -> bool {
    org.named_credentials.iter().any(|named| {
        named
            .external_credential
            .as_ref()
            .is_some_and(|reference| reference.as_str().eq_ignore_ascii_case(name))
    })
}
