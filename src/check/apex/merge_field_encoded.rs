//! Apex encodes or signs a merge field before the platform can replace it.

use std::collections::HashMap;

use crate::finding::{Findings, Severity};
use crate::model::{Callout, Org, Workspace};
use crate::source::FileId;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut units =
            org.apex.iter().filter(|unit| !unit.encoded_merge_fields.is_empty()).peekable();
        if units.peek().is_none() {
            continue;
        }
        let callouts = only_callouts(org);
        for unit in units {
            let callout = callouts.get(&unit.component.place.file).copied().flatten();
            for field in &unit.encoded_merge_fields {
                let finding = found
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
                    .related_to(callout.map(|callout| &callout.name), "the callout of this class")
                    .help(if field.is_legacy {
                        "remove the header if the named credential generates it (*Generate Authorization \
                         Header*); it has the username and the password"
                    } else {
                        "leave this to a formula, such as `{!'Basic ' & \
                         BASE64ENCODE(BLOB($Credential.Spoke_Org.Username & ':' & \
                         $Credential.Spoke_Org.Password))}`, in a custom header of the external \
                         credential or in the string that Apex passes to `setHeader`"
                    })
                    .field(field.method);
                // Which of two headers is sent is not documented.
                if field.is_legacy {
                    finding.at_most(Severity::Warning);
                }
            }
        }
    }
}

/// The callout of each class that calls one named credential only, by the file of the class.
fn only_callouts(org: &Org) -> HashMap<FileId, Option<&Callout>> {
    let mut callouts: HashMap<FileId, Option<&Callout>> = HashMap::new();
    for callout in &org.callouts {
        let known = callouts.entry(callout.class.place.file).or_insert(Some(callout));
        if known
            .is_some_and(|first| !first.name.as_str().eq_ignore_ascii_case(callout.name.as_str()))
        {
            *known = None;
        }
    }
    callouts
}
