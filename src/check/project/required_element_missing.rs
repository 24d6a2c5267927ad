//! A file without an element that a deployment demands of its type.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{
    DeviationKind, NamedCredential, NamedCredentialModel, SchemaViolation, Workspace,
};
use crate::nearest::nearest;
use crate::source::FileId;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // An element that is misspelled or in the wrong place is reported for that reason alone.
    let mut strays: HashMap<FileId, Vec<&str>> = HashMap::new();
    for stray in workspace.deviations.iter().filter(|other| other.kind == DeviationKind::Element) {
        strays.entry(stray.component.place.file).or_default().push(stray.text.as_str());
    }
    for deviation in &workspace.deviations {
        let is_stray = || {
            let strays = strays.get(&deviation.component.place.file);
            strays.is_some_and(|strays| {
                nearest(deviation.leaf(), strays.iter().copied().take(100)).is_some()
            })
        };
        // Installed components are retrieved with less than a deployment demands.
        if deviation.kind != DeviationKind::Missing
            || deviation.component.is_installed()
            || is_stray()
        {
            continue;
        }
        found
            .report(
                &deviation.component,
                &deviation.text,
                format!(
                    "`<{}>` has no `<{}>`, which a deployment requires",
                    parent(deviation),
                    deviation.text
                ),
            )
            .label(format!("`<{}>` is missing here", deviation.text))
            .help(format!(
                "add `<{}>`, or retrieve the component from an org where it works",
                deviation.text
            ))
            .field(&deviation.path);
    }
    for (_, named) in workspace.named_credentials() {
        let Some(element) = missing(named) else { continue };
        let strays = strays.get(&named.component.place.file);
        let is_stray = |stray: &&str| {
            let stray = stray.to_ascii_lowercase();
            stray.contains("protocol") || stray.ends_with("type")
        };
        if strays.is_some_and(|strays| strays.iter().any(is_stray)) {
            continue;
        }
        found
            .report(
                &named.component,
                &named.component,
                match element {
                    "namedCredentialType" => {
                        "the named credential has parameters but no `<namedCredentialType>`"
                    }
                    _ => "the named credential has neither a `<namedCredentialType>` nor a `<protocol>`",
                },
            )
            .label(format!("`<{element}>` is missing here"))
            .help(match element {
                "namedCredentialType" => {
                    "add `<namedCredentialType>SecuredEndpoint</namedCredentialType>`: without a \
                     type, this is a legacy named credential, which has no parameters"
                }
                _ => {
                    "add `<protocol>`, such as `NoAuthentication` (*Authentication Protocol* in \
                     Setup > Security > Named Credentials)"
                }
            })
            .field(element);
    }
}

/// The element that contains the missing one.
fn parent(deviation: &SchemaViolation) -> &str {
    deviation.path.rsplit('/').nth(1).unwrap_or(deviation.component.type_name)
}

/// What a named credential needs so that its model and flow are known.
fn missing(named: &NamedCredential) -> Option<&'static str> {
    let is_incomplete = named.model == NamedCredentialModel::Legacy
        && named.protocol.is_none()
        && !named.component.is_installed();
    is_incomplete.then(|| if named.is_legacy() { "protocol" } else { "namedCredentialType" })
}
