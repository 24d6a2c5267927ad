//! An integration needs an API and nothing for people: other scopes only widen what a stolen key can do.

use super::shared_scopes::without;
use crate::finding::Findings;
use crate::model::{Named, Scope, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.jwt_apps() {
        let scopes = app.scopes.as_deref().unwrap_or_default();
        // The Salesforce CLI opens the org in a browser with the same app.
        let of_the_cli =
            app.callback.as_ref().is_some_and(|url| url.as_str().contains("/OauthRedirect"));
        let is_surplus =
            |scope: Scope| scope == Scope::Other || (scope == Scope::Web && !of_the_cli);
        let surplus: Vec<&Text> = scopes
            .iter()
            .filter(|scope| scope.known().is_some() && is_surplus(Scope::parse(scope.as_str())))
            .collect();
        // The full scope holds all of these, and has a rule of its own; and a list without an API is not yet one of an integration.
        if app.lists(|scope| scope == Scope::Full) != Some(false)
            || app.lists(Scope::opens_an_api) != Some(true)
        {
            continue;
        }
        let Some(first) = surplus.first() else { continue };
        let names: Vec<String> = surplus.iter().map(|scope| format!("`{scope}`")).collect();
        let (scope, its) =
            if names.len() == 1 { ("the scope", "it") } else { ("the scopes", "them") };
        let finding = found
            .at(
                &app.component,
                *first,
                format!(
                    "the {} `{}` lists {scope} {}; the JWT bearer flow does not need {its}",
                    app.noun(),
                    app.name(),
                    names.join(", ")
                ),
            )
            .label("not for an API");
        let finding = surplus
            .iter()
            .skip(1)
            .fold(finding, |finding, scope| finding.related(*scope, "nor is this"));
        finding
            .help(format!("keep an API scope and `RefreshToken`, and take {its} away unless people log in with this app too"))
            .unsafe_fix("keep the scopes that the flow needs", without(app, &surplus))
            .field("scopes");
    }
}
