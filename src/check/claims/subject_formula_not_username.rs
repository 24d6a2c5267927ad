//! A formula can send any field of the running user, and only one of them is the username.

use crate::finding::Findings;
use crate::model::{Subject, Workspace};

/// Fields that look like a username or identify a user, and are none.
const OTHER_FIELDS: &[(&str, &str)] = &[
    ("Email", "the e-mail address"),
    ("FederationIdentifier", "the federation id"),
    ("Id", "the record id"),
    ("Alias", "the alias"),
    ("EmployeeNumber", "the employee number"),
];

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(Subject::Formula { user_field: Some(field) })) =
            (credential.subject(), credential.login())
        else {
            continue;
        };
        let Some((_, what)) =
            OTHER_FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field))
        else {
            continue;
        };
        if credential.is_for_named_principals() {
            continue;
        }
        let right = if credential.legacy { "$User.Username" } else { "{!$User.Username}" };
        found
            .at(&credential.component, subject, format!("`{subject}` sends {what} of the running user; Salesforce looks `sub` up among the usernames"))
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the org in which the username must exist")
            .help(format!("set `sub` to `{right}` where both orgs use the same usernames, else to a formula that gives the username of the answering org"))
            .field("sub");
    }
}
