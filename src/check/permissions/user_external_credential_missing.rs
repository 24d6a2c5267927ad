//! Tokens are stored in an object, and no user who may use the principal has access to the object.

use crate::finding::{Edit, Findings};
use crate::model::{Grant, Named, Org, PermissionSet, Workspace};
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
        let Some((set, grant)) = first_grant(org) else { continue };
        let unreadable = ["PermissionSet", "Profile"]
            .iter()
            .any(|type_name| workspace.is_unreadable(set.component.org, type_name, None));
        let given = org
            .permission_sets
            .iter()
            .filter_map(|set| set.user_external_credential.as_ref())
            .chain(
                org.profiles.iter().filter_map(|profile| profile.user_external_credential.as_ref()),
            );
        if unreadable
            || org.permission_sets.iter().any(|set| set.described_only)
            || given.into_iter().any(|access| access.is_some())
        {
            continue;
        }
        let finding = found
            .report(
                &set.component,
                &grant.reference,
                format!(
                    "the permission set `{}` grants `{}`, but no permission set in the checked \
                     files gives access to the object `UserExternalCredential`",
                    set.name(),
                    grant.reference
                ),
            )
            .label("granted here")
            .help(
                "add object permissions on *User External Credentials* to the permission set: \
                 Salesforce's table requires Modify All Records for a named principal, and Read, \
                 Create, Edit and Delete for a per-user principal; many standard profiles already \
                 have them",
            )
            .field("UserExternalCredential");
        let denied = set.user_external_credential.is_some();
        let own = grant.element.file == set.component.place.file && !set.component.place.is_empty();
        if let Some(after) = last_before(set).filter(|_| own && !denied) {
            finding.unsafe_fix(
                "give access to the object",
                [Edit::LineAfter(after.element, ACCESS.to_owned())],
            );
        }
    }
}

/// The element after which object permissions come in alphabetical order.
fn last_before(set: &PermissionSet) -> Option<&Text> {
    set.license.as_ref().or(set.label.as_ref())
}

/// The first grant of a principal whose credential stores tokens.
fn first_grant(org: &Org) -> Option<(&PermissionSet, &Grant)> {
    org.permission_sets.iter().flat_map(|set| set.granted().map(move |grant| (set, grant))).find(
        |(_, grant)| {
            let granted =
                grant.reference.known().and_then(|reference| org.granted_principal(reference));
            granted.is_some_and(|(credential, _)| credential.keeps_tokens())
        },
    )
}
