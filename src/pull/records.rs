//! What metadata does not contain: users, assignments, approvals, and whether principals are configured.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::Date;
use time::format_description::well_known::Iso8601;

use super::Request;
use super::queries::{
    ACCESS, API_ENABLED, ASSIGNMENTS, Asker, CLIENT_APPS, CONNECTED_APPS, Described, ENTITY_TYPES,
    FROZEN, Known, Query, USERS, in_parts, quoted, string,
};
use crate::error::Error;
use crate::model::{AppKind, Named, Subject, Username, fold_username, without_namespace};
use crate::pipeline::Report;

/// External credentials that are asked for one by one.
const MAX_CREDENTIALS: usize = 50;
/// Users that are asked for.
const MAX_USERS: usize = 400;

/// What to ask an org, as its metadata and that of the other orgs suggests.
#[derive(Debug, Default)]
pub struct Questions {
    /// Users that log in to the org, and those that the command line names.
    pub users: BTreeSet<String>,
    /// Permission sets that grant a principal, and groups that contain one of them.
    pub sets: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    pub credentials: BTreeSet<String>,
    /// Apps by kind and name, with their labels.
    pub apps: Vec<(AppKind, String, Option<String>)>,
    /// Whether the command line names users, so that those of others are not read.
    pub only_users: bool,
}

