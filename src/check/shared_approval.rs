//! The setting that restricts an app to users approved by an administrator.

use crate::finding::Edit;
use crate::model::{App, AppKind, Host, PermittedUsers, Scope, Workspace, is_system_administrator};
use crate::source::{Span, Text};

/// The element or key of the setting, and the value that requires approval.
pub fn setting(app: &App) -> (&'static str, &'static str) {
    match app.kind {
        _ if app.records.is_empty() => ("permitted_users", "admin_approved"),
        AppKind::ConnectedApp => ("isAdminApproved", "true"),
        AppKind::ExternalClientApp => ("permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
    }
}

/// Whether people may log in with an app that accepts signed JWTs: no credential in the files uses it, its callback URL is
/// on the local machine or at a vendor, and it issues refresh tokens.
pub fn may_be_for_people(workspace: &Workspace, app: &App) -> bool {
    let is_elsewhere = || {
        app.callback_urls().iter().any(|(url, _)| {
            let host = Host::parse(&url.host);
            host.is_loopback() || !host.is_salesforce()
        })
    };
    workspace.connections_of(app).next().is_none()
        && app.lists(|scope| scope == Scope::RefreshToken) == Some(true)
        && is_elsewhere()
}

/// The approved profile of administrators, and the place that requires approval.
pub fn approved_administrators(app: &App) -> Option<(&Text, Span)> {
    let PermittedUsers::AdminApproved(approved) = &app.permitted_users else { return None };
    let is_administrator = |profile: &&Text| profile.known().is_some_and(is_system_administrator);
    app.profiles.iter().find(is_administrator).map(|profile| (profile, *approved))
}

/// The edit that requires approval, if the app lets users authorize themselves. Without anybody to approve, it would
/// lock out all users.
pub fn require(app: &App) -> Option<Edit> {
    let PermittedUsers::SelfAuthorize(text) = &app.permitted_users else { return None };
    if app.profiles.is_empty() && app.permission_sets.is_empty() {
        return None;
    }
    // The description may set the value of an app that is also in metadata.
    let value = match text.as_str() {
        "self_authorize" => "admin_approved",
        _ => setting(app).1,
    };
    Edit::replace(text, value)
}
