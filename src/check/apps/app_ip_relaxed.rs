//! Relaxing IP restrictions weakens an app and has no effect on the bearer flows.

use crate::finding::{Edit, Findings};
use crate::model::{AppKind, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.oauth_apps() {
        let Some(relaxation) = app.ip_relaxation() else { continue };
        if !relaxation.known().is_some_and(|value| value.to_ascii_lowercase().starts_with("bypass"))
        {
            continue;
        }
        let enforced = if app.kind == AppKind::ConnectedApp { "ENFORCE" } else { "Enforce" };
        let is_bearer = workspace.is_jwt_app(app);
        let name = app.name();
        let asks_for_code = relaxation.known().is_some_and(|value| value.contains("2FACTOR"));
        let (effect, help) = if is_bearer {
            (
                "which does not prevent `ip restricted` in the bearer flows (JWT and SAML)",
                "choose *Enforce IP restrictions* under *IP Relaxation*, unless another flow of the \
                 app needs it; for the bearer flows, only the login IP ranges of the user's profile \
                 apply",
            )
        } else if asks_for_code {
            (
                "so a login from an address outside of the ranges only needs a second factor or an \
                 activated device",
                "choose *Enforce IP restrictions* under *IP Relaxation*, unless people or devices with \
                 changing addresses use the app",
            )
        } else {
            (
                "so its tokens can be used from any address",
                "choose *Enforce IP restrictions* under *IP Relaxation*, unless people or devices with \
                 changing addresses use the app",
            )
        };
        let finding = found
            .report(
                &app.component,
                relaxation,
                format!(
                    "the {} `{name}` relaxes IP restrictions (`{}`), {effect}",
                    app.noun(),
                    Text::as_str(relaxation)
                ),
            )
            .label("IP relaxation")
            .help(help)
            .unsafe_fix("enforce IP restrictions", Edit::replace(relaxation, enforced))
            .field("IP relaxation");
        if !is_bearer {
            finding.without_answers();
        }
    }
}
