//! An app grants only the scopes that it lists.

use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.app_logins() {
        let (login, app) = (connection.login, connection.app);
        if !login.flow.is_authorization_code() {
            continue;
        }
        let has_full = app.lists(|scope| scope == Scope::Full);
        for requested in login.requested_scopes(connection.calling_org).unwrap_or_default() {
            let scope = Scope::parse(requested.as_str());
            let is_covered = scope != Scope::RefreshToken && has_full != Some(false);
            if scope == Scope::Unknown
                || is_covered
                || app.lists(|listed| listed == scope) != Some(false)
            {
                continue;
            }
            found
                .report(
                    &login.component,
                    &requested,
                    format!(
                        "the {} `{}` requests the scope `{requested}`, which the {} `{}` does not \
                         list",
                        login.noun(),
                        login.name(),
                        app.noun(),
                        app.name()
                    ),
                )
                .label("requested at login")
                .related_to(
                    app.scopes.as_ref().and_then(|scopes| scopes.first()),
                    "the scopes of the app",
                )
                .help(format!(
                    "add the scope to the app (*Selected OAuth Scopes*), or do not request \
                     `{requested}`"
                ))
                .field(requested.as_str());
        }
    }
}
