//! An app of the JWT bearer flow that only works for users who authorized it in a browser before.

use crate::check::shared_approval;
use crate::finding::Findings;
use crate::model::{Named, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let Some(place) = app.self_authorization() else { continue };
        if !shared_approval::may_be_for_people(workspace, app) {
            continue;
        }
        let callback = app.callback_urls().into_iter().next().map(|(_, text)| text.span);
        found
            .report(
                &app.component,
                &place,
                format!(
                    "the {} `{}` accepts signed JWTs only for users who have authorized it in a \
                     browser before",
                    app.noun(),
                    app.name()
                ),
            )
            .label("users authorize themselves")
            .related_to(callback, "a callback URL for a browser login")
            .help(format!(
                "choose *Admin approved users are pre-authorized* under *Permitted Users* ({}) and \
                 add a permission set of its users, unless all of them log in with a browser first",
                app.setup(SetupPage::Policies)
            ))
            .field("permitted users");
    }
}
