//! An app for server-to-server logins should not approve administrators.

use crate::finding::Findings;
use crate::model::{Named, PermittedUsers, Workspace, is_system_administrator};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let PermittedUsers::AdminApproved(approved) = &app.permitted_users else { continue };
        let Some(profile) = app
            .profiles
            .iter()
            .find(|profile| profile.known().is_some_and(is_system_administrator))
        else {
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
            .related(approved, "users are pre-authorized")
            .related_to(certificate, "the key of this certificate can sign for them")
            .help(
                "approve a permission set that only the integration user has, and remove this \
                 profile from the list",
            )
            .field(format!("profile {}", Text::as_str(profile)));
    }
}
