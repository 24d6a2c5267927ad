//! The sequence number decides which principal is tried first, so no two may share one.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Named, ParameterType, Principal, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let principals: Vec<(Principal<'_>, &Text)> = credential
            .principals()
            .filter(|principal| {
                matches!(
                    principal.parameter.kind,
                    ParameterType::NamedPrincipal | ParameterType::PerUserPrincipal
                )
            })
            .filter_map(|principal| {
                Some((
                    principal,
                    principal
                        .parameter
                        .sequence
                        .as_ref()
                        .filter(|sequence| number(sequence).is_some())?,
                ))
            })
            .collect();
        let highest =
            principals.iter().filter_map(|(_, sequence)| number(sequence)).max().unwrap_or(0);
        let mut first_by_number = HashMap::new();
        for (principal, sequence) in &principals {
            let (first, earlier) =
                first_by_number.entry(number(sequence)).or_insert((principal, sequence));
            if first.name.as_str() == principal.name.as_str() {
                continue;
            }
            found
                .report(
                    &credential.component,
                    *sequence,
                    format!(
                        "the principals `{}` and `{}` of `{}` have the same sequence number \
                         {sequence}",
                        first.name,
                        principal.name,
                        credential.name()
                    ),
                )
                .label(format!("sequence number of `{}`", principal.name))
                .related(**earlier, format!("sequence number of `{}`", first.name))
                .help(format!(
                    "give every principal a unique number (*Sequence Number* in Setup), for \
                     example {}: the granted principal with the lowest number is used",
                    highest.saturating_add(1)
                ))
                .field(principal.name.as_str());
        }
    }
}

fn number(text: &Text) -> Option<u32> {
    text.known().and_then(|text| text.parse().ok())
}
