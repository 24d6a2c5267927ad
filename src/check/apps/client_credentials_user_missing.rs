//! The client credentials flow runs as a user that the app must specify.

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, OAUTH_POLICIES, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some((switch, user, element)) = flow(app) else { continue };
        if !switch.is_true()
            || user.is_some_and(|user| !user.is_empty())
            || has_misspelled_user(app)
        {
            continue;
        }
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
            .related_to(user.map(|user| user.element), "empty")
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

/// The switch of the flow, its user, and the element for the user.
fn flow(app: &App) -> Option<(&Text, Option<&Text>, &'static str)> {
    match app.kind {
        AppKind::ConnectedApp => Some((
            app.field("oauthConfig/isClientCredentialEnabled")?,
            app.field("oauthConfig/oauthClientCredentialUser"),
            "oauthClientCredentialUser",
        )),
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
