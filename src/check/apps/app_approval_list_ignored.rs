//! The app lists approved profiles or permission sets, but all users may authorize it themselves.

use crate::check::shared_approval;
use crate::finding::Findings;
use crate::model::{App, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(permitted) = app.self_authorization() else { continue };
        let listed =
            app.profiles.iter().chain(&app.permission_sets).filter(|text| text.known().is_some());
        let Some(first) = listed.min_by_key(|text| text.span) else { continue };
        // Apps that accept JWTs are covered by `app-not-admin-approved`. Single sign-on uses the
        // lists for its own purposes.
        if workspace.is_jwt_app(app) || uses_saml(app) {
            continue;
        }
        let (element, value) = shared_approval::setting(app);
        found
            .report(
                &app.component,
                first,
                format!(
                    "the {} `{}` has a list of approved users, but all users may authorize it \
                     themselves",
                    app.noun(),
                    app.name()
                ),
            )
            .label("has no effect")
            .related(&permitted, "permitted users")
            .help(format!(
                "choose *Admin approved users are pre-authorized* under *Permitted Users* \
                 (`{element}` `{value}`), or remove the list"
            ))
            .unsafe_fix("admit only approved users", shared_approval::require(app))
            .field("approvals");
    }
}

/// Whether the app accepts SAML assertions, possibly in addition to OAuth.
fn uses_saml(app: &App) -> bool {
    app.records
        .iter()
        .any(|record| record.fields.iter().any(|field| field.path.starts_with("samlConfig")))
}
