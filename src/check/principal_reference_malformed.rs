//! A principal is granted as `Credential-Principal`, with one hyphen and nothing else between the two.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace, is_principal_reference};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for set in &org.permission_sets {
            for grant in &set.grants {
                let Some(reference) =
                    grant.reference.known().filter(|reference| !is_principal_reference(reference))
                else {
                    continue;
                };
                let meant = org.meant_by(reference);
                let principal = meant
                    .as_ref()
                    .and_then(|meant| org.granted_principal(meant))
                    .map(|(_, principal)| principal.name.span);
                found
                    .at(&set.component, &grant.reference, format!("the permission set `{}` grants `{reference}`, which is not of the form `Credential-Principal`", set.name()))
                    .label(if reference.contains('-') { "one hyphen must stand between the two" } else { "no hyphen" })
                    .related_to(principal, "the principal that is meant")
                    .help(match &meant {
                        Some(meant) => format!("write `{meant}`: the name of the external credential, a hyphen, and the name of the principal, without blanks around the hyphen"),
                        None => "write the name of the external credential, a hyphen, and the name of the principal, without blanks around the hyphen".to_owned(),
                    })
                    .safe_fix("put a hyphen between credential and principal", meant.as_ref().and_then(|meant| Edit::replace(&grant.reference, meant)))
                    .field(reference);
            }
        }
    }
}
