//! A principal is granted as `Credential-Principal`, with only a hyphen between the two names.

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
                let intended = org.intended_by(reference);
                let principal = intended
                    .as_ref()
                    .and_then(|intended| org.granted_principal(intended))
                    .map(|(_, principal)| principal.name.span);
                found
                    .report(
                        &set.component,
                        &grant.reference,
                        format!(
                            "the permission set `{}` grants `{reference}`, which does not have the \
                             form `Credential-Principal`",
                            set.name()
                        ),
                    )
                    .label(if reference.contains('-') {
                        "expected one hyphen between the two names"
                    } else {
                        "no hyphen"
                    })
                    .related_to(principal, "the intended principal")
                    .help(match &intended {
                        Some(intended) => format!(
                            "write `{intended}`: the name of the external credential, a hyphen, \
                             and the name of the principal, without spaces around the hyphen"
                        ),
                        None => {
                            "write the name of the external credential, a hyphen, and the name of \
                             the principal, without spaces around the hyphen"
                                .to_owned()
                        }
                    })
                    .safe_fix(
                        "put a hyphen between credential and principal",
                        intended
                            .as_ref()
                            .and_then(|intended| Edit::replace(&grant.reference, intended)),
                    )
                    .field(reference);
            }
        }
    }
}
