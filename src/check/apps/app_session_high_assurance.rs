//! A high-assurance session needs interactive identity verification, which this flow does not have.

use crate::finding::{Edit, Findings};
use crate::model::{Named, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let Some(level) = app.session_level() else { continue };
        if !level.known().is_some_and(|value| value.eq_ignore_ascii_case("HIGH_ASSURANCE")) {
            continue;
        }
        let credential =
            workspace.connections_of(app).next().map(|connection| connection.credential);
        found
            .report(
                &app.component,
                level,
                format!(
                    "the {} `{}` requires a high-assurance session, which the JWT bearer flow \
                     cannot provide",
                    app.noun(),
                    app.name()
                ),
            )
            .label("required session level")
            .related_to(
                credential.map(|credential| credential.flow),
                "this credential logs in without user interaction",
            )
            .help(format!(
                "clear *High assurance session required* ({} > Session Policies), and protect the \
                 app with approved users and login IP ranges",
                app.setup(SetupPage::Policies)
            ))
            .unsafe_fix("require a standard session", Edit::replace(level, "STANDARD"))
            .field("session level");
    }
}
