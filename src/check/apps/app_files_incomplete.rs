//! An external client app has other OAuth files, but not the one with its scopes.

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, OAUTH_POLICIES, OAUTH_SETTINGS, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps().filter(|(_, app)| app.kind == AppKind::ExternalClientApp) {
        if app.part("ExternalClientApplication").is_none()
            || app.part(OAUTH_SETTINGS).is_some()
            || app.is_packaged(org.namespace.as_deref())
            // Only the content of a file that could not be read would identify its app.
            || workspace.is_unreadable(app.component.org, OAUTH_SETTINGS, None)
        {
            continue;
        }
        let Some((place, why)) = needs_oauth(workspace, app) else { continue };
        found
            .report(
                &app.component,
                &app.component,
                format!(
                    "the external client app `{}` has no OAuth settings (`.ecaOauth`) in the \
                     checked files",
                    app.name()
                ),
            )
            .label("this app")
            .related(&place, why)
            .help(
                "retrieve `ExtlClntAppOauthSettings` with the app, or add the file: without it the \
                 app has no scopes and does not accept OAuth requests",
            )
            .field("ecaOauth");
    }
}

/// The place that shows that the app is meant for OAuth.
fn needs_oauth(workspace: &Workspace, app: &App) -> Option<(Span, &'static str)> {
    let part = [OAUTH_POLICIES, OAUTH_GLOBALS].into_iter().find_map(|part| app.part(part));
    let credential = || {
        workspace
            .connections_of(app)
            .next()
            .map(|connection| (connection.credential.flow, "this credential logs in with the app"))
    };
    part.map(|part| (part.component.place, "another file of its OAuth settings"))
        .or_else(credential)
}
