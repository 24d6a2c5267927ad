//! A server has nobody who could click *Allow*: the app must be approved by an administrator.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, PermittedUsers, Workspace};
use crate::source::{Span, Spanned};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let (place, message, label) = match &app.permitted_users {
            PermittedUsers::SelfAuthorize(text) => (
                text.span(),
                format!("the {} `{}` lets users authorize themselves", app.noun(), app.name()),
                "permitted users",
            ),
            PermittedUsers::Default => default(app),
            PermittedUsers::AdminApproved(_) | PermittedUsers::Unknown => continue,
        };
        let edit = match (&app.permitted_users, app.kind) {
            (PermittedUsers::SelfAuthorize(text), _) if text.as_str() == "self_authorize" => {
                Edit::replace(text, "admin_approved")
            }
            (PermittedUsers::SelfAuthorize(text), AppKind::ConnectedApp) => {
                Edit::replace(text, "true")
            }
            (PermittedUsers::SelfAuthorize(text), AppKind::ExternalClientApp) => {
                Edit::replace(text, "AdminApprovedPreAuthorized")
            }
            _ => None,
        };
        let credential =
            workspace.connections_of(app).next().map(|connection| connection.credential);
        found
            .at(&app.component, &place, message)
            .label(label)
            .related_to(credential.map(|credential| credential.flow), "this credential logs in without a person")
            .help("choose *Admin approved users are pre-authorized* under *Permitted Users* (Setup > App Manager > the app > Manage > Edit Policies), and add a profile or permission set of the integration user")
            .safe_fix("approve the app by an administrator", edit)
            .field("permitted users");
    }
}

/// Nothing is said, and the default is the wrong one.
fn default(app: &App) -> (Span, String, &'static str) {
    match app.kind {
        AppKind::ConnectedApp => (
            app.oauth_place(),
            format!(
                "the connected app `{}` does not set `isAdminApproved`, and the default lets users authorize themselves",
                app.name()
            ),
            "no `isAdminApproved` here",
        ),
        AppKind::ExternalClientApp if app.policies => (
            app.component.place,
            format!(
                "the external client app `{}` does not set `permittedUsersPolicyType`, and the default lets users authorize themselves",
                app.name()
            ),
            "this app",
        ),
        AppKind::ExternalClientApp => (
            app.component.place,
            format!(
                "the external client app `{}` has no OAuth policies (`.ecaOauthPlcy`) in the files given, and the default lets users authorize themselves",
                app.name()
            ),
            "this app",
        ),
    }
}
