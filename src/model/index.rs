//! The references between the components of one org, resolved once by name, so that lookups need no search.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::callout::Callout;
use super::component::{Named, Record, without_namespace};
use super::components::Components;
use super::external_credential::ExternalCredential;
use super::named_credential::NamedCredential;
use super::permissions::{
    PermissionSet, PermissionSetGroup, Profile, fold_label, fold_principal, split_principal,
};
use super::profile_name::fold_profile;
use super::user::{User, fold_username};
use crate::source::{Span, Text};

/// Positions in the lists of the org that the index was built from.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrgIndex {
    /// The named credentials that use an external credential.
    pub named_of: HashMap<usize, Vec<usize>>,
    /// The enabled grants that name an external credential: permission set and grant in it.
    pub grants_of: HashMap<usize, Vec<(usize, usize)>>,
    /// The parameter that defines a principal, by external credential and [`fold_principal`].
    pub principals: HashMap<(usize, String), usize>,
    /// The parameters that define a principal of that name, by [`fold_principal`]: external credential and parameter in it.
    pub principals_by_name: HashMap<String, Vec<(usize, usize)>>,
    /// The external credentials of each name in lower case.
    pub external_names: HashMap<String, Vec<usize>>,
    /// The first external credential at each place.
    pub external_places: HashMap<Span, usize>,
    /// The callouts that call a named credential.
    pub callouts_of: HashMap<usize, Vec<usize>>,
    /// The groups that contain a permission set.
    pub groups_of: HashMap<usize, Vec<usize>>,
    /// Permission sets by label in lower case.
    pub set_labels: HashMap<String, usize>,
    /// Permission sets without a label, by [`fold_label`] of their name.
    pub unlabelled_sets: HashMap<String, usize>,
    /// The labels of permission sets and groups in lower case.
    pub labels: HashSet<String>,
    pub has_set_without_label: bool,
    /// The names of profiles in lower case, and in the form of [`fold_profile`].
    pub profile_names: HashSet<String>,
    pub profiles: HashSet<String>,
    /// Settings files by name.
    pub settings: HashMap<String, Vec<usize>>,
    /// Components without a shape of their own, by type and by name in lower case without a namespace.
    pub records_by_name: HashMap<(&'static str, String), usize>,
    /// Users by [`fold_username`].
    pub users: HashMap<String, usize>,
    memberships: HashSet<(usize, usize)>,
    same_sets: HashMap<usize, Vec<usize>>,
    assignments: HashMap<String, Vec<Assignment>>,
    /// Users whose own record lists a permission set, and users whose own record lists a group.
    set_users: HashMap<usize, Vec<usize>>,
    group_users: HashMap<usize, Vec<usize>>,
    /// The permission sets that the record of an active user lists, and the groups that any active user has.
    held_sets: HashSet<usize>,
    held_groups: HashSet<usize>,
}

/// Something assigned to a user.
#[derive(Clone, Copy, Debug)]
enum Assignment {
    /// This permission set lists the user.
    Set(usize),
    /// The user's record lists a permission set with this name.
    SetByName(usize),
    /// This group lists the user.
    Group(usize),
    /// The user's record lists a group with this name.
    GroupByName(usize),
}

/// The lists of an org that refer to each other.
pub(crate) struct Lists<'a> {
    pub external: &'a Components<ExternalCredential>,
    pub named: &'a Components<NamedCredential>,
    pub sets: &'a Components<PermissionSet>,
    pub groups: &'a Components<PermissionSetGroup>,
    pub profiles: &'a Components<Profile>,
    pub records: &'a Components<Record>,
    pub callouts: &'a [Callout],
    pub users: &'a [User],
}

impl OrgIndex {
    pub fn new(lists: &Lists<'_>) -> OrgIndex {
        let mut index = OrgIndex::default();
        index.credentials(lists);
        index.permission_sets(lists);
        index.assignments(lists);
        for profile in lists.profiles {
            index.profile_names.insert(profile.name().to_lowercase());
            index.profiles.insert(fold_profile(profile.name()));
        }
        for (position, record) in lists.records.iter().enumerate() {
            if record.component.type_name == "Settings" {
                index.settings.entry(record.name().to_owned()).or_default().push(position);
            }
            let name = without_namespace(record.name()).to_ascii_lowercase();
            index.records_by_name.entry((record.component.type_name, name)).or_insert(position);
        }
        index
    }

