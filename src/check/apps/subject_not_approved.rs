//! An app for admin-approved users admits only users with one of its profiles or permission sets.

use crate::finding::Findings;
use crate::model::{Named, PermittedUsers, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let (credential, app, target) =
            (connection.credential, connection.app, connection.target_org);
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let Some(username) = login.username() else { continue };
        let is_target =
            workspace.answering_org(credential).is_some_and(|org| std::ptr::eq(org, target));
        if !is_target
            || target.approves(app, username) != Some(false)
            || workspace.foreign_subject(credential).is_some()
        {
            continue;
        }
        let names: Vec<String> = app
            .profiles
            .iter()
            .chain(&app.permission_sets)
            .map(|name| format!("`{name}`"))
            .collect();
        let described = if names.len() == 1 {
            "is described without it"
        } else {
            "is described with none of them"
        };
        let approved = app.permission_sets.first().or(app.profiles.first());
        let PermittedUsers::AdminApproved(policy) = &app.permitted_users else { continue };
        found
            .report(
                &credential.component,
                subject,
                format!(
                    "the {} `{}` admits only users with {}, but `{username}` {described}",
                    app.noun(),
                    app.name(),
                    names.join(", ")
                ),
            )
            .label("the user who logs in")
            .related_to(approved, "approved users")
            .related_to(
                target.user(username.as_str()).map(|user| &user.username),
                "what the user has",
            )
            .related(policy, "admin approved")
            .help(match app.permission_sets.first() {
                Some(set) => format!(
                    "assign the permission set `{set}` to the user (Setup > Permission Sets > \
                     Manage Assignments), or approve one that the user has (Setup > App Manager > \
                     {} > Manage > Manage Permission Sets)",
                    app.name()
                ),
                None => format!(
                    "approve the profile of the user or, preferably, a permission set (Setup > App \
                     Manager > {} > Manage > Manage Permission Sets)",
                    app.name()
                ),
            })
            .field("sub");
    }
}
