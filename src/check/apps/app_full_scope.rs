//! `Full` lets a token do everything the user can, in every flow but client credentials, which ignores it.

use std::collections::HashMap;

use crate::check::shared_scopes::without;
use crate::finding::{Edit, Findings};
use crate::model::{ConsumerKey, Named, Scope, SetupPage, Workspace};
use crate::source::Text;

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
        let provider = app
            .consumer_key
            .as_ref()
            .and_then(Text::known)
            .and_then(|key| requested.get(&ConsumerKey::new(key)));
        let first = match provider {
            Some((name, _)) => format!(
                "request `api refresh_token` instead of `full` in the auth provider `{name}` first, \
                 because a login that requests a scope without having it is refused; then "
            ),
            None => String::new(),
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
                 access (full)* in {} > OAuth scopes)",
                app.setup(SetupPage::OauthSettings)
            ))
            .unsafe_fix(title, edits)
            .field("scope Full");
    }
}

/// The auth providers that request the scope `full`, by consumer key: the name and the scopes.
fn requested_by(workspace: &Workspace) -> HashMap<ConsumerKey, (&str, &Text)> {
    workspace
        .providers()
        .filter_map(|(_, provider)| {
            let scopes = provider.default_scopes()?;
            let requests = scopes.known()?.split_whitespace().any(|scope| scope == "full");
            let name = provider.record.component.name.as_str();
            Some((provider.key().filter(|_| requests)?, (name, scopes)))
        })
        .collect()
}
