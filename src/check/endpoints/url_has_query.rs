//! The URL of a named credential must not have a query string.

use crate::finding::{Edit, Findings};
use crate::model::{NamedCredentialModel, Role, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        // Only the documentation of the new model refuses it.
        if named.model != NamedCredentialModel::Secured {
            continue;
        }
        let Some((text, value)) = named.url.as_ref().and_then(|text| Some((text, text.known()?)))
        else {
            continue;
        };
        let Some(at) = value.find('?').filter(|_| !value.contains("{!")) else { continue };
        let end = value.find('#').filter(|end| *end > at).unwrap_or(value.len());
        let place = text.part(&value[at..end], at, end);
        found
            .report(
                &named.component,
                &place,
                "the URL of a named credential cannot have a query string",
            )
            .label("query string")
            .help(format!(
                "end the URL before the `?` ({}), and add the query to the path that Apex or the \
                 flow calls; a key belongs in a custom header, if the service accepts one",
                Role::Callout.setup()
            ))
            .unsafe_fix("remove the query string", Edit::replace(text, &value[..at]))
            .field("query");
    }
}
