//! A session-based permission set has no effect for a user who never activates it.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for set in workspace.orgs.iter().flat_map(|org| &org.permission_sets) {
        let Some(activation) =
            set.activation_required.as_ref().filter(|activation| activation.is_true())
        else {
            continue;
        };
        let Some(grant) = set.granted().next() else { continue };
        found
            .report(
                &set.component,
                activation,
                format!(
                    "the permission set `{}` grants `{}`, but applies only in sessions that \
                     activate it",
                    set.name(),
                    grant.reference
                ),
            )
            .label("needs activation in each session")
            .related(&grant.reference, "granted here")
            .help(
                "grant the principal in a permission set without *Session Activation Required*: \
                 jobs, triggers and integration users do not activate permission sets",
            )
            .field("hasActivationRequired");
    }
}