    fn credentials(&mut self, lists: &Lists<'_>) {
        for (position, credential) in lists.external.iter().enumerate() {
            self.external_places.entry(credential.component.place).or_insert(position);
            let name = credential.name().to_ascii_lowercase();
            self.external_names.entry(name).or_default().push(position);
            for (at, parameter) in credential.parameters.iter().enumerate() {
                if let Some(name) =
                    parameter.name.as_ref().filter(|_| parameter.kind.is_principal())
                {
                    let folded = fold_principal(name.as_str());
                    let same = self.principals_by_name.entry(folded.clone());
                    same.or_default().push((position, at));
                    self.principals.entry((position, folded)).or_insert(at);
                }
            }
        }
        for (position, named) in lists.named.iter().enumerate() {
            let reference = named.external_credential.as_ref().and_then(Text::known);
            if let Some(external) = reference.and_then(|name| lists.external.position(name)) {
                self.named_of.entry(external).or_default().push(position);
            }
        }
        for (position, callout) in lists.callouts.iter().enumerate() {
            if let Some(named) = callout.name.known().and_then(|name| lists.named.position(name)) {
                self.callouts_of.entry(named).or_default().push(position);
            }
        }
    }

    fn permission_sets(&mut self, lists: &Lists<'_>) {
        for (position, set) in lists.sets.iter().enumerate() {
            self.same_sets
                .entry(lists.sets.exact(set.name()).unwrap_or(position))
                .or_default()
                .push(position);
            match &set.label {
                Some(label) => {
                    let label = label.as_str().to_ascii_lowercase();
                    self.labels.insert(label.clone());
                    self.set_labels.entry(label).or_insert(position);
                }
                None => {
                    self.has_set_without_label = true;
                    self.unlabelled_sets.entry(fold_label(set.name())).or_insert(position);
                }
            }
            for (at, grant) in set.grants.iter().enumerate().filter(|(_, grant)| grant.enabled) {
                let credential = split_principal(grant.reference.as_str())
                    .and_then(|(name, _)| lists.external.position(name));
                if let Some(credential) = credential {
                    self.grants_of.entry(credential).or_default().push((position, at));
                }
            }
        }
        for (position, group) in lists.groups.iter().enumerate() {
            self.labels.extend(group.label.iter().map(|label| label.as_str().to_ascii_lowercase()));
            for member in &group.members {
                if let Some(set) = lists.sets.position(member.as_str())
                    && self.memberships.insert((set, position))
                {
                    self.groups_of.entry(set).or_default().push(position);
                }
            }
        }
    }

    fn assignments(&mut self, lists: &Lists<'_>) {
        let mut assign = |user: &Text, assignment| {
            self.assignments.entry(fold_username(user.as_str())).or_default().push(assignment);
        };
        for (position, set) in lists.sets.iter().enumerate() {
            set.assigned_to
                .iter()
                .flatten()
                .for_each(|user| assign(user, Assignment::Set(position)));
        }
        for (position, group) in lists.groups.iter().enumerate() {
            group
                .assigned_to
                .iter()
                .flatten()
                .for_each(|user| assign(user, Assignment::Group(position)));
        }
        for (position, user) in lists.users.iter().enumerate() {
            for name in user.permission_sets.iter().flatten() {
                if let Some(set) = lists.sets.position(name.as_str()) {
                    assign(&user.username, Assignment::SetByName(set));
                    self.set_users.entry(set).or_default().push(position);
                }
                if let Some(group) = lists.groups.position(name.as_str()) {
                    assign(&user.username, Assignment::GroupByName(group));
                    self.group_users.entry(group).or_default().push(position);
                }
            }
            self.users.entry(fold_username(user.username.as_str())).or_insert(position);
        }
        let is_active = |name: &Text| {
            let position = self.users.get(&fold_username(name.as_str()));
            position.is_none_or(|&position| lists.users[position].active)
        };
        let any_active = |users: &[usize]| {
            users.iter().any(|&position| is_active(&lists.users[position].username))
        };
        let of = |users: &HashMap<usize, Vec<usize>>| -> HashSet<usize> {
            let held = users.iter().filter(|(_, users)| any_active(users));
            held.map(|(&position, _)| position).collect()
        };
        let mut held_groups = of(&self.group_users);
        for (position, group) in lists.groups.iter().enumerate() {
            if group.assigned_to.iter().flatten().any(is_active) {
                held_groups.insert(position);
            }
        }
        (self.held_sets, self.held_groups) = (of(&self.set_users), held_groups);
    }

