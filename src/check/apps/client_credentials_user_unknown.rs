//! The users of the org are described, and the run-as user is not one of them, or is inactive.

use crate::finding::Findings;
use crate::model::{Named, Subject, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for login in workspace.run_as_users() {
        let (app, org) = (login.app, login.target_org);
        let Some(subject) = Subject::parse(login.username) else { continue };
        let users = org.users.as_deref().unwrap_or_default();
        // `client-credentials-user-malformed` reports everything else.
        let Some(username) = subject.username().filter(|username| {
            org.my_domain
                .as_ref()
                .is_none_or(|host| username.contradicts(host, &workspace.sandboxes).is_none())
        }) else {
            continue;
        };
        let known = login.user();
        let lacking = org.lacks_user(username.as_str());
        if known.is_some_and(|user| user.active)
            || known.is_none() && (lacking.is_none() || org.assigns(username))
        {
            continue;
        }
        let near = nearest(username.as_str(), users.iter().map(|user| user.username.as_str()));
        let (what, help) = match (known, near) {
            (Some(_), _) => (
                "is inactive",
                "activate the user (Setup > Users > Edit > Active), or choose another run-as user"
                    .to_owned(),
            ),
            (None, Some(near)) => {
                ("is not one of the users described for the org", format!("did you mean `{near}`?"))
            }
            (None, None) => (
                "is not one of the users described for the org",
                "choose a user of this org (Setup > Users > Users, column *Username*), or add the \
                 user to the description"
                    .to_owned(),
            ),
        };
        let similar = near.and_then(|near| org.user(near));
        let shown = known.or(similar).map(|user| &user.username).or(lacking);
        let label = match (known, near) {
            (Some(_), _) => "described as inactive",
            (None, Some(_)) => "the most similar username",
            (None, None) => "the users described for the org",
        };
        found
            .report(
                &app.component,
                login.username,
                format!(
                    "the run-as user `{username}` of the {} `{}` {what}",
                    app.noun(),
                    app.name()
                ),
            )
            .label("run-as user of the client credentials flow")
            .related_to(shown, label)
            .help(help)
            .field(login.field);
    }
}
