//! Each sandbox has usernames with its own suffix; those of another org do not exist there.

use crate::finding::Findings;
use crate::model::{ForeignSubject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(ForeignSubject { username, suffix, host })) =
            (credential.subject(), workspace.foreign_subject(credential))
        else {
            continue;
        };
        // Where the users are described, a username that is none of them is certain to be wrong, however it ends.
        if workspace.answering_org(credential).is_some_and(|org| org.described_users().is_some()) {
            continue;
        }
        found
            .at(
                &credential.component,
                subject,
                format!("the username `{username}` ends like one of sandbox `{suffix}`, but the JWT goes to `{}`, {}", host.value, host.description()),
            )
            .label("the subject")
            .related(&host, "the org in which the username must exist")
            .help("set `sub` to the username that the integration user has in that org (Setup > Users there, column Username), or post to the org that the username belongs to")
            .field("sub");
    }
}
