//! An external client app whose other OAuth files are there, and the one with its scopes is not.

use crate::finding::Findings;
use crate::model::{
    App, AppKind, Named, OAUTH_GLOBALS, OAUTH_POLICIES, OAUTH_SETTINGS, Org, Workspace,
};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps().filter(|(_, app)| app.kind == AppKind::ExternalClientApp) {
        if app.part("ExternalClientApplication").is_none()
            || app.part(OAUTH_SETTINGS).is_some()
            || app.is_packaged(org.namespace.as_deref())
            || may_be_unread(workspace, org)
        {
            continue;
        }
        let Some((place, why)) = needs_oauth(workspace, app) else { continue };
        found
            .at(&app.component, &app.component, format!("the external client app `{}` has no OAuth settings (`.ecaOauth`) in the files given", app.name()))
            .label("this app")
            .related(&place, why)
            .help("retrieve `ExtlClntAppOauthSettings` with the app, or add the file: without it the app has no scopes and does not answer OAuth requests")
            .field("ecaOauth");
    }
}

/// What shows that this is an app for OAuth.
fn needs_oauth(workspace: &Workspace, app: &App) -> Option<(Span, &'static str)> {
    let part = [OAUTH_POLICIES, OAUTH_GLOBALS].into_iter().find_map(|part| app.part(part));
    let met = || {
        workspace
            .connections_of(app)
            .next()
            .map(|connection| (connection.credential.flow, "this credential logs in with it"))
    };
    part.map(|part| (part.component.place, "another file of its OAuth part")).or_else(met)
}

/// A file that could not be read may be the one that is missed; its text says which app it is for, and nobody could read it.
fn may_be_unread(workspace: &Workspace, org: &Org) -> bool {
    workspace.unreadable.iter().any(|unreadable| {
        unreadable.type_name == OAUTH_SETTINGS && std::ptr::eq(workspace.org(unreadable.org), org)
    })
}
