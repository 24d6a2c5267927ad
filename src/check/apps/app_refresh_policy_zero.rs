//! The app asks for refresh tokens, and its policy ends them as they are issued.

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
        let asked = app
            .scopes
            .iter()
            .flatten()
            .find(|scope| Scope::parse(scope.as_str()) == Scope::RefreshToken);
        // Servers that log in with client credentials get no refresh token, and for them `zero` is right.
        if app.uses_client_credentials() {
            continue;
        }
        // An app of the JWT bearer flow that is not approved by an administrator has a fault that comes before this one.
        let (true, Some(asked), false) = (zero, asked, workspace.is_jwt_app(app)) else { continue };
        found
            .at(
                &app.component,
                policy,
                format!("refresh tokens of the {} `{}` end at once (`{}`), so what a user authorizes does not outlast the session", app.noun(), app.name(), Text::as_str(policy)),
            )
            .label("refresh token policy")
            .related(asked, "asks for refresh tokens")
            .related(&permitted, "users authorize the app themselves")
            .help("choose *Expire refresh token after* with a time (Setup > App Manager > the app > Manage > Edit Policies > Refresh Token Policy), or take the scope away")
            .field("refresh token policy");
    }
}
