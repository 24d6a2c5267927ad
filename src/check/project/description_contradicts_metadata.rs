//! A component that is in both a description and a metadata file must have the same values in both.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for contradiction in &workspace.contradictions {
        let (component, field) = (&contradiction.component, contradiction.field);
        let (described, metadata) = (&contradiction.described, &contradiction.metadata);
        let values = if field == "certificate" {
            format!("{} in the description, {} in the metadata", described.value, metadata.value)
        } else {
            format!(
                "`{}` in the description, `{}` in the metadata",
                described.value, metadata.value
            )
        };
        found
            .report(
                component,
                &described.place,
                format!(
                    "the {} `{}` has two values for `{field}`: {values}",
                    component.type_name, component.name
                ),
            )
            .label("the description")
            .related(&metadata.place, "the metadata, which takes precedence")
            .help(
                "check which value the org has (in Setup, or by retrieving the component) and \
                 remove the other one; a description need not repeat what the metadata contains",
            )
            .field(field);
    }
}
