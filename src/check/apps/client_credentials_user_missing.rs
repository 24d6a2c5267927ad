//! The client credentials flow runs as a user that the app must specify.

use crate::finding::Findings;
use crate::model::{App, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let flow = app.client_credentials();
        // Without the policies of an external client app, its user is unknown.
        let Some(switch) = flow.switch().filter(|_| flow.has_user) else { continue };
        if flow.filled_user().is_some() || has_misspelled_user(app) {
            continue;
        }
        let element = flow.user_element;
        found
            .report(
                &app.component,
                switch,
                format!(
                    "the client credentials flow of the {} `{}` is enabled, but no user is set for \
                     it to run as",
                    app.noun(),
                    app.name()
                ),
            )
            .label("enabled")
            .related_to(flow.user.map(|user| user.element), "empty")
            .help(format!(
                "set `{element}` to the integration user (*Run As* under *Client Credentials Flow* \
                 in the app's policies), or disable the flow if no caller uses it"
            ))
            .field(element);
    }
}

/// Whether a user is set in a misspelled element, which another rule reports.
fn has_misspelled_user(app: &App) -> bool {
    let is_user = |path: &str| path.contains("credential") && path.ends_with("user");
    app.records
        .iter()
        .flat_map(|record| &record.fields)
        .any(|field| is_user(&field.path.to_lowercase()) && !field.text.is_empty())
}