/// The answers.
#[derive(Debug, Default)]
pub struct Facts {
    /// By username; `None` if the org does not have the user.
    pub users: Option<BTreeMap<String, Option<PulledUser>>>,
    /// The grants of permission sets and profiles, and who has them.
    pub sets: BTreeMap<String, PulledSet>,
    /// Who has a permission set group.
    pub groups: BTreeMap<String, BTreeSet<String>>,
    pub apps: Vec<PulledApp>,
    /// For each external credential its principals, with whether they are configured; `None` if the org cannot say.
    pub principals: BTreeMap<String, Vec<(String, Option<bool>)>>,
    /// What could not be read, with the reason.
    pub unknown: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PulledUser {
    /// The record ID, for further questions.
    pub id: String,
    pub active: bool,
    /// `None` if that is unknown.
    pub frozen: Option<bool>,
    pub profile: Option<String>,
    /// Permission sets and groups; `None` if they are unknown.
    pub permission_sets: Option<BTreeSet<String>>,
    pub api_enabled: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PulledSet {
    /// The profile whose grants they are.
    pub profile: Option<String>,
    /// Principals that only the org knows to be granted.
    pub principals: BTreeSet<String>,
    /// Active users; `None` if they are unknown.
    pub assigned_to: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledApp {
    pub kind: AppKind,
    pub name: String,
    pub profiles: BTreeSet<String>,
    pub permission_sets: BTreeSet<String>,
}

impl Questions {
    /// `name` is that of the org in the report.
    pub fn new(name: &str, report: Option<&Report>, request: &Request) -> Questions {
        let mut questions = Questions {
            users: request.users.iter().cloned().collect(),
            only_users: !request.users.is_empty(),
            ..Questions::default()
        };
        let Some(report) = report else { return questions };
        let workspace = &report.workspace;
        let Some(own) = workspace.orgs.iter().find(|own| own.name == name) else {
            return questions;
        };
        let name = |text: &str| text.to_owned();
        questions.credentials =
            own.external_credentials.iter().map(|credential| name(credential.name())).collect();
        let granting = own.permission_sets.iter().filter(|set| set.granted().next().is_some());
        for set in granting {
            questions.sets.insert(name(set.name()));
            questions.groups.extend(own.groups_of(set).map(|group| name(group.name())));
        }
        questions.apps = own
            .apps
            .iter()
            .map(|app| {
                let label = app.label.as_ref().and_then(|label| label.known()).map(name);
                (app.kind, name(app.name()), label)
            })
            .collect();
        let is_own = |other: &crate::model::Org| std::ptr::eq(other, own);
        let subjects = workspace
            .jwt_credentials_to_salesforce()
            .filter(|credential| workspace.answering_org(credential).is_some_and(is_own))
            .filter_map(|credential| Some(name(credential.login()?.username()?.as_str())));
        let run_as =
            workspace.run_as_users().filter(|login| is_own(login.target_org)).filter_map(|login| {
                let subject = Subject::parse(login.username)?;
                subject.username().map(Username::as_str).map(name)
            });
        questions.users.extend(subjects.chain(run_as));
        questions.users.retain(|user| user.len() <= 80);
        questions
    }

    /// The users, as far as they are asked for.
    fn listed_users(&self) -> Vec<String> {
        self.users.iter().take(MAX_USERS).cloned().collect()
    }
}

/// Asks an org. Whatever it does not answer is listed as unknown.
pub fn facts(
    asker: Asker<'_>,
    connect_version: &str,
    questions: &Questions,
    today: Date,
    on_question: &dyn Fn(&str),
) -> Result<Facts, Error> {
    let mut facts = Facts::default();
    on_question("users");
    users(asker, questions, today, &mut facts)?;
    on_question("principals");
    let principals = principals(asker, connect_version, questions, &mut facts)?;
    on_question("who may use principals and apps");
    let profile_sets = access(asker, questions, &principals, &mut facts)?;
    on_question("permission set assignments");
    assignments(asker, questions, &profile_sets, today, &mut facts)?;
    Ok(facts)
}

impl Facts {
    /// The answer, if there is one.
    fn take<T>(&mut self, query: &Query, answer: Known<T>) -> Option<T> {
        answer.map_err(|reason| self.unknown.push((query.what.to_owned(), reason))).ok()
    }
}

/// `ns__Name`.
fn full_name(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) if !namespace.is_empty() => format!("{namespace}__{name}"),
        _ => name.to_owned(),
    }
}

/// The permission set or group of an assignment.
fn assigned(record: &Value) -> Option<String> {
    let group = string(record, "/PermissionSetGroup/DeveloperName");
    let (name, namespace) = match group {
        Some(group) => (group, "/PermissionSetGroup/NamespacePrefix"),
        None => (string(record, "/PermissionSet/Name")?, "/PermissionSet/NamespacePrefix"),
    };
    Some(full_name(string(record, namespace), name))
}

/// Whether an assignment has an effect.
fn is_in_effect(record: &Value, today: Date) -> bool {
    let is_active = |pointer: &str| record.pointer(pointer).and_then(Value::as_bool) != Some(false);
    let end = string(record, "/ExpirationDate").and_then(|text| text.get(..10));
    let ended =
        end.and_then(|text| Date::parse(text, &Iso8601::DATE).ok()).is_some_and(|end| end < today);
    is_active("/IsActive") && is_active("/Assignee/IsActive") && !ended
}

fn is_of_profile(record: &Value, set: &str) -> bool {
    record.pointer(&format!("/{set}/IsOwnedByProfile")).and_then(Value::as_bool) == Some(true)
}

/// The users that matter: whether they exist, are active, and what they may do.
fn users(
    asker: Asker<'_>,
    questions: &Questions,
    today: Date,
    facts: &mut Facts,
) -> Result<(), Error> {
    let wanted = questions.listed_users();
    if wanted.is_empty() {
        facts.users = Some(BTreeMap::new());
        return Ok(());
    }
    let named = |field: &'static str| {
        let wanted = &wanted;
        move |_: &Described| in_parts(wanted, &|names| format!("WHERE {field} IN {names}"))
    };
    let answer = asker.ask(&USERS, &named("Username"))?;
    let Some(records) = facts.take(&USERS, answer) else { return Ok(()) };
    let mut found: BTreeMap<String, Option<PulledUser>> = BTreeMap::new();
    for name in &wanted {
        let record = records.iter().find(|record| {
            string(record, "/Username")
                .is_some_and(|known| fold_username(known) == fold_username(name))
        });
        let user = record.map(|record| PulledUser {
            id: string(record, "/Id").unwrap_or_default().to_owned(),
            active: record.get("IsActive").and_then(Value::as_bool).unwrap_or(true),
            profile: string(record, "/Profile/Name").map(str::to_owned),
            ..PulledUser::default()
        });
        found.insert(name.clone(), user);
    }
    let ids: Vec<String> = found.values().flatten().map(|user| user.id.clone()).collect();
    if !ids.is_empty() {
        let answer =
            asker.ask(&FROZEN, &|_| in_parts(&ids, &|ids| format!("WHERE UserId IN {ids}")))?;
        if let Some(records) = facts.take(&FROZEN, answer) {
            for user in found.values_mut().flatten() {
                let own = |record: &&Value| string(record, "/UserId") == Some(&user.id);
                user.frozen =
                    records.iter().find(own).and_then(|record| record.get("IsFrozen")?.as_bool());
            }
        }
        let answer = asker.ask(&ASSIGNMENTS, &named("Assignee.Username"))?;
        if let Some(records) = facts.take(&ASSIGNMENTS, answer) {
            for (name, user) in
                found.iter_mut().filter_map(|(name, user)| Some((name, user.as_mut()?)))
            {
                let own = |record: &&Value| is_assignee(record, name);
                let sets = records
                    .iter()
                    .filter(own)
                    .filter(|record| {
                        is_in_effect(record, today) && !is_of_profile(record, "PermissionSet")
                    })
                    .filter_map(assigned);
                user.permission_sets = Some(sets.collect());
            }
        }
        let answer = asker.ask(&API_ENABLED, &|_| {
            in_parts(&wanted, &|names| {
                format!("WHERE PermissionSet.PermissionsApiEnabled = true AND Assignee.Username IN {names}")
            })
        })?;
        if let Some(records) = facts.take(&API_ENABLED, answer) {
            for (name, user) in
                found.iter_mut().filter_map(|(name, user)| Some((name, user.as_mut()?)))
            {
                let enabled = records
                    .iter()
                    .any(|record| is_assignee(record, name) && is_in_effect(record, today));
                user.api_enabled = Some(enabled);
            }
        }
    }
    if questions.users.len() > wanted.len() {
        let reason = format!("only the first {MAX_USERS} were asked for");
        facts.unknown.push(("some users".to_owned(), reason));
    }
    facts.users = Some(found);
    Ok(())
}

