//! The app requests refresh tokens, but its policy expires them immediately.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Component, Named, Scope, SetupPage, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let browser_logins: HashMap<Span, &Component> = workspace
        .app_logins()
        .filter(|login| login.login.flow.is_authorization_code())
        .map(|login| (login.app.component.place, &login.login.component))
        .collect();
    for (_, app) in workspace.apps() {
        let credential = browser_logins.get(&app.component.place);
        let permitted = app.self_authorization();
        let Some(policy) = app.refresh_token_policy() else { continue };
        if credential.is_none() && permitted.is_none() {
            continue;
        }
        let zero = policy.known().is_some_and(|policy| policy.eq_ignore_ascii_case("zero"));
        let scope = app
            .scopes
            .iter()
            .flatten()
            .find(|scope| Scope::parse(scope.as_str()) == Scope::RefreshToken);
        // The client credentials flow does not issue a refresh token, so `zero` is correct for it.
        if credential.is_none() && app.uses_client_credentials() {
            continue;
        }
        // Apps that accept JWTs are covered by `app-not-admin-approved`.
        let is_for_servers = credential.is_none() && workspace.is_jwt_app(app);
        let (true, Some(scope), false) = (zero, scope, is_for_servers) else { continue };
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
            .related_to(permitted, "users authorize the app themselves")
            .related_to(
                credential.map(|credential| credential.place),
                "users log in with this credential",
            )
            .help(format!(
                "choose *Expire refresh token after* with a time ({} > Refresh Token Policy), or \
                 remove the scope",
                app.setup(SetupPage::Policies)
            ))
            .field("refresh token policy");
    }
}
