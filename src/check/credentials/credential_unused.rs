//! A credential that nothing uses still gives access to another system.

use crate::finding::Findings;
use crate::model::{Named, NamedCredential, NamedCredentialModel, Org, Workspace, same_name};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let references: Vec<&Text> = org
            .named_credentials
            .iter()
            .filter_map(|named| named.external_credential.as_ref())
            .collect();
        let all_known = references.iter().all(|reference| reference.known().is_some());
        for credential in org
            .external_credentials
            .iter()
            .filter(|_| all_known && !org.named_credentials.is_empty())
        {
            if org.users_of(credential).next().is_some() || org.is_foreign(credential.name()) {
                continue;
            }
            found
                .at(
                    &credential.component,
                    &credential.component,
                    format!(
                        "no named credential in the checked files uses the external credential \
                         `{}`",
                        credential.name()
                    ),
                )
                .label("unused")
                .help(
                    "if no other project or package uses it, delete it together with the \
                     permissions that grant it",
                )
                .field("use");
        }
        for named in org.named_credentials.iter().filter(|named| {
            named.model == NamedCredentialModel::Secured
                && !org.is_foreign(named.name())
                && is_uncalled(org, named)
        }) {
            found
                .at(
                    &named.component,
                    &named.component,
                    format!(
                        "nothing in the checked files calls the named credential `{}`",
                        named.name()
                    ),
                )
                .label("never called")
                .help(
                    "flows can call it through an external service, and settings may contain its \
                     name; if neither applies, delete it",
                )
                .field("use");
        }
    }
}

/// Whether the Apex in the files makes callouts with known names, but neither Apex nor another
/// component refers to this credential.
fn is_uncalled(org: &Org, named: &NamedCredential) -> bool {
    let is_reference = |reference: &str| same_name(named.name(), reference);
    let callouts = org.callouts.iter().map(|callout| callout.name.as_str());
    let fields = || org.records.iter().flat_map(|record| &record.fields);
    let contains_reference = |text: &str| {
        let name = text
            .strip_prefix("callout:")
            .map_or(text, |rest| rest.split(['/', '?']).next().unwrap_or_default());
        is_reference(name.trim())
    };
    let has_unknown_callouts =
        org.callouts_unseen || org.callouts.iter().any(|callout| callout.name.known().is_none());
    !org.callouts.is_empty()
        && !has_unknown_callouts
        && !callouts.into_iter().any(is_reference)
        && !fields().any(|field| contains_reference(field.text.as_str()))
}
