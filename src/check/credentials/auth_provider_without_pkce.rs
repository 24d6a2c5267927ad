//! An app that requires PKCE rejects a login without a code challenge.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{MatchedBy, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.app_logins() {
        let app = connection.app;
        let Some(provider) = connection
            .login
            .provider(connection.calling_org)
            .filter(|_| connection.login.flow.is_authorization_code())
        else {
            continue;
        };
        let Some(required) = app.required_code_challenge() else { continue };
        if provider.sends_code_challenge() != Some(false) {
            continue;
        }
        let is_identity = provider.is_identity();
        let flag = provider.record.get("isPkceEnabled").filter(|_| !is_identity);
        let finding = found
            .report(
                provider.component(),
                &flag.map_or(provider.component().place, |flag| flag.span),
                format!(
                    "the {} `{}` does not send a PKCE code challenge, which the {} `{}` requires",
                    provider.noun(),
                    provider.name(),
                    app.noun(),
                    app.name()
                ),
            )
            .label("PKCE is off")
            .related(required, "PKCE is required here")
            .help(if is_identity {
                "add a parameter of type `IdentityProviderOptions`, named `PkceEnabled`, with the \
                 value `true`"
            } else {
                "set `isPkceEnabled` to `true` (*Use Proof Key for Code Exchange (PKCE) Extension* \
                 in Setup > Identity > Auth. Providers)"
            })
            .unsafe_fix("use PKCE", flag.and_then(|flag| Edit::replace(flag, "true")))
            .field("pkce");
        // Another app, which is not in the files, may be meant.
        if connection.matched_by == MatchedBy::OnlyCandidate {
            finding.at_most(Severity::Warning);
        }
    }
}
