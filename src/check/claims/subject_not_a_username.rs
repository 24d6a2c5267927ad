//! `sub` is a username, which always has the form of an email address.

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
            .report(
                &credential.component,
                subject,
                format!("`{subject}` does not have the form of a username"),
            )
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the username must exist in this org")
            .help(
                "set `sub` to the exact username of a user in the target org (Setup > Users), such \
                 as `integration@acme.com.uat`, not to the alias, the federation ID or the record \
                 ID",
            )
            .field("sub");
    }
}
