//! The external credential that a named credential uses is not in the files given.

use crate::finding::Findings;
use crate::model::{Named, Workspace, find_named, without_namespace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(reference) = &named.external_credential else { continue };
        let Some(name) = reference.known().filter(|name| without_namespace(name) == *name) else {
            continue;
        };
        let elsewhere = workspace
            .orgs
            .iter()
            .any(|other| find_named(&other.external_credentials, name).is_some());
        if elsewhere
            || workspace.is_unreadable(named.component.org, "ExternalCredential", Some(name))
        {
            continue;
        }
        let near = nearest(name, org.external_credentials.iter().map(Named::name));
        let nearly =
            near.and_then(|near| find_named(&org.external_credentials, near)).map(Named::component);
        found
            .at(&named.component, reference, format!("the external credential `{name}` is not in the files given"))
            .label("this name")
            .related_to(nearly, "a nearly equal name")
            .help(match near {
                Some(near) => format!("did you mean `{near}`? Otherwise `{name}` must be in the org before `{}` is deployed", named.name()),
                None => format!("retrieve `{name}` into the project (`ExternalCredential`), or make sure that it is in the org before `{}` is deployed", named.name()),
            })
            .field("external credential");
    }
}
