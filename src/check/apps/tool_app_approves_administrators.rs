//! An app for deployments approves all administrators.

use crate::check::shared_approval;
use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let Some((profile, approved)) = shared_approval::approved_administrators(app) else {
            continue;
        };
        if !shared_approval::may_be_for_people(workspace, app) {
            continue;
        }
        found
            .report(
                &app.component,
                profile,
                format!(
                    "the {} `{}` for a command-line tool or a vendor approves the profile `{profile}`: \
                     anyone with its private key can act as any administrator",
                    app.noun(),
                    app.name()
                ),
            )
            .label("approves all administrators")
            .related(&approved, "users are pre-authorized")
            .help(
                "approve a permission set that only the user for deployments has, and remove this \
                 profile from the list",
            )
            .field(format!("profile {}", Text::as_str(profile)));
    }
}
