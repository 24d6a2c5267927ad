//! The access of a user to the object that stores tokens is below what Salesforce's table requires.

use std::collections::HashSet;

use crate::check::shared_object_access::known_users;
use crate::finding::Findings;
use crate::model::{Named, ObjectAccess, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut reported = HashSet::new();
        for user in known_users(org) {
            let enough = |access: &ObjectAccess| {
                access.modify_all
                    || (user.is_per_user
                        && access.read
                        && access.create
                        && access.edit
                        && access.delete)
            };
            let Some((component, access)) = user.given.first() else { continue };
            if user.given.iter().any(|(_, access)| enough(access))
                || !reported.insert(user.set.name())
            {
                continue;
            }
            let (kind, required) = if user.is_per_user {
                ("per-user principal", "Read, Create, Edit and Delete")
            } else {
                ("named principal", "Modify All Records")
            };
            let noun = if component.type_name == "Profile" { "profile" } else { "permission set" };
            found
                .report(
                    component,
                    &access.place.unwrap_or(component.place),
                    format!(
                        "the {noun} `{}` gives `{}` {} on `UserExternalCredential`, but \
                         Salesforce's table requires {required} for a {kind}",
                        component.name,
                        user.username,
                        access.words()
                    ),
                )
                .label(format!("gives {}", access.words()))
                .related(&user.grant.reference, format!("a {kind}"))
                .help(format!(
                    "give {required} on *User External Credentials* if callouts fail because of \
                     missing permissions; other Salesforce pages require less, and many setups \
                     work with less"
                ))
                .field("UserExternalCredential");
        }
    }
}
