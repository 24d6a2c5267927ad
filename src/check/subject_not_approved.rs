//! An app for approved users only lets in who has one of its profiles or permission sets.

use crate::finding::Findings;
use crate::model::{Named, PermittedUsers, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let (credential, app, target_org) =
            (connection.credential, connection.app, connection.target_org);
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let Some(username) = login.username() else { continue };
        let answers =
            workspace.answering_org(credential).is_some_and(|org| std::ptr::eq(org, target_org));
        if !answers
            || target_org.approves(app, username) != Some(false)
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
        let lacks = if names.len() == 1 {
            "is described without it"
        } else {
            "is described with none of them"
        };
        let approved = app.permission_sets.first().or(app.profiles.first());
        let PermittedUsers::AdminApproved(policy) = &app.permitted_users else { continue };
        found
            .at(&credential.component, subject, format!("the {} `{}` lets in only {}, and `{username}` {lacks}", app.noun(), app.name(), names.join(", ")))
            .label("the user who logs in")
            .related_to(approved, "approved users")
            .related_to(target_org.user(username.as_str()).map(|user| &user.username), "what the user has")
            .related(policy, "admin approved")
            .help(match app.permission_sets.first() {
                Some(set) => format!("assign the permission set `{set}` to the user (Setup > Permission Sets > Manage Assignments), or approve one that the user has (Setup > App Manager > {} > Manage > Manage Permission Sets)", app.name()),
                None => format!("approve the profile of the user, or better a permission set (Setup > App Manager > {} > Manage > Manage Permission Sets)", app.name()),
            })
            .field("sub");
    }
}
