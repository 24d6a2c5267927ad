//! Without an API scope a token is issued, but the first call with the token fails.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, AppLogin, Named, Scope, SetupPage, Workspace};
use crate::source::{Span, Spanned, Syntax};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let used = workspace.app_logins().filter(|login| !requests_api(login));
    let used: HashSet<Span> = used.map(|login| login.app.component.place).collect();
    for (_, app) in workspace.apps() {
        // `client-credentials-scopes-missing` reports an app that gets no token at all.
        let is_used =
            used.contains(&app.component.place) && !app.grants_no_client_credentials_scope();
        if !is_used && !workspace.is_jwt_app(app) {
            continue;
        }
        if app.lists(|scope| scope.gives_api_access() || scope == Scope::Unknown) != Some(false) {
            continue;
        }
        let first = app.scopes.as_ref().and_then(|scopes| scopes.first());
        let place = first.map_or(app.oauth_place(), Spanned::span);
        found
            .report(
                &app.component,
                &place,
                format!(
                    "the {} `{}` has no scope that gives access to an API",
                    app.noun(),
                    app.name()
                ),
            )
            .label(if first.is_some() { "the first of its scopes" } else { "no scopes here" })
            .help(format!(
                "add `Api` (*Manage user data via APIs (api)* in {} > OAuth scopes)",
                app.setup(SetupPage::OauthSettings)
            ))
            .safe_fix("add the scope `Api`", add_scope(app))
            .field("scopes");
    }
}

/// Whether a scope for an API is requested. `auth-provider-scope-not-on-app` reports that the app does not list it.
fn requests_api(login: &AppLogin<'_>) -> bool {
    let requested = login.login.requested_scopes(login.calling_org);
    login.login.flow.is_authorization_code()
        && requested
            .into_iter()
            .flatten()
            .any(|scope| Scope::parse(scope.as_str()).gives_api_access())
}

fn add_scope(app: &App) -> Option<Edit> {
    let scopes = app.scopes.as_ref()?;
    let first = scopes.first()?;
    let before = Span { end: first.span.start, ..first.span };
    if first.syntax == Syntax::YamlPlain {
        return Some(Edit::Replace(before, "Api, ".into()));
    }
    match app.kind {
        AppKind::ConnectedApp => {
            Some(Edit::LineBefore(first.element, "<scopes>Api</scopes>".into()))
        }
        AppKind::ExternalClientApp => {
            Some(Edit::Replace(before, format!("Api{}", app.scope_separator())))
        }
    }
}
