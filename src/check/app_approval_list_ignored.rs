//! Profiles and permission sets are listed, and whoever wants may authorize the app anyway.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, PermittedUsers, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(permitted) = app.self_authorization() else { continue };
        let listed =
            app.profiles.iter().chain(&app.permission_sets).filter(|text| text.known().is_some());
        let Some(first) = listed.min_by_key(|text| text.span) else { continue };
        // What the flow of the app needs is another rule's business, and so is single sign-on, which has its own use for the lists.
        if workspace.is_jwt_app(app) || signs_on(app) {
            continue;
        }
        let (element, value) = switch(app);
        found
            .at(&app.component, first, format!("the {} `{}` lists who is approved, but all users may authorize it themselves", app.noun(), app.name()))
            .label("has no effect")
            .related(&permitted, "permitted users")
            .help(format!("choose *Admin approved users are pre-authorized* under *Permitted Users* (`{element}` `{value}`), or take the list away"))
            .safe_fix("let only approved users in", edit(&app.permitted_users, value))
            .field("approvals");
    }
}

/// The app is, or also is, one that SAML assertions are sent to.
fn signs_on(app: &App) -> bool {
    app.records
        .iter()
        .any(|record| record.fields.iter().any(|field| field.path.starts_with("samlConfig")))
}

fn switch(app: &App) -> (&'static str, &'static str) {
    match app.kind {
        _ if app.records.is_empty() => ("permitted_users", "admin_approved"),
        AppKind::ConnectedApp => ("isAdminApproved", "true"),
        AppKind::ExternalClientApp => ("permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
    }
}

fn edit(permitted: &PermittedUsers, value: &str) -> Option<Edit> {
    let written: Option<&Text> =
        if let PermittedUsers::SelfAuthorize(text) = permitted { Some(text) } else { None };
    written.and_then(|text| {
        Edit::replace(
            text,
            if text.as_str() == "self_authorize" { "admin_approved" } else { value },
        )
    })
}
