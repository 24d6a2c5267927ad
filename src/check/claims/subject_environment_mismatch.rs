//! Usernames in a sandbox end with its name, so a username of another sandbox does not exist there.

use crate::finding::Findings;
use crate::model::{ForeignSubject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(ForeignSubject { username, suffix, host })) =
            (credential.subject(), workspace.foreign_subject(credential))
        else {
            continue;
        };
        // If the users of the org are described, `subject-unknown` reports a missing username.
        if workspace.answering_org(credential).is_some_and(|org| org.described_users().is_some()) {
            continue;
        }
        found
            .report(
                &credential.component,
                subject,
                format!(
                    "the username `{username}` has the suffix of sandbox `{suffix}`, but the JWT \
                     is sent to `{}`, {}",
                    host.value,
                    host.description()
                ),
            )
            .label("the subject")
            .related(&host, "the username must exist in this org")
            .help(
                "set `sub` to the username of the integration user in that org (Setup > Users \
                 there, column Username), or send the JWT to the org of this username",
            )
            .field("sub");
    }
}
