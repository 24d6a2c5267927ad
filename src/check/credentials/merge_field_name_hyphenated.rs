//! A hyphen in the name of a merge field is a minus sign.

use crate::finding::Findings;
use crate::model::{Component, ParameterType, Workspace, hyphenated_fields};
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
