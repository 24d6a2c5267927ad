//! `Full` lets a token do everything the user can, in every flow but client credentials, which ignores it.

use crate::check::shared_scopes::without;
use crate::finding::{Edit, Findings};
use crate::model::{Named, Scope, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
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
            .help(format!(
                "list `Api` (*Manage user data via APIs (api)*) and `RefreshToken` instead of \
                 `Full` (*Full access (full)* in {} > OAuth scopes)",
                app.setup(SetupPage::OauthSettings)
            ))
            .unsafe_fix(title, edits)
            .field("scope Full");
    }
}
