//! A formula function with an argument or a result of the wrong type, or with an algorithm that it does not have.

use crate::finding::Findings;
use crate::model::{Component, Misuse, ParameterType, Workspace, formulas};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for header in credential.parameters_of(ParameterType::AuthHeader) {
            report(&credential.component, header.value.as_ref(), found);
        }
    }
    for (_, named) in workspace.named_credentials() {
        for header in &named.headers {
            report(&named.component, header.value.as_ref(), found);
        }
    }
    for unit in workspace.orgs.iter().flat_map(|org| &org.apex) {
        for request in &unit.request_texts {
            report(&unit.component, Some(&request.text), found);
        }
    }
}

fn report(component: &Component, value: Option<&Text>, found: &mut Findings) {
    let Some((text, value)) = value.and_then(|text| Some((text, text.known()?))) else { return };
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
