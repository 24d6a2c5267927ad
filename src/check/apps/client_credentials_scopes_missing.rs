//! The client credentials flow ignores some scopes, and the app has no other.

use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(switch) =
            app.client_credentials().switch().filter(|_| app.grants_no_client_credentials_scope())
        else {
            continue;
        };
        // `app-api-scope-missing` reports an app of the JWT bearer flow that has no scope for an API.
        let opens_api = |scope| matches!(scope, Scope::Api | Scope::Full | Scope::SpecificApi);
        if workspace.is_jwt_app(app) && app.lists(opens_api) == Some(false) {
            continue;
        }
        let scopes = app.scopes.as_deref().unwrap_or_default();
        let listed = match scopes {
            [] => "no scope".to_owned(),
            [one] => format!("only `{one}`, which this flow does not grant"),
            [first, ..] => format!("only scopes such as `{first}`, which this flow does not grant"),
        };
        found
            .report(
                &app.component,
                scopes.first().unwrap_or(switch),
                format!(
                    "the client credentials flow of the {} `{}` is enabled, but the app lists {listed}",
                    app.noun(),
                    app.name()
                ),
            )
            .label(if scopes.is_empty() { "no scopes" } else { "not granted in this flow" })
            .related_to(scopes.first().map(|_| switch), "the flow is enabled")
            .help(
                "add `Api` (*Manage user data via APIs (api)* in the OAuth settings of the app); the \
                 client credentials flow ignores `Full`, `Web` and the refresh scopes",
            )
            .field("scopes");
    }
}
