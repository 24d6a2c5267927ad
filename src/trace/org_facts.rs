//! What traces show about an org as a whole, found once for all traces.

use std::collections::HashMap;

use crate::model::{Callout, Named, ObjectAccess, Org, Record, Workspace};
use crate::source::Text;

use super::entry_point::is_unresolved;

/// The facts about one org.
pub struct OrgFacts<'a> {
    /// The first callout to a name that no file defines.
    pub unresolved: Option<&'a Callout>,
    /// The external services and data sources by the named credential that they use, in lower case.
    registrations: HashMap<String, Vec<(&'a Record, &'a Text)>>,
    /// The first permission set or profile that grants access to `UserExternalCredential`.
    pub token_access: Option<TokenAccess<'a>>,
}

/// The kind, name and access of a permission set or profile.
pub type TokenAccess<'a> = (&'static str, &'a str, &'a ObjectAccess);

impl<'a> OrgFacts<'a> {
    pub fn new(workspace: &'a Workspace, org: &'a Org) -> OrgFacts<'a> {
        let unresolved = org.callouts.iter().find(|callout| {
            let name = callout.name.known().filter(|_| !callout.in_test);
            name.is_some_and(|name| is_unresolved(workspace, org, name))
        });
        let mut registrations: HashMap<String, Vec<_>> = HashMap::new();
        for record in org.records.iter().filter(|record| {
            matches!(
                record.component.type_name,
                "ExternalServiceRegistration" | "ExternalDataSource"
            )
        }) {
            let mut seen = Vec::new();
            for path in ["namedCredential", "namedCredentialReference", "endpoint"] {
                let Some(text) = record.get(path) else { continue };
                let name = named_in(text.as_str()).to_ascii_lowercase();
                if !seen.contains(&name) {
                    registrations.entry(name.clone()).or_default().push((record, text));
                    seen.push(name);
                }
            }
        }
        let sets = org
            .permission_sets
            .iter()
            .map(|set| ("permission set", set.name(), &set.user_external_credential));
        let profiles = org
            .profiles
            .iter()
            .map(|profile| ("profile", profile.name(), &profile.user_external_credential));
        let token_access = sets.chain(profiles).find_map(granted);
        OrgFacts { unresolved, registrations, token_access }
    }

    /// The external services and data sources that use the named credential.
    pub fn registrations_of(&self, name: &str) -> &[(&'a Record, &'a Text)] {
        self.registrations.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}

/// The access of a permission set or profile, if it grants any.
pub fn granted<'a>(
    (kind, name, access): (&'static str, &'a str, &'a Option<ObjectAccess>),
) -> Option<TokenAccess<'a>> {
    access.as_ref().filter(|access| access.is_some()).map(|access| (kind, name, access))
}

/// The `Name` in `callout:Name/path`, or the whole text.
fn named_in(text: &str) -> &str {
    const SCHEME: &str = "callout:";
    let is_callout =
        text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    if !is_callout {
        return text;
    }
    let name = &text[SCHEME.len()..];
    let end = name.find(|part: char| !part.is_alphanumeric() && part != '_');
    &name[..end.unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn the_name_ends_where_the_path_begins() {
        assert_eq!(named_in("callout:Hub/services"), "Hub");
        assert_eq!(named_in("CALLOUT:Hub"), "Hub");
        assert_eq!(named_in("Hub"), "Hub");
        assert_eq!(named_in("callout:"), "");
    }
}
