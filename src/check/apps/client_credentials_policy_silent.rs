//! The settings permit the client credentials flow, and the policies do not turn it on.

use crate::finding::Findings;
use crate::model::{AppKind, Named, OAUTH_POLICIES, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let flow = app.client_credentials();
        let permitted = flow.settings.filter(|switch| Text::is_true(switch));
        let (AppKind::ExternalClientApp, Some(switch), Some(policies)) =
            (app.kind, permitted, app.file(OAUTH_POLICIES))
        else {
            continue;
        };
        if flow.policy.is_some() || flow.user.is_some() {
            continue;
        }
        found
            .report(
                &app.component,
                switch,
                format!(
                    "the OAuth settings of the external client app `{}` enable the client \
                     credentials flow, but its policies do not, and the default is off",
                    app.name()
                ),
            )
            .label("enabled in the settings")
            .related(&policies.component.place, "no `isClientCredentialsFlowEnabled` here")
            .help(
                "enable it in the policies too and choose a run-as user (*Client Credentials Flow* in \
                 External Client App Manager > the app > Policies > OAuth Policies), or disable it in \
                 the settings",
            )
            .field("client credentials flow");
    }
}
