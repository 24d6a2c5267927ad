//! The setting for access tokens in JWT format is mistaken for the one that makes an app accept
//! JWTs.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // An app that a credential uses in another flow is not meant for JWT bearer.
    let in_other_flows: HashSet<Span> =
        workspace.app_logins().map(|login| login.app.component.place).collect();
    for (_, app) in workspace.apps() {
        // If a credential logs in with the app, its missing certificate is reported instead.
        let is_misread = |switch: &&Text| {
            switch.is_true()
                && !workspace.is_jwt_app(app)
                && !in_other_flows.contains(&app.component.place)
        };
        let Some(switch) = switch(app).filter(is_misread) else { continue };
        found
            .report(
                &app.component,
                switch,
                format!(
                    "`isNamedUserJwtEnabled` of the {} `{}` sets the format of its access tokens; \
                     the app has no certificate, so the JWT bearer flow is off",
                    app.noun(),
                    app.name()
                ),
            )
            .label("does not enable the JWT bearer flow")
            .help(
                "to accept signed JWTs, upload the certificate that they are signed with (*Use \
                 digital signatures*, or *Enable JWT Bearer Flow*); if you only want tokens in JWT \
                 format, nothing is wrong",
            )
            .field("isNamedUserJwtEnabled");
    }
}

/// The setting, if the file that would contain the certificate is present too.
fn switch(app: &App) -> Option<&Text> {
    let present = app.kind == AppKind::ConnectedApp || app.part(OAUTH_GLOBALS).is_some();
    app.named_user_jwt().filter(|_| present)
}
