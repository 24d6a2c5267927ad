//! The setting that restricts an app to users approved by an administrator.

use crate::finding::Edit;
use crate::model::{App, AppKind, PermittedUsers};

/// The element or key of the setting, and the value that requires approval.
pub fn setting(app: &App) -> (&'static str, &'static str) {
    match app.kind {
        _ if app.records.is_empty() => ("permitted_users", "admin_approved"),
        AppKind::ConnectedApp => ("isAdminApproved", "true"),
        AppKind::ExternalClientApp => ("permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
    }
}

/// The edit that requires approval, if the app lets users authorize themselves.
pub fn require(app: &App) -> Option<Edit> {
    let PermittedUsers::SelfAuthorize(text) = &app.permitted_users else { return None };
    // The description may set the value of an app that is also in metadata.
    let value = match text.as_str() {
        "self_authorize" => "admin_approved",
        _ => setting(app).1,
    };
    Edit::replace(text, value)
}
