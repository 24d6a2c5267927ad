//! An element, or a value that templates invent, that no API version has: the deployment refuses the file.

use crate::finding::Findings;
use crate::model::{SchemaViolation, DeviationKind, MetadataTypes, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in &workspace.deviations {
        let message = match deviation.kind {
            DeviationKind::Element if advised_value(deviation) => {
                format!("a parameter of this type has no `<{}>`", deviation.text)
            }
            DeviationKind::Element => format!(
                "`<{}>` is no element of {} in any API version",
                deviation.text,
                place(deviation)
            ),
            DeviationKind::InventedValue => format!(
                "`{}` is no value of `<{}>` in any API version; templates invent it",
                deviation.text,
                deviation.leaf()
            ),
            DeviationKind::Value | DeviationKind::Shape(_) | DeviationKind::Version { .. } => {
                continue;
            }
        };
        let finding = found
            .at(&deviation.component, &deviation.text, message)
            .label("the deployment refuses this");
        if let Some(help) = help(deviation) { finding.help(help) } else { finding }
            .field(&deviation.path);
    }
}

/// The element exists, but not beside its sibling.
fn advised_value(deviation: &SchemaViolation) -> bool {
    deviation
        .definition()
        .is_some_and(|definition| definition.entry(deviation.text.as_str()).is_some())
}

fn place(deviation: &SchemaViolation) -> String {
    match deviation.path.rsplit('/').nth(1) {
        Some(parent) => format!("`<{parent}>`"),
        None => deviation.component.type_name.to_owned(),
    }
}

fn help(deviation: &SchemaViolation) -> Option<String> {
    let definition = deviation.definition()?;
    let name = deviation.text.as_str();
    if let Some(advice) = definition.advice(name) {
        return Some(advice.to_owned());
    }
    let table = MetadataTypes::get();
    let root = deviation.component.type_name;
    if let Some(path) = table.elsewhere(root, name) {
        return Some(format!("it belongs into `{}` here", path.replace('/', " > ")));
    }
    if table
        .definition(root)
        .is_some_and(|root| root.names().any(|known| known.eq_ignore_ascii_case(name)))
    {
        return Some(format!("it belongs directly into `<{root}>`"));
    }
    if let Some(near) = nearest(name, definition.names()) {
        return Some(format!("did you mean `<{near}>`?"));
    }
    let names: Vec<&str> = definition.names().filter(|name| *name != "module").collect();
    let list = if names.len() <= 12 {
        format!("it has {}", names.join(", "))
    } else {
        "remove it, or retrieve the component from an org where it works and compare".to_owned()
    };
    Some(list)
}
