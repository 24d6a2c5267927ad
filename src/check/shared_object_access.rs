//! Users who may use a principal, with all that the files say about their access to the object that stores its tokens.

use std::collections::HashSet;

use crate::model::{Component, Grant, Named, ObjectAccess, Org, PermissionSet, fold_username};
use crate::source::Text;

/// The maximum number of users of an org that are examined.
const MAX_USERS: usize = 20;

/// A user with a granted principal whose permission sets and profile are all in the files.
pub struct KnownUser<'a> {
    pub username: &'a Text,
    /// The permission set that grants the principal.
    pub set: &'a PermissionSet,
    pub grant: &'a Grant,
    pub is_per_user: bool,
    /// The access to `UserExternalCredential` that the permission sets and the profile give, each more than none.
    pub given: Vec<(&'a Component, &'a ObjectAccess)>,
}

/// Known users with a granted principal that stores tokens: up to [`MAX_USERS`], each once per kind of principal.
pub fn known_users(org: &Org) -> impl Iterator<Item = KnownUser<'_>> {
    let grants = org
        .permission_sets
        .iter()
        .flat_map(|set| set.granted().map(move |grant| (set, grant)))
        .filter_map(|(set, grant)| {
            let (credential, principal) = org.granted_principal(grant.reference.known()?)?;
            credential.keeps_tokens().then(|| (set, grant, principal.is_per_user()))
        });
    let mut seen = HashSet::new();
    let users = grants
        .flat_map(|(set, grant, is_per_user)| {
            org.holders(set).map(move |username| (set, grant, is_per_user, username))
        })
        // One grant of each kind is enough to show what a user lacks.
        .filter(move |(_, _, is_per_user, username)| {
            seen.insert((fold_username(username.as_str()), *is_per_user))
        })
        .take(MAX_USERS);
    users.filter_map(|(set, grant, is_per_user, username)| {
        let given = given(org, username)?;
        Some(KnownUser { username, set, grant, is_per_user, given })
    })
}

/// All access that a user has; `None` if the files do not show all of it. Files of standard profiles often leave out
/// what the profile has.
fn given<'a>(org: &'a Org, username: &Text) -> Option<Vec<(&'a Component, &'a ObjectAccess)>> {
    let (sets, complete) = org.permission_sets_of(username.as_str());
    let named = org.user(username.as_str())?.profile.as_ref()?.known()?;
    let profile = org.profile(named)?;
    if !complete || !(profile.is_custom() || profile.user_external_credential.is_some()) {
        return None;
    }
    let by_set =
        sets.into_iter().map(|set| (&set.component, set.user_external_credential.as_ref()));
    let all = by_set.chain([(profile.component(), profile.user_external_credential.as_ref())]);
    let given = all.filter_map(|(component, access)| Some((component, access?)));
    Some(given.filter(|(_, access)| access.is_some()).collect())
}
