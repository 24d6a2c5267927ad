//! The sequence number says which principal is tried first, so no two may share one.

use crate::finding::Findings;
use crate::model::{Named, ParameterType, Principal, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let principals: Vec<(Principal<'_>, &Text)> = credential
            .principals()
            .filter(|principal| matches!(principal.parameter.kind, ParameterType::NamedPrincipal | ParameterType::PerUserPrincipal))
            .filter_map(|principal| Some((principal, principal.parameter.sequence.as_ref().filter(|sequence| number(sequence).is_some())?)))
            .collect();
        for (index, (principal, sequence)) in principals.iter().enumerate() {
            let Some((first, earlier)) = principals.iter().take(index).find(|(_, other)| number(other) == number(sequence)) else { continue };
            if first.name.as_str() == principal.name.as_str() {
                continue;
            }
            let highest = principals.iter().filter_map(|(_, sequence)| number(sequence)).max().unwrap_or(0);
            found
                .at(
                    &credential.component,
                    *sequence,
                    format!("the principals `{}` and `{}` of `{}` have the same sequence number {sequence}", first.name, principal.name, credential.name()),
                )
                .label(format!("of `{}`", principal.name))
                .related(*earlier, format!("of `{}`", first.name))
                .help(format!(
                    "give every principal a number of its own (*Sequence Number* in Setup), here for example {}: the lowest number that a user is granted is used",
                    highest.saturating_add(1)
                ))
                .field(principal.name.as_str());
        }
    }
}

fn number(text: &Text) -> Option<u32> {
    text.known().and_then(|text| text.parse().ok())
}
