//! Claim names are compared letter by letter.

use crate::finding::{Edit, Findings};
use crate::model::{Workspace, registered_claim};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in
        workspace.external_credentials().filter(|(_, credential)| credential.signs_jwt())
    {
        for (part, name, _) in credential.claims() {
            let Some((known, _)) = registered_claim(name.raw()) else { continue };
            if name.raw() == known || credential.has_claim(part, known) {
                continue;
            }
            let why = if name.as_str() == known {
                "has blanks or line breaks around it"
            } else if name.as_str().eq_ignore_ascii_case(known) {
                "has capital letters"
            } else {
                "has quotes or blanks around it"
            };
            found
                .at(
                    &credential.component,
                    &name.outer,
                    format!("the claim name `{name}` {why}, and so is not the claim `{known}`"),
                )
                .label("the name of the claim")
                .help(format!("name it `{known}`"))
                .safe_fix(format!("name it `{known}`"), Edit::replace_trimmed(name, known))
                .field(known);
        }
    }
}
