//! If a claim is set twice, its value is undefined.

use crate::finding::Findings;
use crate::model::{JwtPart, Parameter, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in
        workspace.external_credentials().filter(|(_, credential)| credential.signs_jwt())
    {
        let claims: Vec<(JwtPart, &Text, &Parameter)> = credential.claims().collect();
        let is_same = |left: &(JwtPart, &Text, &Parameter),
                       right: &(JwtPart, &Text, &Parameter)| {
            left.0 == right.0
                && left.1.as_str() == right.1.as_str()
                && group(left.2) == group(right.2)
        };
        for (index, claim) in claims.iter().enumerate() {
            let Some(first) = claims.iter().take(index).find(|earlier| is_same(earlier, claim))
            else {
                continue;
            };
            let (part, name, _) = claim;
            found
                .report(
                    &credential.component,
                    *name,
                    format!("the claim `{name}` is set twice in the {} of the JWT", part.name()),
                )
                .label("again here")
                .related(first.1, "first set here")
                .help("keep the claim with the correct value and remove the other")
                .field(format!("{name} {}", part.name()));
        }
    }
}

/// The parameter group of a claim. A claim can be set for one principal; without a group it applies
/// to all.
fn group(parameter: &Parameter) -> &str {
    match parameter.group.as_ref().map_or("", Text::as_str) {
        "DefaultGroup" | "DEFAULT_GROUP" => "",
        other => other,
    }
}
