//! The token exchange needs the refresh scope, although the flow never issues a refresh token.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, Scope, SetupPage, Workspace};
use crate::source::{Span, Spanned, Syntax};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let used_otherwise: HashSet<Span> =
        workspace.app_logins().map(|login| login.app.component.place).collect();
    for (_, app) in workspace.jwt_apps() {
        // The certificate may be for assertions of a client, in a flow that does not need the scope.
        if used_otherwise.contains(&app.component.place)
            && workspace.connections_of(app).next().is_none()
        {
            continue;
        }
        if app.lists(|scope| scope == Scope::RefreshToken) != Some(false) {
            continue;
        }
        let last = app.scopes.as_ref().and_then(|scopes| scopes.last());
        let place = last.map_or(app.oauth_place(), Spanned::span);
        let credential =
            workspace.connections_of(app).next().map(|connection| connection.credential);
        found
            .report(
                &app.component,
                &place,
                format!(
                    "the {} `{}` does not have the scope `RefreshToken`",
                    app.noun(),
                    app.name()
                ),
            )
            .label(if last.is_some() { "the last of its scopes" } else { "no scopes here" })
            .related_to(
                credential.map(|credential| credential.flow),
                "this credential logs in with the app",
            )
            .help(format!(
                "add `RefreshToken` (*Perform requests at any time (refresh_token, \
                 offline_access)* in {} > OAuth scopes): Salesforce has rejected this flow without \
                 the scope, although it issues no refresh token",
                app.setup(SetupPage::OauthSettings)
            ))
            .safe_fix("add the scope `RefreshToken`", add_scope(app))
            .field("scopes");
    }
}

fn add_scope(app: &App) -> Option<Edit> {
    let scopes = app.scopes.as_ref()?;
    let last = scopes.last()?;
    let after = Span { start: last.span.end, ..last.span };
    if last.syntax == Syntax::YamlPlain {
        return Some(Edit::Replace(after, ", RefreshToken".into()));
    }
    match app.kind {
        AppKind::ConnectedApp => {
            Some(Edit::LineAfter(last.element, "<scopes>RefreshToken</scopes>".into()))
        }
        AppKind::ExternalClientApp => {
            Some(Edit::Replace(after, format!("{}RefreshToken", app.scope_separator())))
        }
    }
}
