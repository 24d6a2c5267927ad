//! Header and body of a JWT have different claims; a server ignores those in the wrong part.

use crate::finding::{Edit, Findings};
use crate::model::{Workspace, registered_claim};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some(owner) = workspace.external_of(credential) else { continue };
        for (part, name, parameter) in owner.claims() {
            let Some((known, home)) = registered_claim(name.as_str())
                .filter(|(known, _)| !matches!(*known, "iat" | "nbf" | "jti"))
            else {
                continue;
            };
            let is_custom_type = known == "typ"
                && !parameter
                    .value
                    .as_ref()
                    .and_then(Text::known)
                    .is_some_and(|value| value.eq_ignore_ascii_case("JWT"));
            // Other servers may require a claim to be repeated in the header, or a custom `typ` in
            // the body.
            let is_custom_claim =
                !credential.is_to_salesforce() && (owner.has_claim(home, known) || is_custom_type);
            if part == home || is_custom_claim {
                continue;
            }
            let mut edit = parameter
                .kind_text
                .as_ref()
                .and_then(|kind| Edit::replace(kind, home.parameter_type()));
            if owner.has_claim(home, known) {
                edit = Some(Edit::Remove(parameter.element));
            }
            found
                .report(
                    &credential.component,
                    name,
                    format!(
                        "the claim `{name}` is in the {} of the JWT, but belongs in the {}",
                        part.name(),
                        home.name()
                    ),
                )
                .label("in the wrong part")
                .related_to(parameter.kind_text.as_ref(), "sets the part of the JWT")
                .help(format!(
                    "change its type to `{}` (*JWT Claims* in Setup has a list for each part)",
                    home.parameter_type()
                ))
                .safe_fix(format!("move it to the {}", home.name()), edit)
                .field(format!("{known} {}", part.name()));
        }
    }
}
