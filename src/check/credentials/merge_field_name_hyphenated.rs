//! A hyphen in the name of a merge field is a minus sign.

use crate::finding::Findings;
use crate::model::{Component, Workspace, hyphenated_fields};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (component, text) in workspace.formula_texts() {
        report(component, text, found);
    }
}

fn report(component: &Component, text: &Text, found: &mut Findings) {
    let Some(value) = text.known() else { return };
    for range in hyphenated_fields(value) {
        let part = value.get(range.clone()).unwrap_or_default();
        let field = text.part(part, range.start, range.end);
        found
            .report(
                component,
                &field,
                format!("`{part}` contains a hyphen, which a formula reads as a minus sign"),
            )
            .label("a subtraction")
            .help(
                "name the authentication parameter with letters, digits and underscores \
                 (*Principals* in Setup > Security > Named Credentials > External Credentials), \
                 and use that name in the formula",
            )
            .field(part);
    }
}
