//! A named credential uses an external credential that is not in the checked files.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Named, OrgId, Workspace, find_named, without_namespace};
use crate::nearest::Suggestions;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut suggestions: HashMap<OrgId, Suggestions<'_>> = HashMap::new();
    for (org, named) in workspace.named_credentials() {
        let Some(reference) = &named.external_credential else { continue };
        let Some(name) = reference.known().filter(|name| without_namespace(name) == *name) else {
            continue;
        };
        if workspace.knows_external_credential(name)
            || workspace.is_unreadable(named.component.org, "ExternalCredential", Some(name))
        {
            continue;
        }
        let near = suggestions
            .entry(named.component.org)
            .or_default()
            .nearest(name, org.external_credentials.iter().map(Named::name));
        let similar =
            near.and_then(|near| find_named(&org.external_credentials, near)).map(Named::component);
        found
            .report(
                &named.component,
                reference,
                format!("the external credential `{name}` is not in the checked files"),
            )
            .label("not found")
            .related_to(similar, "a similar name")
            .help(match near {
                Some(near) => format!(
                    "did you mean `{near}`? Otherwise `{name}` must exist in the org before `{}` \
                     is deployed",
                    named.name()
                ),
                None => format!(
                    "retrieve `{name}` into the project (`ExternalCredential`), or make sure that \
                     it exists in the org before `{}` is deployed",
                    named.name()
                ),
            })
            .field("external credential");
    }
}
