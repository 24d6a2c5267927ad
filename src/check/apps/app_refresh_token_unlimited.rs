//! All users may authorize the app, and its refresh tokens never expire.

use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let (Some(permitted), Some(policy)) =
            (app.self_authorization(), app.refresh_token_policy())
        else {
            continue;
        };
        let unlimited =
            policy.known().is_some_and(|policy| policy.eq_ignore_ascii_case("infinite"));
        let issued = app.lists(|scope| scope == Scope::RefreshToken) == Some(true);
        if !unlimited || !issued || workspace.is_jwt_app(app) {
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
