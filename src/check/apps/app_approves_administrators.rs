//! An app for server-to-server logins should not approve administrators.

use crate::check::shared_approval;
use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        // `tool-app-approves-administrators` reports apps of command-line tools.
        if shared_approval::may_be_for_people(workspace, app) {
            continue;
        }
        let Some((profile, approved)) = shared_approval::approved_administrators(app) else {
            continue;
        };
        let certificate = app.certificate.as_ref().map(|certificate| certificate.span);
        found
            .report(
                &app.component,
                profile,
                format!(
                    "the {} `{}` approves the profile `{profile}`: anyone with the signing key can \
                     act as any administrator",
                    app.noun(),
                    app.name()
                ),
            )
            .label("approves all administrators")
            .related(&approved, "users are pre-authorized")
            .related_to(certificate, "the key of this certificate can sign for them")
            .help(
                "approve a permission set that only the integration user has, and remove this \
                 profile from the list",
            )
            .field(format!("profile {}", Text::as_str(profile)));
    }
}
