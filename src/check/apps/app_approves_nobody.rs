//! The app admits only approved users, but approves none.

use crate::finding::Findings;
use crate::model::{AppKind, Named, PermittedUsers, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.oauth_apps() {
        let PermittedUsers::AdminApproved(place) = &app.permitted_users else { continue };
        if !app.policies || !app.profiles.is_empty() || !app.permission_sets.is_empty() {
            continue;
        }
        let elements = match app.kind {
            AppKind::ConnectedApp => "`profileName` nor `permissionSetName`",
            AppKind::ExternalClientApp => {
                "`commaSeparatedProfile` nor `commaSeparatedPermissionSet`"
            }
        };
        let is_client_credentials_only =
            app.client_credentials().is_on() && !workspace.is_jwt_app(app);
        let setup = app.setup(SetupPage::Approvals);
        let help = if is_client_credentials_only {
            format!(
                "add a permission set that the run-as user has; sources disagree on whether the \
                 client credentials flow needs it, and all other flows do ({setup})"
            )
        } else {
            format!(
                "add a permission set that the integration user has ({setup}), unless the \
                 assignment is maintained outside these files"
            )
        };
        found
            .report(
                &app.component,
                place,
                format!(
                    "the {} `{}` admits only approved users, but lists neither {elements}",
                    app.noun(),
                    app.name()
                ),
            )
            .label("only approved users")
            .help(help)
            .field("approvals");
    }
}
