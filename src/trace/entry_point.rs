//! Where a trace starts: a named credential, an external credential without one, or a name that
//! appears only in Apex.

use std::collections::HashSet;

use crate::error::{Error, UsageError};
use crate::model::{
    Callout, ExternalCredential, Named, NamedCredential, Org, OrgId, Workspace, same_component,
};
use crate::nearest::nearest;
use crate::source::Text;

use super::callouts::intended;

/// The start of a trace.
#[derive(Clone, Copy)]
pub enum EntryPoint<'a> {
    Named(OrgId, &'a NamedCredential),
    /// An external credential that no named credential uses.
    External(OrgId, &'a ExternalCredential),
    /// A name that Apex uses and no file defines.
    Missing(OrgId, &'a Callout),
}

/// All entry points, sorted by org and file.
pub fn entry_points(workspace: &Workspace) -> Vec<EntryPoint<'_>> {
    let mut entries = Vec::new();
    for (index, org) in workspace.orgs.iter().enumerate() {
        let id = OrgId(index);
        entries.extend(org.named_credentials.iter().map(|named| EntryPoint::Named(id, named)));
        entries.extend(
            org.external_credentials
                .iter()
                .filter(|external| org.users_of(external).next().is_none())
                .map(|external| EntryPoint::External(id, external)),
        );
        let mut seen: HashSet<String> = HashSet::new();
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) =
                callout.name.known().filter(|name| is_unresolved(workspace, org, name))
            else {
                continue;
            };
            if seen.insert(name.to_ascii_lowercase()) {
                entries.push(EntryPoint::Missing(id, callout));
            }
        }
    }
    entries
}

/// Whether no named credential has this name or one that it obviously misspells.
pub fn is_unresolved(workspace: &Workspace, org: &Org, name: &str) -> bool {
    !workspace.knows_named_credential(name)
        && org.named_credentials.ignoring_case(&intended(name)).is_none()
}

/// The entry points for a name: credentials with that name, and named credentials whose external
/// credential has it.
pub fn select<'a>(
    all: &[EntryPoint<'a>],
    workspace: &'a Workspace,
    name: &str,
) -> Result<Vec<EntryPoint<'a>>, Error> {
    let matching = |same: &dyn Fn(&str) -> bool| -> Vec<EntryPoint<'a>> {
        let names = |entry: &&EntryPoint<'a>| {
            same(entry.name())
                || entry.external_name(workspace).is_some_and(same)
                || entry.external_reference().is_some_and(same)
        };
        all.iter().filter(names).copied().collect()
    };
    let mut found = matching(&|other| other.eq_ignore_ascii_case(name));
    if found.is_empty() {
        found = matching(&|other| same_component(other, name));
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let mut known: Vec<String> = all
        .iter()
        .flat_map(|entry| [Some(entry.name()), entry.external_name(workspace)])
        .flatten()
        .map(str::to_owned)
        .collect();
    known.sort();
    known.dedup();
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    Err(UsageError::UnknownCredential { name: name.to_owned(), nearest, known }.into())
}

impl<'a> EntryPoint<'a> {
    pub fn name(&self) -> &'a str {
        match self {
            EntryPoint::Named(_, named) => named.name(),
            EntryPoint::External(_, external) => external.name(),
            EntryPoint::Missing(_, callout) => callout.name.as_str(),
        }
    }

    pub fn org(&self) -> OrgId {
        match self {
            EntryPoint::Named(org, _)
            | EntryPoint::External(org, _)
            | EntryPoint::Missing(org, _) => *org,
        }
    }

    /// Whether no file defines it.
    pub fn is_undefined(&self) -> bool {
        matches!(self, EntryPoint::Missing(..))
    }

    fn external_name(&self, workspace: &'a Workspace) -> Option<&'a str> {
        match self {
            EntryPoint::Named(org, named) => {
                workspace.org(*org).external_of(named).map(Named::name)
            }
            EntryPoint::External(_, external) => Some(external.name()),
            EntryPoint::Missing(..) => None,
        }
    }

    /// The name of the external credential it refers to, whether or not the files define it.
    fn external_reference(&self) -> Option<&'a str> {
        match self {
            EntryPoint::Named(_, named) => named.external_credential.as_ref().map(Text::as_str),
            EntryPoint::External(..) | EntryPoint::Missing(..) => None,
        }
    }
}
