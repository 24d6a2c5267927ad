//! An element, value or type that exists, but not in the API version that the project deploys with.

use crate::finding::Findings;
use crate::model::{DeviationKind, Versions, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for deviation in &workspace.deviations {
        let DeviationKind::Version { versions, deployed } = deviation.kind else { continue };
        let text = &deviation.text;
        let what = if deviation.path.is_empty() {
            format!("the type {text}")
        } else if deviation.leaf() == text.as_str() {
            format!("`<{text}>`")
        } else {
            format!("the value `{text}` of `<{}>`", deviation.leaf())
        };
        let advice = deviation.definition().and_then(|definition| definition.advice(text.as_str())).map_or_else(|| help(versions, deployed), str::to_owned);
        found
            .at(&deviation.component, text, format!("{what} exists {versions}, and the project deploys with {deployed}"))
            .label(format!("not in API version {deployed}"))
            .help(advice)
            .field(&deviation.path);
    }
}

fn help(versions: Versions, deployed: u32) -> String {
    match (versions.first, versions.last) {
        (Some(first), _) if deployed < first => format!("set `sourceApiVersion` in sfdx-project.json to {first}.0 or later, or retrieve the component again with {deployed}.0"),
        _ => format!("remove it, or retrieve the component again with API version {deployed}.0 to see what has taken its place"),
    }
}
