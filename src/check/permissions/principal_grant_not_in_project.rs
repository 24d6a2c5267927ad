//! The files hold no permission set that could grant a principal: somebody has to grant it elsewhere.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let Some(named) = org.users_of(credential).next() else { continue };
        let Some(principal) = credential.principals().next() else { continue };
        let unread = workspace.is_unreadable(credential.component.org, "PermissionSet", None);
        if !org.permission_sets.is_empty() || unread || credential.grants_itself() {
            continue;
        }
        found
            .at(&credential.component, principal.name, format!("no permission set is in the files given, so nothing here grants a principal of `{}`", credential.name()))
            .label("the principal")
            .related_to(named.external_credential.as_ref(), format!("`{}` calls out with it", named.name()))
            .help(format!(
                "see that a permission set or a profile of the org grants `{}-{}` (*External Credential Principal Access*), and keep that permission set beside the credential",
                credential.name(),
                principal.name
            ))
            .field("principals");
    }
}
