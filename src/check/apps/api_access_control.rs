//! The org only admits approved apps, but an app lets users authorize themselves.

use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};

const SETTING: &str = "enableAdminApprovedAppsOnly";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        let Some(setting) = org
            .settings("ConnectedApp")
            .find_map(|settings| settings.get(SETTING).filter(|text| text.is_true()))
        else {
            continue;
        };
        let Some(permitted) = app.self_authorization() else { continue };
        let calls =
            app.lists(|scope| scope.gives_api_access() || scope == Scope::Unknown) != Some(false);
        if !calls || workspace.is_jwt_app(app) {
            continue;
        }
        found
            .report(
                &app.component,
                &permitted,
                format!(
                    "the {} `{}` lets users authorize themselves, but this org gives API access \
                     only to approved apps",
                    app.noun(),
                    app.name()
                ),
            )
            .label("permitted users")
            .related(setting, "API access control is on")
            .help(
                "choose *Admin approved users are pre-authorized* under *Permitted Users*, and \
                 approve a profile or permission set of the users who call the API; users with \
                 *Use Any API Client* are exempt",
            )
            .field("permitted users");
    }
}
