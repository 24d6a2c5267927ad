//! Without a refresh token, a login ends with its session.

use crate::finding::{Edit, Findings};
use crate::model::{AppLogin, Login, Named, Scope, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for login in workspace.logins.iter().filter(|login| login.flow.is_authorization_code()) {
        let calling_org = workspace.org(login.component.org);
        if !login.is_to_salesforce(calling_org) {
            continue;
        }
        let default = login.provider(calling_org).and_then(|provider| provider.default_scopes());
        let requested = login.scopes.first().or(default);
        match (login.requests_refresh_token(calling_org), requested) {
            (Some(false), Some(text)) => check_request(login, text, found),
            (None, None) => {
                if let Some(connection) = workspace.app_login(login) {
                    check_app(&connection, found);
                }
            }
            _ => {}
        }
    }
}

fn check_request(login: &Login, text: &Text, found: &mut Findings) {
    found
        .report(
            &login.component,
            text,
            format!(
                "the {} `{}` requests `{text}`, without `refresh_token`, so its login ends with \
                 the session",
                login.noun(),
                login.name()
            ),
        )
        .label("the requested scopes")
        .help(
            "add `refresh_token` (or `offline_access`) to the requested scopes, and log in again \
             afterwards",
        )
        .unsafe_fix(
            "request a refresh token",
            Edit::replace(text, &format!("{} refresh_token", text.as_str())),
        )
        .field("scope");
}

/// Nothing is requested, so the scopes of the app are granted.
fn check_app(connection: &AppLogin<'_>, found: &mut Findings) {
    let (login, app) = (connection.login, connection.app);
    if app.lists(|scope| scope == Scope::RefreshToken) != Some(false) {
        return;
    }
    let first = app.scopes.as_ref().and_then(|scopes| scopes.first());
    found
        .report(
            &app.component,
            &first.map_or(app.oauth_place(), |scope| scope.span),
            format!(
                "the {} `{}` does not list the scope `refresh_token`, so the login of the {} `{}` \
                 ends with the session",
                app.noun(),
                app.name(),
                login.noun(),
                login.name()
            ),
        )
        .label("the scopes of the app")
        .related(&login.component, "this credential logs in with the app")
        .help("add *Perform requests at any time (refresh_token, offline_access)* to the app")
        .field("scope");
}
