//! If a claim is set twice, its value is undefined.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Parameter, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in
        workspace.external_credentials().filter(|(_, credential)| credential.signs_jwt())
    {
        let mut firsts: HashMap<(&str, &str, &str), &Text> = HashMap::new();
        for (part, name, parameter) in credential.claims() {
            let first =
                *firsts.entry((part.name(), name.as_str(), group(parameter))).or_insert(name);
            if std::ptr::eq(first, name) {
                continue;
            }
            found
                .report(
                    &credential.component,
                    name,
                    format!("the claim `{name}` is set twice in the {} of the JWT", part.name()),
                )
                .label("again here")
                .related(first, "first set here")
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