fn is_assignee(record: &Value, username: &str) -> bool {
    string(record, "/Assignee/Username")
        .is_some_and(|known| fold_username(known) == fold_username(username))
}

/// Asks for each external credential. Returns the references of principals by their record IDs.
fn principals(
    asker: Asker<'_>,
    connect_version: &str,
    questions: &Questions,
    facts: &mut Facts,
) -> Result<BTreeMap<String, String>, Error> {
    let mut references = BTreeMap::new();
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, name) in questions.credentials.iter().enumerate() {
        let answer = if index < MAX_CREDENTIALS {
            asker.credential(name, connect_version)?
        } else {
            Err(format!("only the first {MAX_CREDENTIALS} external credentials were asked for"))
        };
        match answer {
            Err(reason) => reasons.entry(reason).or_default().push(name),
            Ok(document) => {
                let all = document.get("principals").and_then(Value::as_array);
                for principal in all.into_iter().flatten() {
                    let Some(own) = string(principal, "/principalName") else { continue };
                    if let Some(id) = string(principal, "/id") {
                        references.insert(short_id(id).to_owned(), format!("{name}-{own}"));
                    }
                    let state = match string(principal, "/authenticationStatus") {
                        Some("Configured") => Some(true),
                        Some("NotConfigured") => Some(false),
                        _ => None,
                    };
                    facts.principals.entry(name.clone()).or_default().push((own.to_owned(), state));
                }
            }
        }
    }
    for (reason, names) in reasons {
        let few: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
        let more =
            if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
        let what = format!("whether the principals of {}{more} are configured", few.join(", "));
        facts.unknown.push((what, reason));
    }
    Ok(references)
}

/// Record IDs have 15 characters, and 3 that follow from them.
fn short_id(id: &str) -> &str {
    id.get(..15).unwrap_or(id)
}

