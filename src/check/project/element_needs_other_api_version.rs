//! An element, value or type that exists, but not in the API version that the project deploys with.

use std::collections::{BTreeMap, HashSet};

use crate::finding::Findings;
use crate::model::{DeviationKind, OrgId, SchemaViolation, Versions, Workspace, is_of_product};
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
    let mut causes: BTreeMap<Cause<'_>, Vec<&(&SchemaViolation, Versions, u32)>> = BTreeMap::new();
    for violation in &bound {
        causes.entry(cause(violation)).or_default().push(violation);
    }
    for violations in causes.into_values() {
        let &(deviation, versions, deployed) = violations[0];
        let needed = violations.iter().filter_map(|other| other.1.first).max();
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
            .field(&deviation.path)
            .only_answers(if deviation.path.is_empty() {
                &["metadata-type-unknown", "plugin-settings-invalid"]
            } else if deviation.component.type_name == "PermissionSet" {
                &["permission-set-cross-reference", "element-not-valid"]
            } else {
                &["element-not-valid"]
            });
        for (other, versions, _) in &violations[1..] {
            finding = finding.related(&other.text, format!("this is available {versions}"));
        }
    }
}

/// What explains several violations of an org at once: an API version that is older than the files, or an element or value
/// that later versions do not have.
type Cause<'a> = (OrgId, Option<(&'a str, &'a str)>, u32);

fn cause<'a>(&(deviation, versions, deployed): &(&'a SchemaViolation, Versions, u32)) -> Cause<'a> {
    let own = || (deviation.owner, deviation.text.as_str());
    let is_general = is_newer(versions, deployed)
        && deviation
            .definition()
            .is_none_or(|definition| definition.advice(deviation.text.as_str()).is_none());
    (deviation.component.org, (!is_general).then(own), deployed)
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
    open_list || is_of_product(&deviation.component.name)
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
