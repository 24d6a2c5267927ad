//! A permission set that a session must activate is of no use to a user who never does.

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
            .at(&set.component, activation, format!("the permission set `{}` grants `{}`, and counts only in sessions that activate it", set.name(), grant.reference))
            .label("needs activation in each session")
            .related(&grant.reference, "granted here")
            .help("grant the principal in a permission set without *Session Activation Required*: jobs, triggers and integration users do not activate anything")
            .field("hasActivationRequired");
    }
}