/// Who may use principals and apps. Returns the permission sets of profiles, by record ID.
fn access(
    asker: Asker<'_>,
    questions: &Questions,
    principals: &BTreeMap<String, String>,
    facts: &mut Facts,
) -> Result<BTreeMap<String, String>, Error> {
    let mut profile_sets = BTreeMap::new();
    if questions.credentials.is_empty() && questions.apps.is_empty() {
        return Ok(profile_sets);
    }
    let answer = asker.ask(&ACCESS, &|described| {
        let types = described.values("SetupEntityType", ENTITY_TYPES);
        if types.is_empty() {
            return Vec::new();
        }
        vec![format!("WHERE SetupEntityType IN {}", quoted(types))]
    })?;
    let Some(records) = facts.take(&ACCESS, answer) else { return Ok(profile_sets) };
    for record in &records {
        let Some(reference) =
            string(record, "/SetupEntityId").and_then(|id| principals.get(short_id(id)))
        else {
            continue;
        };
        let Some(name) = string(record, "/Parent/Name") else { continue };
        let profile = is_of_profile(record, "Parent")
            .then(|| string(record, "/Parent/Profile/Name").unwrap_or(name).to_owned());
        if let (Some(_), Some(id)) = (&profile, string(record, "/ParentId")) {
            profile_sets.insert(short_id(id).to_owned(), name.to_owned());
        }
        let name = full_name(string(record, "/Parent/NamespacePrefix"), name);
        let set = facts.sets.entry(name).or_default();
        set.profile = profile;
        set.principals.insert(reference.clone());
    }
    for (kind, query, type_name) in [
        (AppKind::ConnectedApp, &CONNECTED_APPS, "ConnectedApplication"),
        (AppKind::ExternalClientApp, &CLIENT_APPS, "ExternalClientApplication"),
    ] {
        if !questions.apps.iter().any(|(own, ..)| *own == kind) {
            continue;
        }
        let answer = asker.ask(query, &|_| vec![String::new()])?;
        let Some(apps) = facts.take(query, answer) else { continue };
        for (_, name, label) in questions.apps.iter().filter(|(own, ..)| *own == kind) {
            let is_it = |app: &&Value| match kind {
                AppKind::ConnectedApp => {
                    string(app, "/Name").is_some_and(|own| own == label.as_deref().unwrap_or(name))
                }
                AppKind::ExternalClientApp => string(app, "/DeveloperName")
                    .is_some_and(|own| full_name(string(app, "/NamespacePrefix"), own) == *name),
            };
            let mut matching = apps.iter().filter(is_it);
            // Two apps with the same label cannot be told apart.
            let (Some(app), None) = (matching.next(), matching.next()) else {
                let what = format!("who may use the app `{name}`");
                facts.unknown.push((what, format!("{} has no single row for it", query.object)));
                continue;
            };
            let id = string(app, "/Id").map(short_id);
            let mut pulled = PulledApp {
                kind,
                name: name.clone(),
                profiles: BTreeSet::new(),
                permission_sets: BTreeSet::new(),
            };
            let own = records.iter().filter(|record| {
                string(record, "/SetupEntityType") == Some(type_name)
                    && string(record, "/SetupEntityId").map(short_id) == id
            });
            for record in own {
                if is_of_profile(record, "Parent") {
                    pulled
                        .profiles
                        .extend(string(record, "/Parent/Profile/Name").map(str::to_owned));
                } else if let Some(set) = string(record, "/Parent/Name") {
                    // Connected apps list the labels of permission sets.
                    let label =
                        string(record, "/Parent/Label").filter(|_| kind == AppKind::ConnectedApp);
                    let full = || full_name(string(record, "/Parent/NamespacePrefix"), set);
                    pulled.permission_sets.insert(label.map_or_else(full, str::to_owned));
                }
            }
            facts.apps.push(pulled);
        }
    }
    Ok(profile_sets)
}

