//! A value that is none of its enumeration, in any API version known.

use crate::finding::Findings;
use crate::model::{ElementType, DeviationKind, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in &workspace.deviations {
        let (leaf, value) = (deviation.leaf(), &deviation.text);
        let (message, help) = match deviation.kind {
            DeviationKind::Value => (
                format!("`{value}` is no known value of `<{leaf}>`"),
                deviation.definition().map(|definition| help(definition, value.as_str())),
            ),
            DeviationKind::Shape(expected) => (
                format!("`<{leaf}>` holds {expected}, and `{value}` is not that"),
                Some(format!("write {expected}")),
            ),
            DeviationKind::Element
            | DeviationKind::InventedValue
            | DeviationKind::Version { .. } => continue,
        };
        let finding = found.at(&deviation.component, value, message).label("not known here");
        if let Some(help) = help { finding.help(help) } else { finding }
            .field(format!("{}={value}", deviation.path));
    }
}

fn help(definition: &ElementType, value: &str) -> String {
    if let Some(advice) = definition.advice(value) {
        return advice.to_owned();
    }
    let begins = |name: &&str| {
        value.len() >= 4 && name.to_ascii_lowercase().starts_with(&value.to_ascii_lowercase())
    };
    if let Some(near) =
        nearest(value, definition.names()).or_else(|| definition.names().find(begins))
    {
        return format!("did you mean `{near}`?");
    }
    let names: Vec<&str> = definition.names().collect();
    if names.len() <= 16 {
        format!("one of {}", names.join(", "))
    } else {
        format!(
            "the newest API version has {} others; retrieve the component to see how Salesforce writes it",
            names.len()
        )
    }
}
