//! A header that reads from the running user, on a credential that all users share.

use crate::finding::Findings;
use crate::model::{
    Component, ExternalCredential, Named, ParameterType, Principal, Workspace, formulas,
};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let shared: Vec<Option<Principal<'_>>> =
            org.external_credentials.iter().map(shared_principal).collect();
        for (credential, shared) in org.external_credentials.iter().zip(&shared) {
            let Some(shared) = shared else { continue };
            for header in credential.parameters_of(ParameterType::AuthHeader) {
                report(&credential.component, credential, shared, header.value.as_ref(), found);
            }
        }
        for named in &org.named_credentials {
            let Some(external) = org.external_of(named) else { continue };
            let position = org.external_credentials.element_offset(external);
            let Some(shared) = position.and_then(|position| shared[position]) else { continue };
            for header in &named.headers {
                report(&named.component, external, &shared, header.value.as_ref(), found);
            }
        }
    }
}

/// The first principal of a credential whose principals are all shared by its users.
fn shared_principal(credential: &ExternalCredential) -> Option<Principal<'_>> {
    let mut principals = credential.principals();
    let first = principals.next()?;
    let per_user = first.is_per_user() || principals.any(|principal| principal.is_per_user());
    (!per_user).then_some(first)
}

fn report(
    component: &Component,
    credential: &ExternalCredential,
    shared: &Principal<'_>,
    value: Option<&Text>,
    found: &mut Findings,
) {
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
        .related(shared.name, "all users share this principal")
        .help(
            "use a per-user principal (*Principals* in Setup > Security > Named Credentials > \
             External Credentials), or set the header in Apex",
        )
        .field(field.as_str());
}
