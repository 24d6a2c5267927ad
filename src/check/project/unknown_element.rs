//! An element that exists in no API version, or a made-up value from templates: the deployment
//! rejects the file.

use crate::finding::Findings;
use crate::model::{DeviationKind, MetadataTypes, SchemaViolation, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in &workspace.deviations {
        let message = match deviation.kind {
            DeviationKind::Element => format!(
                "`<{}>` is not an element of {} in any API version",
                deviation.text,
                place(deviation)
            ),
            DeviationKind::InventedValue => format!(
                "`{}` is not a value of `<{}>` in any API version, although some templates use it",
                deviation.text,
                deviation.leaf()
            ),
            DeviationKind::Value
            | DeviationKind::Shape(_)
            | DeviationKind::Missing
            | DeviationKind::Version { .. } => continue,
        };
        let finding = found
            .report(&deviation.component, &deviation.text, message)
            .label("the deployment rejects this");
        let finding = if let Some(help) = help(deviation) { finding.help(help) } else { finding }
            .field(&deviation.path);
        finding.only_answers(if matches!(deviation.kind, DeviationKind::InventedValue) {
            &["enum-value-invalid"]
        } else {
            &["element-not-valid"]
        });
    }
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
        return Some(format!("move it into `{}`", path.replace('/', " > ")));
    }
    if table
        .definition(root)
        .is_some_and(|root| root.names().any(|known| known.eq_ignore_ascii_case(name)))
    {
        return Some(format!("move it directly into `<{root}>`"));
    }
    if let Some(near) = nearest(name, definition.names()) {
        return Some(format!("did you mean `<{near}>`?"));
    }
    let names: Vec<&str> = definition.names().filter(|name| *name != "module").collect();
    Some(if names.len() <= 12 {
        format!("expected one of {}", names.join(", "))
    } else {
        "remove it, or compare with the component as retrieved from an org where it works"
            .to_owned()
    })
}
