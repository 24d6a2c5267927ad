//! The files contain no permission set, so the principal has to be granted elsewhere.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let Some(named) = org.users_of(credential).next() else { continue };
        let Some(principal) = credential.principals().next() else { continue };
        let unreadable = workspace.is_unreadable(credential.component.org, "PermissionSet", None);
        if !org.permission_sets.is_empty() || unreadable || credential.grants_itself() {
            continue;
        }
        found
            .report(
                &credential.component,
                principal.name,
                format!(
                    "the checked files contain no permission set, so nothing in them grants a \
                     principal of `{}`",
                    credential.name()
                ),
            )
            .label("the principal")
            .related_to(
                named.external_credential.as_ref(),
                format!("`{}` uses this external credential", named.name()),
            )
            .help(format!(
                "make sure that a permission set or profile in the org grants `{}-{}` (*External \
                 Credential Principal Access*), and keep that permission set in the same project \
                 as the credential",
                credential.name(),
                principal.name
            ))
            .field("principals");
    }
}
