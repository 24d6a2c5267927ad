//! Even a credential without authentication needs a principal that permission sets can grant.

use crate::check::shared_edits::named_principal;
use crate::finding::Findings;
use crate::model::{Flow, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let is_faultless = !matches!(credential.flow(), Flow::Custom | Flow::NoAuthentication)
            || credential.legacy_protocol().is_some()
            || credential.principals().next().is_some()
            || credential.component.is_installed()
            || credential.has_unknown_parameter_type();
        let Some(user) = org.users_of(credential).next().filter(|_| !is_faultless) else {
            continue;
        };
        found
            .report(
                &credential.component,
                &credential.flow_place(),
                format!(
                    "the external credential `{}` has no principal, so no permission set can grant \
                     access to it",
                    credential.name()
                ),
            )
            .label("no principal")
            .related_to(user.external_credential.as_ref(), "callouts use it")
            .help(
                "add a parameter of type `NamedPrincipal` (*Principals* in Setup > Security > \
                 Named Credentials > External Credentials), and grant it in a permission set under \
                 *External Credential Principal Access*, even if nothing authenticates",
            )
            .described_help(
                "add `principals: [Name]`, and grant the principal in a permission set under \
                 `permission_sets`",
            )
            .unsafe_fix("add a named principal", named_principal(credential))
            .field("principals");
    }
}
