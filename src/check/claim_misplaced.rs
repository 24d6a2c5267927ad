//! Header and body of a JWT have claims of their own; in the other half nobody looks for them.

use crate::finding::{Edit, Findings};
use crate::model::{Workspace, registered_claim};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some((_, owner)) = workspace
            .external_credentials()
            .find(|(_, other)| other.component.place == credential.component.place)
        else {
            continue;
        };
        for (part, name, parameter) in owner.claims() {
            let Some((known, home)) = registered_claim(name.as_str())
                .filter(|(known, _)| !matches!(*known, "iat" | "nbf" | "jti"))
            else {
                continue;
            };
            let type_of_token = known == "typ"
                && !parameter
                    .value
                    .as_ref()
                    .and_then(Text::known)
                    .is_some_and(|value| value.eq_ignore_ascii_case("JWT"));
            // Other servers may want a claim repeated in the header, or a `typ` of their own in the body.
            let foreign_custom =
                !credential.is_to_salesforce() && (owner.has_claim(home, known) || type_of_token);
            if part == home || foreign_custom {
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
                .at(
                    &credential.component,
                    name,
                    format!(
                        "`{name}` stands in the {} of the JWT, but belongs in its {}",
                        part.name(),
                        home.name()
                    ),
                )
                .label("in the wrong half")
                .related_to(parameter.kind_text.as_ref(), "this says which half")
                .help(format!(
                    "make it a `{}` (*JWT Claims* in Setup has a list for each half)",
                    home.parameter_type()
                ))
                .safe_fix(format!("move it to the {}", home.name()), edit)
                .field(format!("{known} {}", part.name()));
        }
    }
}
