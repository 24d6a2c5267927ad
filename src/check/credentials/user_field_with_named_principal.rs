//! A header that reads from the running user, on a credential that all users share.

use crate::finding::Findings;
use crate::model::{Component, ExternalCredential, Named, ParameterType, Workspace, formulas};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for header in credential.parameters_of(ParameterType::AuthHeader) {
            report(&credential.component, credential, header.value.as_ref(), found);
        }
    }
    for (org, named) in workspace.named_credentials() {
        let Some(external) = org.external_of(named) else { continue };
        for header in &named.headers {
            report(&named.component, external, header.value.as_ref(), found);
        }
    }
}

fn report(
    component: &Component,
    credential: &ExternalCredential,
    value: Option<&Text>,
    found: &mut Findings,
) {
    let mut principals = credential.principals().peekable();
    let Some(named) = principals.peek().copied() else { return };
    if principals.any(|principal| principal.is_per_user()) {
        return;
    }
    let Some((text, value)) = value.and_then(|text| Some((text, text.known()?))) else { return };
    let field = formulas(value).find_map(|formula| {
        formula
            .expression
            .fields()
            .into_iter()
            .find(|(name, _)| {
                name.get(..6).is_some_and(|global| global.eq_ignore_ascii_case("$User."))
            })
            .map(|(name, range)| text.part(name, range.start, range.end))
    });
    let Some(field) = field else { return };
    found
        .report(
            component,
            &field,
            format!(
                "this header reads `{field}`, but the external credential `{}` has named \
                 principals only",
                credential.name()
            ),
        )
        .label("a field of the running user")
        .related(named.name, "all users share this principal")
        .help(
            "use a per-user principal (*Principals* in Setup > Security > Named Credentials > \
             External Credentials), or set the header in Apex",
        )
        .field(field.as_str());
}
