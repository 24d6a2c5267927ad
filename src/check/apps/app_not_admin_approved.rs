//! This flow has no user who could click *Allow*, so an administrator must approve the app.

use crate::check::shared_approval;
use crate::finding::Findings;
use crate::model::{App, AppKind, Named, PermittedUsers, SetupPage, Workspace};
use crate::source::{Span, Spanned};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        // `app-approval-left-to-users` reports apps that people may use with a browser as well.
        if shared_approval::may_be_for_people(workspace, app) {
            continue;
        }
        let (place, message, label) = match &app.permitted_users {
            PermittedUsers::SelfAuthorize(text) => (
                text.span(),
                format!("the {} `{}` lets users authorize themselves", app.noun(), app.name()),
                "permitted users",
            ),
            PermittedUsers::Default => unset(app),
            PermittedUsers::AdminApproved(_) | PermittedUsers::Unknown => continue,
        };
        let credential =
            workspace.connections_of(app).next().map(|connection| connection.credential);
        found
            .report(&app.component, &place, message)
            .label(label)
            .related_to(
                credential.map(|credential| credential.flow),
                "this credential logs in without user interaction",
            )
            .help(format!(
                "choose *Admin approved users are pre-authorized* under *Permitted Users* ({}), and \
                 add a profile or permission set of the integration user",
                app.setup(SetupPage::Policies)
            ))
            .unsafe_fix("require approval by an administrator", shared_approval::require(app))
            .field("permitted users");
    }
}

/// The value is not set, and the default lets users authorize themselves.
fn unset(app: &App) -> (Span, String, &'static str) {
    match app.kind {
        AppKind::ConnectedApp => (
            app.oauth_place(),
            format!(
                "the connected app `{}` does not set `isAdminApproved`, and the default lets users \
                 authorize themselves",
                app.name()
            ),
            "no `isAdminApproved` here",
        ),
        AppKind::ExternalClientApp if app.policies => (
            app.component.place,
            format!(
                "the external client app `{}` does not set `permittedUsersPolicyType`, and the \
                 default lets users authorize themselves",
                app.name()
            ),
            "this app",
        ),
        AppKind::ExternalClientApp => (
            app.component.place,
            format!(
                "the external client app `{}` has no OAuth policies (`.ecaOauthPlcy`) in the \
                 checked files, and the default lets users authorize themselves",
                app.name()
            ),
            "this app",
        ),
    }
}
