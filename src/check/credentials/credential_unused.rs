//! A credential that nothing uses still gives access to another system.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, NamedCredentialModel, Org, Workspace, without_namespace};
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
                .report(
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
        let referenced = referenced(org);
        for named in org.named_credentials.iter().filter(|named| {
            named.model == NamedCredentialModel::Secured
                && !org.is_foreign(named.name())
                && referenced.as_ref().is_some_and(|names| !names.contains(&folded(named.name())))
        }) {
            found
                .report(
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

/// The names that Apex and other components refer to, in lower case and without a namespace. `None` if what Apex calls
/// is unknown, or if no Apex calls out.
fn referenced(org: &Org) -> Option<HashSet<String>> {
    let is_unknown = org.callouts_unseen
        || org.callouts.is_empty()
        || org.callouts.iter().any(|callout| callout.name.known().is_none());
    if is_unknown {
        return None;
    }
    let callouts = org.callouts.iter().map(|callout| callout.name.as_str());
    let fields = org.records.iter().flat_map(|record| &record.fields).map(|field| {
        let text = field.text.as_str();
        let name = text
            .strip_prefix("callout:")
            .map_or(text, |rest| rest.split(['/', '?']).next().unwrap_or_default());
        name.trim()
    });
    Some(callouts.chain(fields).map(folded).collect())
}

fn folded(name: &str) -> String {
    without_namespace(name).to_ascii_lowercase()
}
