//! Access to an external credential is granted through its principals, and this one has none.

use crate::check::shared_edits::named_principal;
use crate::finding::{Findings, Severity};
use crate::model::{Flow, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        if matches!(credential.flow(), Flow::Custom | Flow::NoAuthentication | Flow::Unknown)
            || credential.has_unknown_parameter_type()
            || credential.principals().next().is_some()
            // `credential-unused` reports what no named credential uses.
            || org.users_of(credential).next().is_none()
        {
            continue;
        }
        let finding = found
            .report(
                &credential.component,
                &credential.flow_place(),
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
            .described_help(
                "add `principals: [Name]`, and grant the principal in a permission set under \
                 `permission_sets`",
            )
            .unsafe_fix("add a named principal", named_principal(credential))
            .field("principals");
        if credential.flow().is_aws() {
            finding.at_most(Severity::Warning);
        }
    }
}
