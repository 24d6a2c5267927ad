//! Access to an external credential is granted through its principals, and this one has none.

use crate::check::shared_principal::named_principal;
use crate::finding::Findings;
use crate::model::{Flow, Named, Workspace};

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
            .unsafe_fix("add a named principal", named_principal(credential))
            .field("principals");
    }
}
