//! The client credentials flow runs as a user that the app names.

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, OAUTH_POLICIES, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some((switch, user, element)) = flow(app) else { continue };
        if !switch.is_true() || user.is_some_and(|user| !user.is_empty()) || names_a_user(app) {
            continue;
        }
        found
            .at(&app.component, switch, format!("the client credentials flow of the {} `{}` is on, and no user to run as is named", app.noun(), app.name()))
            .label("switched on")
            .related_to(user.map(|user| user.element), "empty")
            .help(format!("name the integration user in `{element}` (*Run As* under *Client Credentials Flow* in the app's policies), or switch the flow off if no caller uses it"))
            .field(element);
    }
}

/// A user stands under a slightly wrong name, which is another rule's business.
fn names_a_user(app: &App) -> bool {
    let named = |path: &str| path.contains("credential") && path.ends_with("user");
    app.records
        .iter()
        .flat_map(|record| &record.fields)
        .any(|field| named(&field.path.to_lowercase()) && !field.text.is_empty())
}

/// The switch, the user, and the element that names the user.
fn flow(app: &App) -> Option<(&Text, Option<&Text>, &'static str)> {
    match app.kind {
        AppKind::ConnectedApp => {
            let element = "oauthClientCredentialUser";
            Some((
                app.field("oauthConfig/isClientCredentialEnabled")?,
                app.field("oauthConfig/oauthClientCredentialUser"),
                element,
            ))
        }
        AppKind::ExternalClientApp => {
            let element = "clientCredentialsFlowUser";
            let name = "isClientCredentialsFlowEnabled";
            let globally_off = app
                .part(OAUTH_GLOBALS)
                .and_then(|globals| globals.get(name))
                .is_some_and(|switch| !switch.is_true());
            let policies = app.part(OAUTH_POLICIES).filter(|_| !globally_off)?;
            Some((policies.get(name)?, policies.get(element), element))
        }
    }
}
