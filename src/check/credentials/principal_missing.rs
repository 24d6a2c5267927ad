//! Access to an external credential is granted through its principals, and this one has none.

use crate::finding::{Edit, Findings, external_credential_parameter};
use crate::model::{ExternalCredential, Flow, Named, Workspace};
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let placeholder = credential.parameters.iter().any(|parameter| {
            parameter.kind_text.as_ref().is_some_and(|kind| kind.known().is_none())
        });
        if matches!(credential.flow(), Flow::Custom | Flow::NoAuthentication | Flow::Unknown)
            || placeholder
            || credential.principals().next().is_some()
        {
            continue;
        }
        let place = credential
            .variant()
            .or(credential.protocol.as_ref())
            .map_or(credential.component.place, |text| text.span);
        found
            .report(
                &credential.component,
                &place,
                format!(
                    "the external credential `{}` has no principal, so no permission set can grant \
                     it",
                    credential.name()
                ),
            )
            .label("this flow needs a principal")
            .help(
                "add a parameter of type `NamedPrincipal` (*Principals* in Setup > Security > \
                 Named Credentials > External Credentials), and grant it in a permission set under \
                 *External Credential Principal Access*",
            )
            .unsafe_fix("add a named principal", added(credential))
            .field("principals");
    }
}

fn added(credential: &ExternalCredential) -> Option<Edit> {
    let last = credential.parameters.last()?;
    let syntax = last.value.as_ref().or(last.kind_text.as_ref())?.syntax;
    let parameter = external_credential_parameter(
        "NamedPrincipal",
        "NamedPrincipal",
        "NamedPrincipal",
        &[("sequenceNumber", "1")],
    );
    (syntax == Syntax::Xml).then_some(Edit::LineAfter(last.element, parameter))
}
