//! A high-assurance session needs a person who proves who they are; this flow has none.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let Some(level) = app.session_level() else { continue };
        if !level.known().is_some_and(|value| value.eq_ignore_ascii_case("HIGH_ASSURANCE")) {
            continue;
        }
        let credential =
            workspace.connections_of(app).next().map(|connection| connection.credential);
        found
            .at(&app.component, level, format!("the {} `{}` requires a high-assurance session, which the JWT bearer flow cannot give", app.noun(), app.name()))
            .label("required session level")
            .related_to(credential.map(|credential| credential.flow), "this credential logs in without a person")
            .help("take *High assurance session required* away (Setup > App Manager > the app > Manage > Edit Policies > Session Policies), and protect the app by its approved users and by login IP ranges")
            .unsafe_fix("ask for a standard session", Edit::replace(level, "STANDARD"))
            .field("session level");
    }
}
