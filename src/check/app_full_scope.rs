//! `Full` lets a token do whatever the user may do, and yet holds no refresh scope.

use super::shared_scopes::without;
use crate::finding::{Edit, Findings};
use crate::model::{Named, Scope, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let scopes = app.scopes.as_deref().unwrap_or_default();
        let Some(full) = scopes.iter().find(|scope| Scope::parse(scope.as_str()) == Scope::Full)
        else {
            continue;
        };
        let opened = app.lists(|scope| scope == Scope::Api) == Some(true);
        let (title, edits) = if opened {
            ("take the scope `Full` away", without(app, &[full]))
        } else {
            ("ask for `Api` in place of `Full`", Edit::replace(full, "Api").into_iter().collect())
        };
        found
            .at(&app.component, full, format!("the {} `{}` gives its tokens the scope `{full}`: everything that the user can do, in the browser too", app.noun(), app.name()))
            .label("full access")
            .help("list `Api` (*Manage user data via APIs (api)*) and `RefreshToken` instead of `Full` (*Full access (full)* in Setup > App Manager > the app > OAuth scopes)")
            .unsafe_fix(title, edits)
            .field("scope Full");
    }
}
