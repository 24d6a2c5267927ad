//! Who logs in: the user that `sub` names, in the org that answers, and whether the app lets that user in.

use std::collections::BTreeSet;

use super::{
    App, AppKind, Host, HostKind, JwtCredential, Named, Org, PermissionSet, PermittedUsers, User,
    Username, Workspace, find_named, is_standard_profile, same_profile,
};
use crate::source::{Located, Text};

/// A username that belongs to another org than the one that answers.
#[derive(Clone, Debug)]
pub struct ForeignSubject {
    pub username: Username,
    pub suffix: String,
    pub host: Located<Host>,
}

impl Workspace {
    /// The org that answers a credential: by its My Domain, else by the app that is met.
    pub fn answering_org<'a>(&'a self, credential: &'a JwtCredential) -> Option<&'a Org> {
        credential
            .described_target
            .map(|id| self.org(id))
            .or_else(|| self.connection_of(credential).map(|connection| connection.target_org))
    }

    /// The names of all sandboxes that any host in the files tells, each once.
    pub(crate) fn find_sandboxes(&self) -> Vec<String> {
        let described = self
            .orgs
            .iter()
            .filter_map(|org| org.my_domain.as_ref().map(|host| host.value.clone()));
        let used = self
            .jwt_credentials
            .iter()
            .flat_map(|credential| credential.target_domains().into_iter().map(|host| host.value));
        let names: BTreeSet<String> = described
            .chain(used)
            .filter_map(|host| match host.kind() {
                HostKind::MyDomain { sandbox, .. } => sandbox.clone(),
                _ => None,
            })
            .collect();
        names.into_iter().collect()
    }

    /// The suffix of `sub` names a sandbox, and the org that answers is production or another sandbox. A user that is
    /// described there is believed.
    pub fn foreign_subject(&self, credential: &JwtCredential) -> Option<ForeignSubject> {
        let username = credential.login()?.username()?.clone();
        let target_org = credential.described_target.map(|id| self.org(id));
        if target_org
            .is_some_and(|org| org.user(username.as_str()).is_some() || org.assigns(&username))
        {
            return None;
        }
        let host = credential
            .target_domains()
            .into_iter()
            .next()
            .or_else(|| target_org.and_then(|org| org.my_domain.clone()))?;
        let suffix = username.contradicts(&host, &self.sandboxes)?.to_owned();
        if credential
            .target_domains()
            .iter()
            .any(|domain| username.contradicts(domain, &self.sandboxes).is_none())
        {
            return None;
        }
        Some(ForeignSubject { username, suffix, host })
    }
}

impl Org {
    /// The users that are described, if any are.
    pub fn described_users(&self) -> Option<&[User]> {
        self.users.as_deref().filter(|users| !users.is_empty())
    }

    /// Some permission set or group is said to be assigned to the user.
    pub fn assigns(&self, username: &Username) -> bool {
        let sets = self.permission_sets.iter().filter_map(|set| set.assigned_to.as_ref());
        let groups = self.groups.iter().filter_map(|group| group.assigned_to.as_ref());
        sets.chain(groups).flatten().any(|name| is(name, username))
    }

    /// Whether an app for approved users only lets a user in; `None` where the files do not tell.
    pub fn approves(&self, app: &App, username: &Username) -> Option<bool> {
        if !matches!(app.permitted_users, PermittedUsers::AdminApproved(_))
            || !app.policies
            || (app.profiles.is_empty() && app.permission_sets.is_empty())
        {
            return None;
        }
        let user = self.user(username.as_str());
        if user.is_some_and(|user| !user.active)
            || (user.is_none() && self.described_users().is_some())
        {
            return None;
        }
        let profile = user.and_then(|user| user.profile.as_ref()).and_then(Text::known);
        let by_profile =
            app.profiles.iter().map(|approved| self.is_profile(profile?, name_of(approved)?));
        let by_set = app
            .permission_sets
            .iter()
            .map(|approved| self.holds(app, user, username, name_of(approved)?));
        let answers: Vec<Option<bool>> = by_profile.chain(by_set).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        answers.iter().all(Option::is_some).then_some(false)
    }

