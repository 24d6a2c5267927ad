//! Scopes for interactive users only increase what a stolen key can do.

use crate::check::shared_scopes::without;
use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let scopes = app.scopes.as_deref().unwrap_or_default();
        // The Salesforce CLI opens the org in a browser with the same app.
        let is_cli_app =
            app.callback.as_ref().is_some_and(|url| url.as_str().contains("/OauthRedirect"));
        let is_surplus =
            |scope: Scope| scope == Scope::Other || (scope == Scope::Web && !is_cli_app);
        let surplus: Vec<&Text> = scopes
            .iter()
            .filter(|scope| scope.known().is_some() && is_surplus(Scope::parse(scope.as_str())))
            .collect();
        // `Full` includes all of these and is covered by `app-full-scope`. Without an API scope,
        // the app is not known to be an integration.
        if app.lists(|scope| scope == Scope::Full) != Some(false)
            || app.lists(Scope::gives_api_access) != Some(true)
        {
            continue;
        }
        let Some(first) = surplus.first() else { continue };
        let names: Vec<String> = surplus.iter().map(|scope| format!("`{scope}`")).collect();
        let (scope, pronoun) =
            if names.len() == 1 { ("the scope", "it") } else { ("the scopes", "them") };
        let finding = found
            .report(
                &app.component,
                *first,
                format!(
                    "the {} `{}` has {scope} {}; the JWT bearer flow does not need {pronoun}",
                    app.noun(),
                    app.name(),
                    names.join(", ")
                ),
            )
            .label("not needed for an API");
        let finding = surplus
            .iter()
            .skip(1)
            .fold(finding, |finding, scope| finding.related(*scope, "not needed either"));
        finding
            .help(format!(
                "keep an API scope and `RefreshToken`, and remove {pronoun} unless people also log \
                 in with this app"
            ))
            .unsafe_fix("keep only the scopes that the flow needs", without(app, &surplus))
            .field("scopes");
    }
}
