//! The flow always checks the login IP ranges of the profile of the user who logs in.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let Some((subject, named, profile)) = connection.subject_profile() else { continue };
        let Some(range) = profile.login_ip_ranges.first() else { continue };
        found
            .report(
                &connection.credential.component,
                subject,
                format!(
                    "`{subject}` has the profile `{named}` in org `{}`, which allows logins only \
                     from certain IP addresses",
                    connection.target_org.name
                ),
            )
            .label("logs in as this user")
            .related(named, "has this profile")
            .related(range, "login IP ranges")
            .help(
                "the JWT bearer flow always checks these ranges, regardless of *IP Relaxation* of \
                 the app: add the addresses from which the calling org makes callouts, or give the \
                 integration user a profile without ranges",
            )
            .field("sub");
    }
}
