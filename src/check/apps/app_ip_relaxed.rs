//! Relaxing IP restrictions weakens an app and has no effect on the JWT bearer flow.

use crate::finding::{Edit, Findings};
use crate::model::{AppKind, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let Some(relaxation) = app.ip_relaxation() else { continue };
        if !relaxation.known().is_some_and(|value| value.to_ascii_lowercase().starts_with("bypass"))
        {
            continue;
        }
        let enforced = if app.kind == AppKind::ConnectedApp { "ENFORCE" } else { "Enforce" };
        found
            .report(
                &app.component,
                relaxation,
                format!(
                    "the {} `{}` relaxes IP restrictions (`{}`), which does not prevent `ip \
                     restricted` in the JWT bearer flow",
                    app.noun(),
                    app.name(),
                    Text::as_str(relaxation)
                ),
            )
            .label("IP relaxation")
            .help(
                "choose *Enforce IP restrictions* under *IP Relaxation*; for this flow, only the \
                 login IP ranges of the user's profile apply",
            )
            .safe_fix("enforce IP restrictions", Edit::replace(relaxation, enforced))
            .field("IP relaxation");
    }
}
