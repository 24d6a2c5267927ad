//! `sub` is a username, not the ID of the user record.

use crate::finding::Findings;
use crate::model::{Subject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(Subject::RecordId(id))) =
            (credential.subject(), credential.login())
        else {
            continue;
        };
        found
            .report(
                &credential.component,
                subject,
                format!("`{id}` is the ID of a user record, but `sub` takes the username"),
            )
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the username must exist in this org")
            .help(
                "set `sub` to the username of that user in the target org (Setup > Users, column \
                 Username), such as `integration@acme.com.uat`",
            )
            .field("sub");
    }
}
