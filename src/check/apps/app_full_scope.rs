//! `Full` lets a token do everything the user can, in every flow but client credentials, which ignores it.

use std::collections::{HashMap, HashSet};

use crate::check::shared_scopes::without;
use crate::finding::{Edit, Findings};
use crate::model::{ConsumerKey, Named, Scope, SetupPage, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let requested = requested_by(workspace);
    for (_, app) in workspace.oauth_apps() {
        // `client-credentials-scopes-missing` reports an app whose only flow ignores `Full`.
        if app.grants_no_client_credentials_scope() && !workspace.is_jwt_app(app) {
            continue;
        }
        let scopes = app.scopes.as_deref().unwrap_or_default();
        let Some(full) = scopes.iter().find(|scope| Scope::parse(scope.as_str()) == Scope::Full)
        else {
            continue;
        };
        let has_api = app.lists(|scope| scope == Scope::Api) == Some(true);
        let (title, edits) = if has_api {
            ("remove the scope `Full`", without(app, &[full]))
        } else {
            (
                "replace the scope `Full` with `Api`",
                Edit::replace(full, "Api").into_iter().collect(),
            )
        };
        let key = app.consumer_key.as_ref().and_then(Text::known).map(ConsumerKey::new);
        let provider = key
            .and_then(|key| requested.by_key.get(&key))
            .or_else(|| requested.by_callback.get(&app.component.place));
        let first = match provider {
            Some((name, _)) => format!(
                "request `api refresh_token` instead of `full` in the auth provider `{name}` first, \
                 because a login that requests a scope without having it is refused; then "
            ),
            None => String::new(),
        };
        let last = if provider.is_some() {
            ""
        } else {
            "; change clients that request `full` first, because a login that requests a scope without \
             having it is refused"
        };
        found
            .report(
                &app.component,
                full,
                format!(
                    "the {} `{}` gives its tokens the scope `{full}`: everything that the user can \
                     do, including browser sessions",
                    app.noun(),
                    app.name()
                ),
            )
            .label("full access")
            .related_to(provider.map(|(_, scopes)| *scopes), "an auth provider requests it")
            .help(format!(
                "{first}list `Api` (*Manage user data via APIs (api)*) instead of `Full` (*Full \
                 access (full)* in {} > OAuth scopes){last}",
                app.setup(SetupPage::OauthSettings)
            ))
            .unsafe_fix(title, edits)
            .field("scope Full");
    }
}

/// The auth providers that request the scope `full`, by their app: the name and the scopes.
#[derive(Default)]
struct Requested<'a> {
    by_key: HashMap<ConsumerKey, (&'a str, &'a Text)>,
    /// By the place of an app that has the callback URL of the provider.
    by_callback: HashMap<Span, (&'a str, &'a Text)>,
}

fn requested_by(workspace: &Workspace) -> Requested<'_> {
    let mut requested = Requested::default();
    // The apps of equal names are the same.
    let mut names = HashSet::new();
    for (_, provider) in workspace.providers() {
        let Some(scopes) = provider.default_scopes() else { continue };
        let words = scopes.known().unwrap_or_default().split_whitespace();
        if !words.into_iter().any(|scope| scope == "full") {
            continue;
        }
        let request = (provider.record.component.name.as_str(), scopes);
        if let Some(key) = provider.key() {
            requested.by_key.insert(key, request);
        }
        if names.insert(provider.name().to_ascii_lowercase()) {
            for (_, app) in workspace.apps_that_call_back(&provider) {
                requested.by_callback.insert(app.component.place, request);
            }
        }
    }
    requested
}
