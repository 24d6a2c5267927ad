//! `jti`, `iat` and `nbf` must be different in every JWT.

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
            let (message, help, title, edit) = if name == "jti" {
                (
                    "every JWT has the same `jti`, so the second one looks like a replay of the \
                     first"
                        .to_owned(),
                    "remove the claim, which Salesforce does not require, or use a formula that \
                     never produces the same value twice"
                        .to_owned(),
                    "remove the claim",
                    credential.is_to_salesforce().then_some(Edit::Remove(claim.element)),
                )
            } else {
                let now = expiry_formula(0);
                (
                    format!("`{name}` is fixed, so every JWT claims to be issued at the same time"),
                    format!("set `{name}` to `{now}`"),
                    "use the time of signing",
                    Edit::replace(text, &now),
                )
            };
            found
                .report(&credential.component, text, message)
                .label("the same in every JWT")
                .help(help)
                .safe_fix(title, edit)
                .field(name);
        }
    }
}
