//! Credentials must be sent over TLS.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{Host, Role, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints() {
        let Some(url) = endpoint.url().filter(|url| url.scheme == "http") else { continue };
        let scheme = endpoint.text.part("http", 0, "http".len());
        let fixable = url.port.is_none() && url.user_info.is_none();
        let finding = found
            .report(
                endpoint.component,
                endpoint.text,
                format!(
                    "the {} on `{}` uses `http:`, without encryption",
                    endpoint.role.noun(),
                    url.host
                ),
            )
            .label("not encrypted")
            .help(format!("use `https://` in {}", endpoint.role.setup()))
            .field(endpoint.role.noun());
        // Another server may not answer on the port of `https:`.
        let edit = Edit::replace(&scheme, "https").filter(|_| fixable);
        let is_salesforce = Host::parse(&url.host).is_salesforce();
        let finding = if is_salesforce {
            finding.safe_fix("use `https`", edit)
        } else {
            finding.unsafe_fix("use `https`", edit)
        };
        let finding =
            if endpoint.role == Role::Callout { finding.without_answers() } else { finding };
        if !workspace.sends_credential(&endpoint) {
            finding.at_most(Severity::Warning);
        }
    }
}