    /// Whether an active user has a permission set through a group or by the user's own record; `None` if no user's record
    /// lists it.
    pub fn is_held(&self, set: usize) -> Option<bool> {
        let groups = || self.groups_of.get(&set).into_iter().flatten();
        let held =
            self.held_sets.contains(&set) || groups().any(|group| self.held_groups.contains(group));
        let is_listed = self.set_users.contains_key(&set)
            || groups().any(|group| self.group_users.contains_key(group));
        (held || is_listed).then_some(held)
    }

    /// Whether a group contains a permission set.
    pub fn is_member(&self, set: usize, group: usize) -> bool {
        self.memberships.contains(&(set, group))
    }

    /// Whether a permission set is assigned to a user, directly or through a group. `set` is the permission set;
    /// `by_name` is the first one with its name, to which references resolve.
    pub fn is_assigned(&self, username: &str, set: usize, by_name: usize) -> bool {
        self.assignments.get(&fold_username(username)).into_iter().flatten().any(|assignment| {
            match *assignment {
                Assignment::Set(other) => other == set,
                Assignment::SetByName(other) => other == by_name,
                Assignment::Group(group) | Assignment::GroupByName(group) => {
                    self.memberships.contains(&(by_name, group))
                }
            }
        })
    }

    /// Whether anything is assigned to a user by a permission set or a group.
    pub fn is_assignee(&self, username: &str) -> bool {
        self.assignments.get(&fold_username(username)).is_some_and(|all| {
            all.iter().any(|one| matches!(one, Assignment::Set(_) | Assignment::Group(_)))
        })
    }

    /// The permission sets that are assigned to any of some users, directly or through the groups given.
    pub fn sets_of<'a>(
        &self,
        usernames: impl IntoIterator<Item = &'a str>,
        groups: &Components<PermissionSetGroup>,
        sets: &Components<PermissionSet>,
    ) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::new();
        let same = |set: usize| self.same_sets.get(&set).into_iter().flatten().copied();
        let assignments = usernames
            .into_iter()
            .flat_map(|username| self.assignments.get(&fold_username(username)))
            .flatten();
        for assignment in assignments {
            match *assignment {
                Assignment::Set(set) => {
                    found.insert(set);
                }
                Assignment::SetByName(set) => found.extend(same(set)),
                Assignment::Group(group) | Assignment::GroupByName(group) => {
                    if !seen.insert(group) {
                        continue;
                    }
                    let members = groups.get(group).into_iter().flat_map(|group| &group.members);
                    found.extend(
                        members.filter_map(|name| sets.position(name.as_str())).flat_map(same),
                    );
                }
            }
        }
        found
    }

    /// The users, by [`fold_username`], who have any of some permission sets, directly or through the groups given: each
    /// set itself, and the first of its name.
    pub fn users_of<'a>(
        &self,
        sets: impl IntoIterator<Item = (&'a PermissionSet, usize)>,
        groups: &Components<PermissionSetGroup>,
        users: &[User],
    ) -> HashSet<String> {
        let mut found = HashSet::new();
        let mut seen = HashSet::new();
        let mut add = |names: Option<&Vec<Text>>, listing: Option<&Vec<usize>>| {
            let listing = listing.into_iter().flatten().map(|&user| &users[user].username);
            let names = names.into_iter().flatten().chain(listing);
            found.extend(names.map(|name| fold_username(name.as_str())));
        };
        for (set, by_name) in sets {
            add(set.assigned_to.as_ref(), self.set_users.get(&by_name));
            for &group in self.groups_of.get(&by_name).into_iter().flatten() {
                if seen.insert(group) {
                    add(groups[group].assigned_to.as_ref(), self.group_users.get(&group));
                }
            }
        }
        found
    }

    /// The users whose own record lists a permission set, or a group that contains it.
    pub fn users_listing(&self, set: usize) -> impl Iterator<Item = usize> {
        let groups = self.groups_of.get(&set).into_iter().flatten();
        let through = groups.filter_map(|group| self.group_users.get(group)).flatten();
        self.set_users.get(&set).into_iter().flatten().chain(through).copied()
    }
}
