//! A merge field reads the principal of the credential that it names, and only its own is there.

use crate::finding::{Edit, Findings};
use crate::model::{ExternalCredential, Named, Workspace, credential_merge_fields, find_named};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for text in credential.parameters.iter().filter_map(|parameter| parameter.value.as_ref()) {
            for name in others(text, credential) {
                let own = credential.name();
                found
                    .at(&credential.component, &name, format!("a merge field of the external credential `{own}` reads from `{name}`"))
                    .label("another credential")
                    .related(&credential.component, format!("this is `{own}`"))
                    .help(format!("write `$Credential.{own}.` and the name of the parameter: a merge field reaches only the external credential that makes the callout, and the name is its own, not that of a principal or named credential"))
                    .unsafe_fix(format!("read from `{own}`"), Edit::replace(&name, own))
                    .field(format!("$Credential.{name}"));
            }
        }
    }
    for (org, named) in workspace.named_credentials() {
        let Some(reference) =
            named.external_credential.as_ref().filter(|reference| reference.known().is_some())
        else {
            continue;
        };
        let Some(credential) = find_named(&org.external_credentials, reference.as_str()) else {
            continue;
        };
        for text in named.headers.iter().filter_map(|(_, value)| value.as_ref()) {
            for name in others(text, credential) {
                let own = credential.name();
                found
                    .at(&named.component, &name, format!("a header of the named credential `{}` reads from `{name}`, and its callouts are made with `{own}`", named.name()))
                    .label("another credential")
                    .related(reference, format!("`{own}` makes the callout"))
                    .help(format!("write `$Credential.{own}.` and the name of the parameter: a merge field reaches only the external credential of the named credential"))
                    .unsafe_fix(format!("read from `{own}`"), Edit::replace(&name, own))
                    .field(format!("$Credential.{name}"));
            }
        }
    }
}

/// The names in the merge fields of a text that are not this credential's.
fn others(text: &Text, credential: &ExternalCredential) -> Vec<Text> {
    if text.known().is_none() {
        return Vec::new();
    }
    let own = |name: &Text| find_named(std::slice::from_ref(credential), name.as_str()).is_some();
    credential_merge_fields(text).into_iter().filter(|name| !own(name)).collect()
}
