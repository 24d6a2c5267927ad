//! `sub` is a username; the id of the user record is another thing.

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
            .at(&credential.component, subject, format!("`{id}` is the id of a user record; `sub` takes the username"))
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the org in which the username must exist")
            .help("set `sub` to the username of that user in the answering org (Setup > Users, column Username), as `integration@acme.com.uat`")
            .field("sub");
    }
}
