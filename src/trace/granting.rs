//! The permission sets that grant an external credential, and the findings about them. They are the
//! same for every callout that uses the credential, so they are found once.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::model::{ExternalCredential, Named, Org, OrgId, PermissionSet, Workspace};
use crate::source::Text;

use super::org_facts::{TokenAccess, granted};
use super::step::MAX_USERS;

/// The number of holders to count.
pub const MAX_HOLDERS: usize = 100;

/// The permission sets that grant one of the principals of an external credential.
#[derive(Default)]
pub struct Granting<'a> {
    pub sets: Vec<&'a PermissionSet>,
    /// The positions of the findings that may be about one of them.
    pub findings: Vec<usize>,
    /// Users who have one of them, if the users that run callouts are not described.
    pub holders: Vec<&'a Text>,
    /// For each of the first users that run callouts, the one that the user has.
    pub held: Vec<(&'a Text, Option<&'a PermissionSet>)>,
    /// The access to `UserExternalCredential` that one of them grants.
    pub token_access: Option<TokenAccess<'a>>,
}

impl<'a> Granting<'a> {
    fn new(org: &'a Org, sets: Vec<&'a PermissionSet>, findings: Vec<usize>) -> Granting<'a> {
        let holders = match org.callouts_run_as.as_slice() {
            [] => sets.iter().flat_map(|set| org.holders(set)).take(MAX_HOLDERS).collect(),
            [..] => Vec::new(),
        };
        let has = |user: &Text, set: &PermissionSet| {
            org.has_permission_set(user.as_str(), set) == Some(true)
        };
        let running = org.callouts_run_as.iter().take(MAX_USERS);
        let held =
            running.map(|user| (user, sets.iter().copied().find(|set| has(user, set)))).collect();
        let token_access = sets
            .iter()
            .find_map(|set| granted(("permission set", set.name(), &set.user_external_credential)));
        Granting { sets, findings, holders, held, token_access }
    }
}

/// Those of all external credentials.
pub struct GrantingSets<'a>(HashMap<(OrgId, usize), Rc<Granting<'a>>>);

impl<'a> GrantingSets<'a> {
    /// `about` finds the findings that may be about some permission sets of an org.
    pub fn new(
        workspace: &'a Workspace,
        about: impl Fn(OrgId, &[&PermissionSet]) -> Vec<usize>,
    ) -> GrantingSets<'a> {
        let mut all = HashMap::new();
        for (index, org) in workspace.orgs.iter().enumerate() {
            for (position, external) in org.external_credentials.iter().enumerate() {
                let mut known = HashSet::new();
                let sets = org.grants_of(external).map(|(set, _)| set);
                let sets: Vec<&PermissionSet> =
                    sets.filter(|set| known.insert(set.name())).collect();
                let findings = about(OrgId(index), &sets);
                all.insert((OrgId(index), position), Rc::new(Granting::new(org, sets, findings)));
            }
        }
        GrantingSets(all)
    }

    /// Those of an external credential of an org.
    pub fn of(
        &self,
        workspace: &Workspace,
        org: OrgId,
        external: Option<&ExternalCredential>,
    ) -> Rc<Granting<'a>> {
        let credentials = &workspace.org(org).external_credentials;
        let position = external.and_then(|external| credentials.element_offset(external));
        let found = position.and_then(|position| self.0.get(&(org, position)));
        found.cloned().unwrap_or_default()
    }
}
