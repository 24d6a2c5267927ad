//! Where a description and a metadata file name the same component, they must say the same.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for contradiction in &workspace.contradictions {
        let (component, field) = (&contradiction.component, contradiction.field);
        let (described, metadata) = (&contradiction.described, &contradiction.metadata);
        let what = if field == "certificate" {
            format!("{}, the metadata {}", described.value, metadata.value)
        } else {
            format!("`{}`, the metadata `{}`", described.value, metadata.value)
        };
        found
            .at(component, &described.place, format!("the description gives the {} `{}` another `{field}` than the metadata: {what}", component.type_name, component.name))
            .label("the description")
            .related(&metadata.place, "the metadata, which is believed")
            .help("find out which one the org has (in Setup, or by retrieving the component), and take the other one away: a description need not repeat what metadata says")
            .field(field);
    }
}
