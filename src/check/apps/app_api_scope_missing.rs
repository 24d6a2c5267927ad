//! Without an API scope the token exchange succeeds, but the first call with the token fails.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, Scope, Workspace};
use crate::source::{Span, Spanned, Syntax};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
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
            .help(
                "add `Api` (*Manage user data via APIs (api)* in Setup > App Manager > the app > \
                 OAuth scopes)",
            )
            .safe_fix("add the scope `Api`", add_scope(app))
            .field("scopes");
    }
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
