//! `prn` is the old name of `sub`, and reportedly takes precedence if both are present.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(subject) = credential.subject() else { continue };
        let Some(claim) = credential.body_claims.iter().find(|claim| claim.name.as_str() == "prn")
        else {
            continue;
        };
        let Some(value) = claim.value.as_ref().filter(|value| !value.is_empty()) else { continue };
        let message = match value.known() {
            Some(value) => {
                format!(
                    "the claim `prn` (`{value}`) is set in addition to `sub` and reportedly takes \
                     precedence"
                )
            }
            None => "the claim `prn` is set in addition to `sub` and reportedly takes precedence"
                .to_owned(),
        };
        found
            .report(&credential.component, value, message)
            .label("the old name of the subject")
            .related(subject, "the subject")
            .help("remove `prn`, and check that `sub` is the username that should log in")
            .unsafe_fix("remove `prn`", [Edit::Remove(claim.element)])
            .field("prn");
    }
}
