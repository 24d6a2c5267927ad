//! An element, value or type that exists, but not in the API version that the project deploys with.

use std::collections::{HashMap, HashSet};

use crate::finding::Findings;
use crate::model::{DeviationKind, SchemaViolation, Versions, Workspace};
use crate::source::FileId;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // A parameter type that the protocol refuses is wrong in every version.
    let refused: HashSet<(FileId, u32)> = workspace
        .external_credentials()
        .flat_map(|(_, credential)| credential.refused_parameters())
        .map(|(_, kind)| (kind.span.file, kind.span.start))
        .collect();
    let bound: Vec<(&SchemaViolation, Versions, u32)> = workspace
        .deviations
        .iter()
        .filter(|other| !refused.contains(&(other.text.span.file, other.text.span.start)))
        .filter_map(version)
        .collect();
    let mut newer: HashMap<FileId, Vec<&(&SchemaViolation, Versions, u32)>> = HashMap::new();
    for entry in bound.iter().filter(|(_, versions, deployed)| is_newer(*versions, *deployed)) {
        newer.entry(entry.0.component.place.file).or_default().push(entry);
    }
    for &(deviation, versions, deployed) in &bound {
        // A file from a newer API version gets one finding, however many new elements it contains.
        let others = if is_newer(versions, deployed) {
            newer.remove(&deviation.component.place.file)
        } else {
            Some(Vec::new())
        };
        let Some(others) = others else { continue };
        let others = others.get(1..).unwrap_or_default();
        let needed = others.iter().filter_map(|other| other.1.first).chain(versions.first).max();
        let text = &deviation.text;
        let advice = deviation
            .definition()
            .and_then(|definition| definition.advice(text.as_str()))
            .map_or_else(|| help(needed, versions, deployed), str::to_owned);
        let mut finding = found
            .report(
                &deviation.component,
                text,
                format!(
                    "{} is available {versions}, but the project deploys with {deployed}",
                    what(deviation)
                ),
            )
            .label(format!("not in API version {deployed}"))
            .help(advice)
            .field(&deviation.path);
        for (other, versions, _) in others.iter().take(5) {
            finding = finding.related(&other.text, format!("this is available {versions}"));
        }
    }
}

fn version(deviation: &SchemaViolation) -> Option<(&SchemaViolation, Versions, u32)> {
    match deviation.kind {
        DeviationKind::Version { versions, deployed } => {
            (!is_retrieved_anyway(deviation)).then_some((deviation, versions, deployed))
        }
        DeviationKind::Element
        | DeviationKind::InventedValue
        | DeviationKind::Value
        | DeviationKind::Shape(_)
        | DeviationKind::Missing => None,
    }
}

/// Old API versions also return newer scopes and providers, and DevOps Center adds its own
/// components.
fn is_retrieved_anyway(deviation: &SchemaViolation) -> bool {
    let open_list =
        matches!(deviation.leaf(), "scopes" | "commaSeparatedOauthScopes" | "providerType")
            && deviation.leaf() != deviation.text.as_str();
    open_list || deviation.component.name.starts_with("DEVOPS_CENTER_")
}

fn is_newer(versions: Versions, deployed: u32) -> bool {
    versions.first.is_some_and(|first| deployed < first)
}

fn what(deviation: &SchemaViolation) -> String {
    let text = &deviation.text;
    if deviation.path.is_empty() {
        format!("the type {text}")
    } else if deviation.leaf() == text.as_str() {
        format!("`<{text}>`")
    } else {
        format!("the value `{text}` of `<{}>`", deviation.leaf())
    }
}

fn help(needed: Option<u32>, versions: Versions, deployed: u32) -> String {
    match needed.filter(|_| is_newer(versions, deployed)) {
        Some(needed) => format!(
            "set `sourceApiVersion` in sfdx-project.json to {needed}.0 or later, or retrieve the \
             component again with API version {deployed}.0"
        ),
        None => format!(
            "remove it, or retrieve the component again with API version {deployed}.0 to see what \
             replaced it"
        ),
    }
}
