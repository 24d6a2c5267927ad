//! A formula function with an argument or a result of the wrong type, or with an algorithm that it does not have.

use crate::finding::Findings;
use crate::model::{Component, Misuse, Workspace, formulas};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (component, text) in workspace.formula_texts() {
        report(component, text, found);
    }
}

fn report(component: &Component, text: &Text, found: &mut Findings) {
    let Some(value) = text.known() else { return };
    for misuse in formulas(value).flat_map(|formula| formula.misuses()) {
        let (message, label, help, function, range) = match &misuse {
            Misuse::NeedsBlob { function, place } => (
                format!("`{function}` takes bytes, but its argument is text"),
                "text",
                "wrap the argument in `BLOB(…)`".to_owned(),
                function,
                place,
            ),
            Misuse::Algorithm { function, place } => (
                format!("`{function}` supports the algorithm `SHA-256` only"),
                "not supported",
                format!("write `{function}('SHA-256', …)`, or compute the value in Apex"),
                function,
                place,
            ),
            Misuse::GivesBlob { function, place } => (
                format!("`{function}` returns bytes, but a header or body is text"),
                "bytes",
                "wrap the call in `HEX(…)` or `BASE64ENCODE(…)`, as the receiver expects"
                    .to_owned(),
                function,
                place,
            ),
        };
        let part = value.get(range.clone()).unwrap_or_default();
        let place = text.part(part, range.start, range.end);
        found.report(component, &place, message).label(label).help(help).field(function);
    }
}