    /// Whether a profile is the one that an app names. A name that none of several profiles in the files has proves nothing.
    fn is_profile(&self, profile: &str, approved: &str) -> Option<bool> {
        let same = same_profile(profile, approved)?;
        let found = is_standard_profile(approved)
            || self.profiles.is_empty()
            || self.profiles.iter().any(|known| same_profile(known.name(), approved) == Some(true));
        (same || found).then_some(same)
    }

    /// Whether a user holds a permission set that an app names by label or by name.
    fn holds(
        &self,
        app: &App,
        user: Option<&User>,
        username: &Username,
        approved: &str,
    ) -> Option<bool> {
        let set = self.set_called(approved);
        let mut known = false;
        let mut strange = false;
        if let Some(names) = user.and_then(|user| user.permission_sets.as_ref()) {
            known = true;
            for name in names {
                let name = name.known()?;
                let held = self.set_called(name);
                let same = || held.zip(set).is_some_and(|(held, set)| held.name() == set.name());
                if same_name(name, approved)
                    || same()
                    || set.is_some_and(|set| self.group_holds(name, set))
                {
                    return Some(true);
                }
                strange |= held.is_none() && find_named(&self.groups, name).is_none();
            }
        }
        if let Some(set) = set {
            let groups: Vec<_> =
                self.groups.iter().filter(|group| self.group_holds(group.name(), set)).collect();
            let assigned = set
                .assigned_to
                .iter()
                .chain(groups.iter().filter_map(|group| group.assigned_to.as_ref()))
                .flatten();
            if assigned.into_iter().any(|name| is(name, username)) {
                return Some(true);
            }
            known |= self.assignments_known
                || (set.assigned_to.is_some()
                    && groups.iter().all(|group| group.assigned_to.is_some()));
        }
        // A connected app's file names permission sets by label, and the label of a set that is not in the files is not known.
        let by_label = app.kind == AppKind::ConnectedApp && !app.records.is_empty();
        let unproven = set.is_none() && (!self.permission_sets.is_empty() || (strange && by_label));
        if !known || unproven {
            return None;
        }
        Some(false)
    }

    /// The permission set with that label, else with that name.
    fn set_called(&self, reference: &str) -> Option<&PermissionSet> {
        let labelled = self.permission_sets.iter().find(|set| {
            set.label.as_ref().is_some_and(|label| label.as_str().eq_ignore_ascii_case(reference))
        });
        labelled.or_else(|| find_named(&self.permission_sets, reference)).or_else(|| {
            self.permission_sets
                .iter()
                .find(|set| set.label.is_none() && same_name(set.name(), reference))
        })
    }

    fn group_holds(&self, group: &str, set: &PermissionSet) -> bool {
        find_named(&self.groups, group).is_some_and(|group| {
            group.members.iter().any(|member| {
                find_named(&self.permission_sets, member.as_str())
                    .is_some_and(|found| found.name() == set.name())
            })
        })
    }
}

fn is(name: &Text, username: &Username) -> bool {
    name.as_str().to_lowercase() == username.as_str().to_lowercase()
}

