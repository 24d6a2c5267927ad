//! `jti`, `iat` and `nbf` belong to one JWT; a fixed value makes every JWT the same one.

use crate::finding::{Edit, Findings};
use crate::model::{Lifetime, Workspace, expiry_formula};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        for claim in &credential.body_claims {
            let (name, Some(text)) = (claim.name.as_str(), &claim.value) else { continue };
            let Some(value) = text.known() else { continue };
            let is_static = match name {
                "jti" => !value.contains("{!"),
                "iat" | "nbf" => {
                    !value.contains("{!") && !value.contains('(')
                        || Lifetime::parse(value) == Lifetime::Static
                }
                _ => continue,
            };
            if !is_static {
                continue;
            }
            let (message, help) = if name == "jti" {
                (
                    "every JWT carries the same `jti`, so that the second one looks like a replay of the first".to_owned(),
                    "remove the claim, which Salesforce does not ask for, or use a formula that never gives the same text twice".to_owned(),
                )
            } else {
                (
                    format!(
                        "`{name}` is fixed, so that every JWT says it was made at the same moment"
                    ),
                    format!("set `{name}` to `{}`", expiry_formula(0)),
                )
            };
            let edit = if name != "jti" {
                Edit::replace(text, &expiry_formula(0))
            } else {
                credential.is_to_salesforce().then_some(Edit::Remove(claim.element))
            };
            let title =
                if name == "jti" { "remove the claim" } else { "give the moment of signing" };
            found
                .at(&credential.component, text, message)
                .label("the same in every JWT")
                .help(help)
                .safe_fix(title, edit)
                .field(name);
        }
    }
}
