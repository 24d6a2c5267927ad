//! All users may authorize the app, and its refresh tokens never expire.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{App, Named, Scope, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let browser_apps: HashSet<*const App> = workspace
        .app_logins()
        .filter(|login| login.login.flow.is_authorization_code())
        .map(|login| std::ptr::from_ref(login.app))
        .collect();
    for (_, app) in workspace.apps() {
        let (Some(permitted), Some(policy)) =
            (app.self_authorization(), app.refresh_token_policy())
        else {
            continue;
        };
        let unlimited =
            policy.known().is_some_and(|policy| policy.eq_ignore_ascii_case("infinite"));
        let issued = app.lists(|scope| scope == Scope::RefreshToken) == Some(true);
        // The JWT bearer flow issues no refresh tokens; an app with a certificate may have a browser flow as well.
        let is_bearer_only =
            workspace.is_jwt_app(app) && !browser_apps.contains(&std::ptr::from_ref(app));
        if !unlimited || !issued || is_bearer_only {
            continue;
        }
        found
            .report(
                &app.component,
                policy,
                format!(
                    "refresh tokens of the {} `{}` never expire, and all users may authorize it \
                     themselves",
                    app.noun(),
                    app.name()
                ),
            )
            .label("valid until revoked")
            .related(&permitted, "permitted users")
            .help(
                "choose *Expire refresh token if not used for* or *Expire refresh token after* \
                 under *Refresh Token Policy*, or admit only approved users",
            )
            .field("refresh token policy");
    }
}
