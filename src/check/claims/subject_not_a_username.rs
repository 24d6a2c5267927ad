//! `sub` is a username, which always has the shape of an email address.

use crate::finding::Findings;
use crate::model::{Subject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace
        .jwt_credentials_to_salesforce()
        .filter(|credential| !credential.is_for_each_user())
    {
        let (Some(subject), Some(Subject::Other(_))) = (credential.subject(), credential.login())
        else {
            continue;
        };
        found
            .at(&credential.component, subject, format!("`{subject}` has not the shape of a username"))
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the org in which the username must exist")
            .help(
                "set `sub` to the exact username of a user in the answering org (Setup > Users), as `integration@acme.com.uat`: not the alias, the federation id or the record id",
            )
            .field("sub");
    }
}
