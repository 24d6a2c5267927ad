//! A value that its enumeration has in no known API version.

use crate::finding::Findings;
use crate::model::{DeviationKind, ElementType, SchemaViolation, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in &workspace.deviations {
        let (leaf, value) = (deviation.leaf(), &deviation.text);
        let (message, label, help) = match deviation.kind {
            DeviationKind::Value => (
                format!("unknown value `{value}` for `{}`", setting(deviation)),
                "unknown value",
                deviation.definition().map(|definition| help(definition, value.as_str())),
            ),
            DeviationKind::Shape(expected) => (
                format!("invalid value `{value}` for `<{leaf}>`: expected {expected}"),
                "invalid value",
                Some(format!("enter {expected}")),
            ),
            DeviationKind::Element
            | DeviationKind::InventedValue
            | DeviationKind::Missing
            | DeviationKind::Version { .. } => continue,
        };
        let finding = found.report(&deviation.component, value, message).label(label);
        if let Some(help) = help { finding.help(help) } else { finding }
            .field(format!("{}={value}", deviation.path));
    }
}

/// The element, or the parameter type if that decides which values are allowed.
fn setting(deviation: &SchemaViolation) -> String {
    match deviation.owner {
        "ExternalCredentialVariant" => "AuthProtocolVariant".to_owned(),
        "ExtlIdentityProviderClientAuthentication" => "ClientAuthentication".to_owned(),
        _ => format!("<{}>", deviation.leaf()),
    }
}

fn help(definition: &ElementType, value: &str) -> String {
    if let Some(advice) = definition.advice(value) {
        return advice.to_owned();
    }
    let has_prefix = |name: &&str| {
        value.len() >= 4 && name.to_ascii_lowercase().starts_with(&value.to_ascii_lowercase())
    };
    if let Some(near) =
        nearest(value, definition.names()).or_else(|| definition.names().find(has_prefix))
    {
        return format!("did you mean `{near}`?");
    }
    let names: Vec<&str> = definition.names().collect();
    if names.len() <= 16 {
        format!("expected one of {}", names.join(", "))
    } else {
        format!(
            "retrieve the component to see how Salesforce writes it; the newest API version has {} \
             values",
            names.len()
        )
    }
}
