//! The app requests refresh tokens, but its policy expires them immediately.

use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let (Some(permitted), Some(policy)) =
            (app.self_authorization(), app.refresh_token_policy())
        else {
            continue;
        };
        let zero = policy.known().is_some_and(|policy| policy.eq_ignore_ascii_case("zero"));
        let scope = app
            .scopes
            .iter()
            .flatten()
            .find(|scope| Scope::parse(scope.as_str()) == Scope::RefreshToken);
        // The client credentials flow does not issue a refresh token, so `zero` is correct for it.
        if app.uses_client_credentials() {
            continue;
        }
        // Apps that accept JWTs are covered by `app-not-admin-approved`.
        let (true, Some(scope), false) = (zero, scope, workspace.is_jwt_app(app)) else { continue };
        found
            .report(
                &app.component,
                policy,
                format!(
                    "refresh tokens of the {} `{}` expire immediately (`{}`), so a user's \
                     authorization ends with the session",
                    app.noun(),
                    app.name(),
                    Text::as_str(policy)
                ),
            )
            .label("refresh token policy")
            .related(scope, "requests refresh tokens")
            .related(&permitted, "users authorize the app themselves")
            .help(
                "choose *Expire refresh token after* with a time (Setup > App Manager > the app > \
                 Manage > Edit Policies > Refresh Token Policy), or remove the scope",
            )
            .field("refresh token policy");
    }
}
