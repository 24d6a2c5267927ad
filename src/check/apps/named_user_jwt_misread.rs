//! The switch for access tokens in JWT format is taken for the one that lets an app accept JWTs.

use crate::finding::Findings;
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, OAUTH_POLICIES, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        // Where a credential logs in with the app, the missing certificate itself is reported.
        let Some(switch) =
            switch(app).filter(|switch| switch.is_true() && !workspace.is_jwt_app(app))
        else {
            continue;
        };
        found
            .at(&app.component, switch, format!("`isNamedUserJwtEnabled` of the {} `{}` says what its access tokens look like; there is no certificate, so the JWT bearer flow is off", app.noun(), app.name()))
            .label("not the JWT bearer flow")
            .help("to accept signed JWTs, upload the certificate that they are signed with (*Use digital signatures*, or *Enable JWT Bearer Flow*); if tokens in JWT format are all you want, nothing is wrong")
            .field("isNamedUserJwtEnabled");
    }
}

/// The switch, where the file that would hold the certificate is there too.
fn switch(app: &App) -> Option<&Text> {
    match app.kind {
        AppKind::ConnectedApp => app.field("oauthConfig/isNamedUserJwtEnabled"),
        AppKind::ExternalClientApp => {
            let globals = app.part(OAUTH_GLOBALS)?.get("isNamedUserJwtEnabled");
            let policies =
                app.part(OAUTH_POLICIES).and_then(|policies| policies.get("isNamedUserJwtEnabled"));
            [globals, policies].into_iter().flatten().find(|switch| switch.is_true())
        }
    }
}
