//! A formula can send any field of the running user, but `sub` must be the username.

use crate::finding::Findings;
use crate::model::{Subject, Workspace};

/// Fields that look like a username or identify a user, but are not the username.
const OTHER_FIELDS: &[(&str, &str)] = &[
    ("Email", "the email address"),
    ("FederationIdentifier", "the federation ID"),
    ("Id", "the record ID"),
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
        let formula = if credential.legacy { "$User.Username" } else { "{!$User.Username}" };
        found
            .report(
                &credential.component,
                subject,
                format!(
                    "`{subject}` sends {what} of the running user, but Salesforce expects a \
                     username in `sub`"
                ),
            )
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the username must exist in this org")
            .help(format!(
                "set `sub` to `{formula}` if both orgs use the same usernames, otherwise to a \
                 formula that returns the username in the target org"
            ))
            .field("sub");
    }
}
