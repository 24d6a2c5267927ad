//! The token endpoint does not find an external client app if it or its OAuth plug-in is disabled, or an app that the org
//! blocks.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};

const POLICIES: &str = "ExtlClntAppConfigurablePolicies";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let used = workspace.credentials_by_app();
    for (_, app) in workspace.apps() {
        let credential = used.get(&app.component.place).copied();
        let is_for_servers = workspace.is_jwt_app(app) || app.uses_client_credentials();
        if credential.is_none() && !is_for_servers {
            continue;
        }
        let blocked = app.blocked.as_ref().filter(|text| text.is_true());
        if let (Some(blocked), Some(credential)) = (blocked, credential) {
            found
                .report(
                    &app.component,
                    blocked,
                    format!("the {} `{}` is blocked in the org", app.noun(), app.name()),
                )
                .label("blocked")
                .related(&credential.place, "this credential logs in with the app")
                .help("unblock it: Setup > Connected Apps OAuth Usage > the app > Unblock")
                .without_answers()
                .field("blocked");
            continue;
        }
        let Some(policies) = app.part(POLICIES) else { continue };
        let off = |name: &'static str| {
            policies.get(name).filter(|text| text.is_false()).map(|text| (name, text))
        };
        let Some((element, text)) = off("isEnabled").or_else(|| off("isOauthPluginEnabled")) else {
            continue;
        };
        let both =
            off("isOauthPluginEnabled").filter(|_| element == "isEnabled").map(|(_, text)| text);
        let what =
            if element == "isEnabled" { "is disabled" } else { "has a disabled OAuth plug-in" };
        found
            .report(
                &app.component,
                text,
                format!("the external client app `{}` {what} (`{element}`)", app.name()),
            )
            .label("disabled")
            .related_to(both, "its OAuth plug-in is disabled too")
            .related_to(
                credential.map(|credential| credential.place),
                "this credential logs in with the app",
            )
            .help(
                "enable it: Setup > External Client App Manager > the app > Policies > App \
                 Policies",
            )
            .safe_fix(
                "enable the app",
                [Some(text), both]
                    .into_iter()
                    .flatten()
                    .filter_map(|text| Edit::replace(text, "true")),
            )
            .field(element);
    }
}
