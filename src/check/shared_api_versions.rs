//! Requests to old API versions, for the rules about retired and deprecated ones.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use crate::finding::Findings;
use crate::model::{ApiPath, Workspace};
use crate::source::FileId;

/// Reports each component once per version in the range.
pub fn report(
    workspace: &Workspace,
    versions: &RangeInclusive<u32>,
    state: &str,
    help: &str,
    found: &mut Findings,
) {
    let mut uses: BTreeMap<(FileId, &str, String), Vec<ApiPath<'_>>> = BTreeMap::new();
    let mut places = HashSet::new();
    for path in workspace.api_paths() {
        let is_old = path.major.is_some_and(|major| versions.contains(&major));
        if is_old && places.insert(path.text.span) {
            let component = path.component;
            let key = (component.place.file, component.name.as_str(), path.text.to_string());
            uses.entry(key).or_default().push(path);
        }
    }
    for ((_, name, version), paths) in uses {
        let Some((first, others)) = paths.split_first() else { continue };
        let message = match first.named {
            Some(named) if std::ptr::eq(&raw const named.component, first.component) => {
                format!("the URL of `{name}` contains API version `{version}`, which {state}")
            }
            _ => format!("`{name}` calls API version `{version}`, which {state}"),
        };
        let mut finding = found
            .report(first.component, &first.text, message)
            .label("the API version")
            .help(help)
            .field(format!("API version {version}"));
        for other in others.iter().take(3) {
            finding = finding.related(&other.text, "the same version");
        }
    }
}