/// Who has the permission sets that grant principals, and the groups that contain them.
fn assignments(
    asker: Asker<'_>,
    questions: &Questions,
    profile_sets: &BTreeMap<String, String>,
    today: Date,
    facts: &mut Facts,
) -> Result<(), Error> {
    let sets: BTreeSet<String> = questions
        .sets
        .iter()
        .cloned()
        .chain(
            facts
                .sets
                .iter()
                .filter(|(_, set)| set.profile.is_none())
                .map(|(name, _)| name.clone()),
        )
        .collect();
    if questions.only_users {
        users_of_profiles(profile_sets, facts);
        return Ok(());
    }
    if sets.is_empty() && profile_sets.is_empty() {
        return Ok(());
    }
    let short = |names: &BTreeSet<String>| -> Vec<String> {
        names.iter().map(|name| without_namespace(name).to_owned()).collect()
    };
    let (names, groups) = (short(&sets), short(&questions.groups));
    let ids: Vec<String> = profile_sets.keys().cloned().collect();
    let answer = asker.ask(&ASSIGNMENTS, &|_| {
        let direct = in_parts(&names, &|names| {
            format!("WHERE PermissionSetGroupId = null AND PermissionSet.Name IN {names}")
        });
        let grouped = in_parts(&groups, &|names| {
            format!("WHERE PermissionSetGroup.DeveloperName IN {names}")
        });
        let profiles = in_parts(&ids, &|ids| format!("WHERE PermissionSetId IN {ids}"));
        direct.into_iter().chain(grouped).chain(profiles).collect()
    })?;
    let Some(records) = facts.take(&ASSIGNMENTS, answer) else { return Ok(()) };
    for name in sets.iter().chain(profile_sets.values()) {
        facts.sets.entry(name.clone()).or_default().assigned_to = Some(BTreeSet::new());
    }
    for name in &questions.groups {
        facts.groups.insert(name.clone(), BTreeSet::new());
    }
    for record in records.iter().filter(|record| is_in_effect(record, today)) {
        let (Some(user), Some(name)) = (string(record, "/Assignee/Username"), assigned(record))
        else {
            continue;
        };
        let is_group = string(record, "/PermissionSetGroup/DeveloperName").is_some();
        let list = if is_group {
            facts.groups.get_mut(&name)
        } else {
            facts.sets.get_mut(&name).and_then(|set| set.assigned_to.as_mut())
        };
        if let Some(list) = list {
            list.insert(user.to_owned());
        }
    }
    users_of_profiles(profile_sets, facts);
    Ok(())
}

/// The lists of the users' permission sets do not contain those of their profiles, so they are added.
fn users_of_profiles(profile_sets: &BTreeMap<String, String>, facts: &mut Facts) {
    let granting: Vec<(String, String)> = profile_sets
        .values()
        .filter_map(|name| Some((name.clone(), facts.sets.get(name)?.profile.clone()?)))
        .collect();
    for user in facts.users.iter_mut().flat_map(BTreeMap::values_mut).flatten() {
        let own = granting.iter().filter(|(_, profile)| user.profile.as_ref() == Some(profile));
        let names: Vec<String> = own.map(|(name, _)| name.clone()).collect();
        if let Some(sets) = &mut user.permission_sets {
            sets.extend(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn an_assignment_has_an_effect_until_it_expires() {
        let today = date!(2026 - 11 - 22);
        let at = |record: Value| is_in_effect(&record, today);
        assert!(at(serde_json::json!({"Assignee": {"IsActive": true}, "ExpirationDate": null})));
        assert!(at(serde_json::json!({"ExpirationDate": "2026-11-22T00:00:00.000+0000"})));
        assert!(!at(serde_json::json!({"ExpirationDate": "2026-11-21T00:00:00.000+0000"})));
        assert!(!at(serde_json::json!({"IsActive": false})));
        assert!(!at(serde_json::json!({"Assignee": {"IsActive": false}})));
    }

    #[test]
    fn an_assignment_is_one_of_a_group_or_of_a_set() {
        let of = |record: Value| assigned(&record);
        let set = serde_json::json!({"PermissionSet": {"Name": "A", "NamespacePrefix": "ns"}, "PermissionSetGroup": null});
        assert_eq!(of(set).as_deref(), Some("ns__A"));
        let group = serde_json::json!({"PermissionSet": {"Name": "X00"}, "PermissionSetGroup": {"DeveloperName": "G"}});
        assert_eq!(of(group).as_deref(), Some("G"));
        assert_eq!(of(serde_json::json!({})), None);
    }
}
