//! A merge field can only read from the external credential that makes the callout.

use crate::finding::{Edit, Findings};
use crate::model::{
    ExternalCredential, Named, Workspace, credential_merge_fields, find_named, same_component,
};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for text in credential.parameters.iter().filter_map(|parameter| parameter.value.as_ref()) {
            for name in others(text, credential) {
                let own = credential.name();
                found
                    .report(
                        &credential.component,
                        &name,
                        format!(
                            "a merge field of the external credential `{own}` reads from `{name}`"
                        ),
                    )
                    .label("another credential")
                    .related(&credential.component, format!("this is `{own}`"))
                    .help(format!(
                        "write `$Credential.{own}.` and the name of the parameter: a merge field \
                         can only read from the external credential that makes the callout, and \
                         needs its name, not that of a principal or named credential"
                    ))
                    .unsafe_fix(format!("read from `{own}`"), Edit::replace(&name, own))
                    .only_answers(&["credential-not-accessible", "field-does-not-exist"])
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
        for text in named.headers.iter().filter_map(|header| header.value.as_ref()) {
            for name in others(text, credential) {
                let own = credential.name();
                found
                    .report(
                        &named.component,
                        &name,
                        format!(
                            "a header of the named credential `{}` reads from `{name}`, but its \
                             callouts use `{own}`",
                            named.name()
                        ),
                    )
                    .label("another credential")
                    .related(reference, format!("callouts use `{own}`"))
                    .help(format!(
                        "write `$Credential.{own}.` and the name of the parameter: a merge field \
                         can only read from the external credential of the named credential"
                    ))
                    .unsafe_fix(format!("read from `{own}`"), Edit::replace(&name, own))
                    .only_answers(&["credential-not-accessible", "field-does-not-exist"])
                    .field(format!("$Credential.{name}"));
            }
        }
    }
}

/// Names in the merge fields of a value that are not the name of this credential.
fn others(text: &Text, credential: &ExternalCredential) -> Vec<Text> {
    if text.known().is_none() {
        return Vec::new();
    }
    let own = |name: &Text| same_component(credential.name(), name.as_str());
    credential_merge_fields(text).into_iter().filter(|name| !own(name)).collect()
}
