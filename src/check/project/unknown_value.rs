//! A value that its enumeration has in no known API version.

use crate::finding::Findings;
use crate::model::{DeviationKind, ElementType, SchemaViolation, Workspace};
use crate::nearest::nearest;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in workspace.deviations.iter().filter(|other| !may_be_class(other)) {
        let (leaf, value) = (deviation.leaf(), &deviation.text);
        let (message, label, help) = match deviation.kind {
            DeviationKind::Value => (
                format!("unknown value `{value}` for `{}`", setting(deviation)),
                "unknown value",
                deviation.definition().map(|definition| help(deviation, definition)),
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
            .field(format!("{}={value}", deviation.path))
            .only_answers(answers(deviation));
    }
}

/// A deployment refuses the value, so nothing else can come of it.
fn answers(deviation: &SchemaViolation) -> &'static [&'static str] {
    // These are plain strings to the Metadata API.
    match deviation.leaf() {
        "ipRelaxation" | "refreshTokenPolicy" => return &[],
        _ if deviation.owner == "ExternalCredentialVariant" => {
            return &[
                "credential-not-configured",
                "external-credential-parameters-required",
                "protocol-parameter-refused",
            ];
        }
        _ => {}
    }
    match (deviation.kind, deviation.component.type_name) {
        (DeviationKind::Value, "ExtlClntAppOauthConfigurablePolicies") => {
            &["permitted-users-value-invalid", "plugin-settings-invalid", "enum-value-invalid"]
        }
        (DeviationKind::Value, _) => &["enum-value-invalid"],
        _ => &[],
    }
}

/// Whether the value of an enumeration can also be the name of an Apex class: that of a custom adapter of an external data
/// source. A value that resembles an adapter is taken for a misspelled one.
fn may_be_class(deviation: &SchemaViolation) -> bool {
    let value = deviation.text.as_str();
    let is_name = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.chars().all(|other| other.is_ascii_alphanumeric() || other == '_');
    names_adapter(deviation)
        && is_name
        && deviation.definition().is_none_or(|known| nearest(value, known.names()).is_none())
}

fn names_adapter(deviation: &SchemaViolation) -> bool {
    deviation.component.type_name == "ExternalDataSource" && deviation.path == "type"
}

/// The element, or the parameter type if that decides which values are allowed.
fn setting(deviation: &SchemaViolation) -> String {
    match deviation.owner {
        "ExternalCredentialVariant" => "AuthProtocolVariant".to_owned(),
        "ExtlIdentityProviderClientAuthentication" => "ClientAuthentication".to_owned(),
        _ => format!("<{}>", deviation.leaf()),
    }
}

fn help(deviation: &SchemaViolation, definition: &ElementType) -> String {
    let value = deviation.text.as_str();
    if let Some(advice) = definition.advice(value) {
        return advice.to_owned();
    }
    let has_prefix = |name: &&str| {
        value.len() >= 4 && name.to_ascii_lowercase().starts_with(&value.to_ascii_lowercase())
    };
    if names_adapter(deviation) && value.ends_with("null") {
        return "enter the name of the Apex class of a custom adapter, or a type such as `OData4`: a \
                retrieval writes `null` if the class no longer exists"
            .to_owned();
    }
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
