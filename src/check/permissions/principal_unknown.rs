//! A permission set names a principal that its external credential does not have.

use std::collections::HashMap;

use crate::finding::{Edit, Findings};
use crate::model::{ExternalCredential, Named, Workspace, find_named, split_principal};
use crate::nearest::Suggestions;

const SHOWN: usize = 10;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut known: HashMap<&str, Principals<'_>> = HashMap::new();
        for set in &org.permission_sets {
            for grant in &set.grants {
                let Some((name, principal)) = grant.reference.known().and_then(split_principal)
                else {
                    continue;
                };
                let Some(credential) = find_named(&org.external_credentials, name) else {
                    continue;
                };
                let Principals { names, all_known, suggestions } =
                    known.entry(credential.name()).or_insert_with(|| Principals::new(credential));
                if names.is_empty()
                    || !*all_known
                    || (name != credential.name() && org.is_foreign(name))
                    || org.principal(credential, principal).is_some()
                {
                    continue;
                }
                let near = suggestions
                    .nearest(principal, names.iter().copied())
                    .or(if names.len() == 1 { names.first().copied() } else { None });
                let reference = near.map(|near| format!("{name}-{near}"));
                found
                    .report(
                        &set.component,
                        &grant.reference,
                        format!(
                            "the permission set `{}` grants the principal `{principal}`, which \
                             `{}` does not have",
                            set.name(),
                            credential.name()
                        ),
                    )
                    .label("granted here")
                    .related(
                        &credential
                            .principals()
                            .next()
                            .map_or(credential.component.place, |principal| principal.name.span),
                        "an existing principal",
                    )
                    .help(match &reference {
                        Some(reference) => format!(
                            "grant `{reference}`, or add the principal to the external credential"
                        ),
                        None => format!(
                            "grant one of {}, or add the principal to the external credential",
                            listed(names)
                        ),
                    })
                    .unsafe_fix(
                        "grant the existing principal",
                        reference
                            .as_ref()
                            .and_then(|reference| Edit::replace(&grant.reference, reference)),
                    )
                    .field(grant.reference.as_str());
            }
        }
    }
}

/// The principals of one credential.
struct Principals<'a> {
    names: Vec<&'a str>,
    all_known: bool,
    suggestions: Suggestions<'a>,
}

impl<'a> Principals<'a> {
    fn new(credential: &'a ExternalCredential) -> Self {
        Principals {
            names: credential.principals().map(|principal| principal.name.as_str()).collect(),
            all_known: credential.principals().all(|principal| principal.name.known().is_some()),
            suggestions: Suggestions::default(),
        }
    }
}

/// The first names; a credential may have thousands of principals.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let others = if names.len() > SHOWN {
        format!(" and {} others", names.len() - SHOWN)
    } else {
        String::new()
    };
    format!("{}{others}", shown.join(", "))
}
