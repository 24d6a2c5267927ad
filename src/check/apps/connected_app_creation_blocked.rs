//! New connected apps can no longer be created; external client apps replace them.

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        let is_connected = app.kind == AppKind::ConnectedApp && !app.records.is_empty();
        let Some(place) = app.oauth.filter(|_| is_connected && !has_key(app)) else { continue };
        let is_packaged =
            app.is_packaged(org.namespace.as_deref()) || workspace.is_packaged(&app.component);
        if is_packaged || workspace.connections_of(app).next().is_some() {
            continue;
        }
        found
            .report(
                &app.component,
                &place,
                format!(
                    "the connected app `{}` has no consumer key here; if the org does not have the \
                     app yet, it refuses to create it",
                    app.name()
                ),
            )
            .label("no `consumerKey`")
            .help(
                "create an external client app instead (Setup > External Client App Manager); since \
                 Spring '26, orgs create no connected apps unless Salesforce Support enables it",
            )
            .field("consumerKey");
    }
}

/// Whether the file has the element, with a value or a placeholder.
fn has_key(app: &App) -> bool {
    app.field("oauthConfig/consumerKey").is_some_and(|key| !key.is_empty())
}
