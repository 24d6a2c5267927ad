//! Apex encodes or signs a merge field before the platform can replace it.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for unit in workspace.orgs.iter().flat_map(|org| &org.apex) {
        for field in &unit.encoded_merge_fields {
            found
                .report(
                    &unit.component,
                    &field.call,
                    format!(
                        "`{}` gets the merge field itself: the platform replaces merge fields \
                         only when the request is sent",
                        field.method
                    ),
                )
                .label("encodes the text of the merge field")
                .related(&field.literal, "the merge field")
                .help(
                    "leave this to a formula, such as `{!'Basic ' & \
                     BASE64ENCODE(BLOB($Credential.Spoke_Org.Username & ':' & \
                     $Credential.Spoke_Org.Password))}`, in a custom header of the external \
                     credential or in the string that Apex passes to `setHeader`",
                )
                .field(field.method);
        }
    }
}