/// A name or label; `None` for placeholders and record ids.
fn name_of(text: &Text) -> Option<&str> {
    let is_id = |text: &str| {
        matches!(text.len(), 15 | 18)
            && (text.starts_with("0PS") || text.starts_with("0PG") || text.starts_with("00e"))
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    text.known().filter(|text| !is_id(text))
}

/// `Hub Access` and `Hub_Access`: Setup makes the name from the label.
fn same_name(left: &str, right: &str) -> bool {
    let folded = |text: &str| text.replace([' ', '-'], "_").to_lowercase();
    folded(left) == folded(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Component, Subject};
    use crate::source::{FileId, Span, Syntax};

    fn text(value: &str) -> Text {
        Text::at(value, Span::new(FileId(0), 0, value.len()), Syntax::Xml)
    }

    fn username(value: &str) -> Username {
        match Subject::parse(&text(value)) {
            Some(Subject::Username(username)) => username,
            other => panic!("{other:?}"),
        }
    }

    fn set(name: &str, label: &str) -> PermissionSet {
        let mut set =
            PermissionSet::new(Component::new("PermissionSet", name, Span::new(FileId(0), 0, 0)));
        set.label = Some(text(label));
        set
    }

    fn app(profiles: &[&str], sets: &[&str]) -> App {
        let place = Span::new(FileId(0), 0, 0);
        App {
            component: Component::new("ConnectedApp", "Hub_Org", place),
            kind: AppKind::ConnectedApp,
            label: None,
            oauth: Some(place),
            consumer_key: None,
            certificate: None,
            callback: None,
            scopes: None,
            permitted_users: PermittedUsers::AdminApproved(place),
            profiles: profiles.iter().map(|name| text(name)).collect(),
            permission_sets: sets.iter().map(|name| text(name)).collect(),
            policies: true,
            records: vec![crate::model::Record {
                component: Component::new("ConnectedApp", "Hub_Org", place),
                fields: Vec::new(),
            }],
        }
    }

    fn org(profile: Option<&str>, sets: Option<&[&str]>) -> Org {
        let user = User {
            username: text("a@acme.com"),
            profile: profile.map(text),
            permission_sets: sets.map(|sets| sets.iter().map(|name| text(name)).collect()),
            active: true,
        };
        Org {
            users: Some(vec![user]),
            permission_sets: vec![set("Hub_Access_1", "Hub Access"), set("Other", "Other Set")],
            ..Org::default()
        }
    }

    fn approves(org: &Org, app: &App) -> Option<bool> {
        org.approves(app, &username("A@acme.com"))
    }

    #[test]
    fn a_permission_set_is_found_by_label_then_by_name() {
        let held = org(None, Some(&["Hub_Access_1"]));
        assert_eq!(approves(&held, &app(&[], &["Hub Access"])), Some(true));
        assert_eq!(approves(&held, &app(&[], &["Hub_Access_1"])), Some(true));
        assert_eq!(approves(&held, &app(&[], &["Other Set"])), Some(false));
    }

    #[test]
    fn a_profile_is_found_in_any_language() {
        assert_eq!(
            approves(&org(Some("System Administrator"), None), &app(&["Systemadministrator"], &[])),
            Some(true)
        );
        assert_eq!(
            approves(&org(Some("Integration"), None), &app(&["Systemadministrator"], &[])),
            Some(false)
        );
    }

    #[test]
    fn what_is_not_said_is_unknown() {
        assert_eq!(
            approves(&org(None, Some(&["Other"])), &app(&["Integration"], &["Hub Access"])),
            None
        );
        assert_eq!(
            approves(&org(Some("Integration"), None), &app(&["Sales"], &["Hub Access"])),
            None
        );
        assert_eq!(approves(&org(None, Some(&["Not_In_Files"])), &app(&[], &["A label"])), None);
        assert_eq!(approves(&org(None, Some(&["Other"])), &app(&[], &["Hub Acces"])), None);
        assert_eq!(
            approves(&org(None, Some(&["Other"])), &app(&[], &["0PS5g000000AbCdEAV"])),
            None
        );
        assert_eq!(approves(&org(None, Some(&["Other"])), &app(&[], &["${ACCESS}"])), None);
    }

    #[test]
    fn an_assignment_counts_as_well() {
        let mut org = org(None, None);
        org.users = None;
        org.permission_sets[0].assigned_to = Some(vec![text("a@acme.com")]);
        assert_eq!(approves(&org, &app(&[], &["Hub Access"])), Some(true));
        org.permission_sets[0].assigned_to = Some(vec![text("b@acme.com")]);
        assert_eq!(approves(&org, &app(&[], &["Hub Access"])), Some(false));
        org.permission_sets[0].assigned_to = None;
        assert_eq!(approves(&org, &app(&[], &["Hub Access"])), None);
    }
}
