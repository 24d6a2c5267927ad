//! Tokens are stored in an object, and a user who may use the principal has no access to it.

use std::collections::HashSet;

use crate::check::shared_object_access::known_users;
use crate::finding::{Edit, Findings};
use crate::model::{Named, PermissionSet, Workspace};
use crate::source::Text;

const ACCESS: &str = "<objectPermissions>
    <allowCreate>true</allowCreate>
    <allowDelete>true</allowDelete>
    <allowEdit>true</allowEdit>
    <allowRead>true</allowRead>
    <modifyAllRecords>true</modifyAllRecords>
    <object>UserExternalCredential</object>
    <viewAllRecords>true</viewAllRecords>
</objectPermissions>";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut reported = HashSet::new();
        for user in known_users(org) {
            let (set, grant) = (user.set, user.grant);
            if !user.given.is_empty() || !reported.insert(set.name()) {
                continue;
            }
            let finding = found
                .report(
                    &set.component,
                    &grant.reference,
                    format!(
                        "the permission set `{}` grants `{}` to `{}`, whose permission sets and \
                         profile give no access to the object `UserExternalCredential`",
                        set.name(),
                        grant.reference,
                        user.username
                    ),
                )
                .label("granted here")
                .related(user.username, "this user has the permission set")
                .help(
                    "add object permissions on *User External Credentials* to the permission set: \
                     Salesforce's table requires Modify All Records for a named principal, and \
                     Read, Create, Edit and Delete for a per-user principal",
                )
                .field("UserExternalCredential");
            let denied = set.user_external_credential.is_some();
            let own =
                grant.element.file == set.component.place.file && !set.component.place.is_empty();
            if let Some(after) = last_before(set).filter(|_| own && !denied) {
                finding.unsafe_fix(
                    "give access to the object",
                    [Edit::LineAfter(after.element, ACCESS.to_owned())],
                );
            }
        }
    }
}

/// The element after which object permissions come in alphabetical order.
fn last_before(set: &PermissionSet) -> Option<&Text> {
    set.license.as_ref().or(set.label.as_ref())
}
