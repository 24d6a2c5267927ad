//! Claim names are case-sensitive, and whitespace or quotes are part of the name.

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
                "has whitespace around it"
            } else if name.as_str().eq_ignore_ascii_case(known) {
                "has capital letters"
            } else {
                "has quotes or whitespace around it"
            };
            found
                .report(
                    &credential.component,
                    &name.outer,
                    format!("the claim name `{name}` {why}, so it is not the claim `{known}`"),
                )
                .label("the name of the claim")
                .help(format!("rename it to `{known}`"))
                .safe_fix(format!("rename it to `{known}`"), Edit::replace_trimmed(name, known))
                .field(known);
        }
    }
}
