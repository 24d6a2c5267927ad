//! An app for admin-approved users admits only users with one of its profiles or permission sets.

use crate::finding::{FindingBuilder, Findings, Severity};
use crate::model::{LoginUser, Named, PermittedUsers, SetupPage, Subject, Username, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.connections() {
        let (credential, target) = (connection.credential, connection.target_org);
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let is_target =
            workspace.answering_org(credential).is_some_and(|org| std::ptr::eq(org, target));
        if !is_target || workspace.foreign_subject(credential).is_some() {
            continue;
        }
        let user = LoginUser {
            component: &credential.component,
            username: subject,
            field: "sub",
            app: connection.app,
            target_org: target,
        };
        if let Some(username) = login.username() {
            report(&user, username, found);
        }
    }
    for user in workspace.run_as_users() {
        let Some(subject) = Subject::parse(user.username) else { continue };
        let finding = subject.username().and_then(|username| report(&user, username, found));
        // Sources disagree on whether the policy applies to the run-as user.
        if let Some(finding) = finding {
            finding.at_most(Severity::Warning);
        }
    }
}

fn report<'a>(
    login: &LoginUser<'_>,
    username: &Username,
    found: &'a mut Findings,
) -> Option<FindingBuilder<'a>> {
    let (app, target) = (login.app, login.target_org);
    let PermittedUsers::AdminApproved(policy) = &app.permitted_users else { return None };
    if target.approves(app, username) != Some(false) {
        return None;
    }
    let sets = app.permission_sets.iter().map(|name| format!("the permission set `{name}`"));
    let profiles = app.profiles.iter().map(|name| format!("the profile `{name}`"));
    let approving: Vec<String> = sets.chain(profiles).collect();
    let has_none = if approving.len() == 1 { "does not have it" } else { "has none of them" };
    let approved = app.permission_sets.first().or(app.profiles.first());
    let finding = found
        .report(
            login.component,
            login.username,
            format!(
                "the {} `{}` admits only users with {}, but `{username}` {has_none}",
                app.noun(),
                app.name(),
                approving.join(" or ")
            ),
        )
        .label("the user who logs in")
        .related_to(approved, "approved users")
        .related_to(target.user(username.as_str()).map(|user| &user.username), "what the user has")
        .related(policy, "admin approved")
        .help(match app.permission_sets.first() {
            Some(set) => format!(
                "assign the permission set `{set}` to the user (Setup > Permission Sets > Manage \
                 Assignments), or approve one that the user has ({})",
                app.setup(SetupPage::Approvals)
            ),
            None => format!(
                "approve the profile of the user or, preferably, a permission set ({})",
                app.setup(SetupPage::Approvals)
            ),
        })
        .field(login.field);
    Some(finding)
}
