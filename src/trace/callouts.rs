//! The callouts in Apex that belong to a trace.

use crate::model::{Callout, Named, NamedCredential, OrgId, Workspace};

/// The Apex callouts outside tests that use the named credential or an obvious misspelling of its
/// name; without one, those that use the same undefined name.
pub fn callouts<'a>(
    workspace: &'a Workspace,
    calling_org: OrgId,
    named: Option<&'a NamedCredential>,
    missing: Option<&Callout>,
) -> Vec<&'a Callout> {
    let org = workspace.org(calling_org);
    let Some(named) = named else {
        let Some(missing) = missing else { return Vec::new() };
        return org
            .callouts
            .iter()
            .filter(|callout| {
                !callout.in_test
                    && callout.name.as_str().eq_ignore_ascii_case(missing.name.as_str())
            })
            .collect();
    };
    let from_other_orgs =
        workspace.foreign_callouts(calling_org, named).map(|(_, callout)| callout);
    let mut found: Vec<&Callout> = org
        .callouts
        .iter()
        .filter(|callout| {
            org.calls(callout.name.as_str(), named) || is_intended(callout.name.raw(), named)
        })
        .collect();
    for callout in from_other_orgs {
        if !found.iter().any(|known| known.name.span == callout.name.span) {
            found.push(callout);
        }
    }
    found.retain(|callout| !callout.in_test);
    found
}

/// Whether a name is the credential's except for whitespace, case, or an empty namespace prefix.
pub fn is_intended(typed: &str, named: &NamedCredential) -> bool {
    let bare: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    let bare = bare.strip_prefix('.').map_or(bare.as_str(), |rest| rest.trim_start_matches('_'));
    bare.eq_ignore_ascii_case(named.name())
}
