//! A profile with login hours blocks logins at other times, including those of integrations.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let Some((subject, named, profile)) = connection.subject_profile() else { continue };
        let Some(hours) = &profile.login_hours else { continue };
        found
            .report(
                &connection.credential.component,
                subject,
                format!(
                    "`{subject}` has the profile `{named}` in org `{}`, which allows logins only \
                     at certain hours",
                    connection.target_org.name
                ),
            )
            .label("logs in as this user")
            .related(named, "has this profile")
            .related(hours, "login hours")
            .help(
                "give the integration user a profile without *Login Hours*, or extend them to the \
                 hours at which callouts run; an org rejects logins outside of these hours",
            )
            .field("sub");
    }
}
