//! The callouts in Apex that belong to a trace.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::model::{Callout, Named, NamedCredential, OrgId, Workspace};
use crate::source::Span;

/// The callouts of all orgs, by the credential that they call.
pub struct CalloutIndex<'a> {
    workspace: &'a Workspace,
    /// By the position of the named credential that the name resolves to.
    resolved: HashMap<(OrgId, usize), Vec<usize>>,
    /// By the name in lower case: as typed, and as [`intended`].
    typed: HashMap<(OrgId, String), Vec<usize>>,
    intended: HashMap<(OrgId, String), Vec<usize>>,
}

impl<'a> CalloutIndex<'a> {
    pub fn new(workspace: &'a Workspace) -> CalloutIndex<'a> {
        let mut index = CalloutIndex {
            workspace,
            resolved: HashMap::new(),
            typed: HashMap::new(),
            intended: HashMap::new(),
        };
        for (id, org) in workspace.orgs.iter().enumerate() {
            let id = OrgId(id);
            for (position, callout) in org.callouts.iter().enumerate() {
                let name = callout.name.as_str();
                if let Some(named) = org.named_credentials.position(name) {
                    index.resolved.entry((id, named)).or_default().push(position);
                }
                let typed = index.typed.entry((id, name.to_ascii_lowercase()));
                typed.or_default().push(position);
                let intended = intended(callout.name.raw()).to_ascii_lowercase();
                index.intended.entry((id, intended)).or_default().push(position);
            }
        }
        index
    }

    /// The callouts with a name, in any case.
    pub fn by_name(&self, org: OrgId, name: &str) -> impl Iterator<Item = &'a Callout> {
        let callouts = &self.workspace.org(org).callouts;
        let positions = self.typed.get(&(org, name.to_ascii_lowercase()));
        positions.into_iter().flatten().map(|&position| &callouts[position])
    }

    fn by_credential(&self, org: OrgId, named: &NamedCredential) -> Vec<&'a Callout> {
        let content = self.workspace.org(org);
        let position = content.named_credentials.element_offset(named);
        let resolved = position.and_then(|position| self.resolved.get(&(org, position)));
        let intended = self.intended.get(&(org, named.name().to_ascii_lowercase()));
        let positions: BTreeSet<usize> =
            resolved.into_iter().chain(intended).flatten().copied().collect();
        positions.into_iter().map(|position| &content.callouts[position]).collect()
    }
}

/// The Apex callouts outside tests that use the named credential or an obvious misspelling of its
/// name; without one, those that use the same undefined name.
pub fn callouts<'a>(
    index: &CalloutIndex<'a>,
    calling_org: OrgId,
    named: Option<&'a NamedCredential>,
    missing: Option<&Callout>,
) -> Vec<&'a Callout> {
    let Some(named) = named else {
        let Some(missing) = missing else { return Vec::new() };
        let same = index.by_name(calling_org, missing.name.as_str());
        return same.filter(|callout| !callout.in_test).collect();
    };
    let from_other_orgs =
        index.workspace.foreign_callouts(calling_org, named).map(|(_, callout)| callout);
    let mut found = index.by_credential(calling_org, named);
    let mut known: HashSet<Span> = found.iter().map(|callout| callout.name.span).collect();
    found.extend(from_other_orgs.filter(|callout| known.insert(callout.name.span)));
    found.retain(|callout| !callout.in_test);
    found
}

/// A typed name without whitespace and without a placeholder for the default namespace.
pub fn intended(typed: &str) -> String {
    let bare: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    match bare.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches('_').to_owned(),
        None => bare,
    }
}
