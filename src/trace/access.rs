//! Step 3: whether the running user may use the credential.

use crate::model::{ExternalCredential, Named, NamedCredential, PermissionSet};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::caller::org_name;
use super::granting::MAX_HOLDERS;
use super::org_facts::OrgFacts;
use super::path::CalloutPath;
use super::step::{MAX_USERS, Step, listed};

/// The number of permission sets to list; the rest are only counted.
const MAX_LISTED: usize = 3;

pub fn step<'a>(path: &CalloutPath<'a>, org_facts: &OrgFacts<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Access, path.failures(Kind::Access));
    match (path.named, path.external) {
        (Some(named), None) if named.is_legacy() => legacy(named, &mut step),
        (_, Some(external)) => facts(path, org_facts, external, &mut step),
        (_, None) => {
            if step.failures.is_empty() {
                step.note_unknown(
                    "which users may use it: its external credential is not in these files",
                    "",
                );
            }
        }
    }
    step
}

fn legacy(named: &NamedCredential, step: &mut Step<'_>) {
    let per_user = named.principal_type.as_ref().filter(|kind| kind.known() == Some("PerUser"));
    match per_user {
        Some(kind) => step.fact("every user, with their own login (`PerUser`)", kind),
        None => step.note("a legacy named credential with one named user: no permission is needed"),
    }
}

fn facts<'a>(
    path: &CalloutPath<'a>,
    org_facts: &OrgFacts<'a>,
    external: &ExternalCredential,
    step: &mut Step<'a>,
) {
    for principal in external.principals().take(MAX_USERS) {
        let kind = if principal.is_per_user() { "per-user principal" } else { "principal" };
        let is_in = |names: &[Text]| {
            names.iter().any(|name| name.as_str().eq_ignore_ascii_case(principal.name.as_str()))
        };
        let state = if is_in(&external.configured) { ", configured in the org" } else { "" };
        step.fact(
            format!("{kind} `{}-{}`{state}", external.name(), principal.name),
            principal.name,
        );
    }
    let others = external.principals().skip(MAX_USERS).count();
    if others > 0 {
        step.note(format!("and {others} more principals"));
    }
    for set in path.granting.sets.iter().take(MAX_LISTED) {
        if let Some((_, grant)) =
            path.calling_org.grants_of(external).find(|(other, _)| other.name() == set.name())
        {
            step.fact(
                format!("the {} grants it{}", called(set), groups(path, set)),
                &grant.reference,
            );
        }
    }
    if path.granting.sets.len() > MAX_LISTED {
        step.note(format!(
            "and {} more permission sets grant it",
            path.granting.sets.len() - MAX_LISTED
        ));
    }
    if external.grants_itself() {
        step.note("the external credential names the permission set itself, as in API version 57 and earlier");
    }
    holders(path, step);
    if external.keeps_tokens() {
        stored_tokens(path, org_facts, step);
    }
}

/// The kind and name of a permission set, or of the profile that it is part of.
fn called(set: &PermissionSet) -> String {
    match &set.profile {
        Some(profile) => format!("profile `{profile}`"),
        None => format!("permission set `{}`", set.name()),
    }
}

fn groups(path: &CalloutPath<'_>, set: &PermissionSet) -> String {
    let mut groups = path.calling_org.groups_of(set).map(Named::name);
    let mut names: Vec<String> =
        groups.by_ref().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    let others = groups.count();
    if others > 0 {
        names.push(format!("and {others} more"));
    }
    if names.is_empty() {
        String::new()
    } else {
        format!(", also through the group {}", names.join(", "))
    }
}

/// Whether the running users, or any users, have one of the permission sets.
fn holders(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let certain = step.failures.iter().any(|failure| failure.certain);
    let Some(first) = path.granting.sets.first() else {
        if step.failures.is_empty() {
            let grants_itself = path.external.is_some_and(ExternalCredential::grants_itself);
            if !grants_itself {
                step.unknown(
                    "which users may use the principal: no permission set in these files grants it",
                    "add the folder with the permission sets, or grant the principal in one",
                );
            }
        }
        return;
    };
    let sets = listed(path.granting.sets.iter().map(|set| format!("`{}`", set.name())), " or ");
    if path.calling_org.callouts_run_as.is_empty() {
        let holders = &path.granting.holders;
        match holders.first() {
            Some(holder) => step.fact(format!("`{holder}` has it{}", more(holders)), *holder),
            None if certain => {}
            None => step.unknown(
                format!("whether the user who runs the callout has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `callouts_run_as: [user]` and `permission_sets: {{ {}: {{ assigned_to: [user] }} }}`", org_name(path), first.name()),
            ),
        }
        return;
    }
    for (user, held) in &path.granting.held {
        match held {
            Some(set) => step.fact(format!("`{user}` has the {}", called(set)), *user),
            None if certain => {}
            None => step.unknown(
                format!("whether `{user}`, who runs the callout, has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `permission_sets: {{ {}: {{ assigned_to: [{user}] }} }}`", org_name(path), first.name()),
            ),
        }
    }
    let others = path.calling_org.callouts_run_as.len().saturating_sub(path.granting.held.len());
    if others > 0 && !certain {
        step.unknown(
            format!("whether the {others} other users who run the callout have the permission set {sets}"),
            "",
        );
    }
}

fn more(holders: &[&Text]) -> String {
    if holders.len() >= MAX_HOLDERS {
        return ", and many more".to_owned();
    }
    let mut names: Vec<&str> = holders.iter().map(|name| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    }
}

/// Access to `UserExternalCredential`, the object that stores tokens per user.
fn stored_tokens<'a>(path: &CalloutPath<'a>, facts: &OrgFacts<'a>, step: &mut Step<'a>) {
    match path.granting.token_access.or(facts.token_access) {
        Some((kind, name, access)) => {
            let text = format!("the {kind} `{name}` grants {} on `UserExternalCredential`", access.words());
            match access.place {
                Some(place) => step.fact(text, &place),
                None => step.note(text),
            }
        }
        None if step.failures.is_empty() && !path.granting.sets.is_empty() => step.note("access to `UserExternalCredential` is not in these files; most standard profiles grant it"),
        None => {}
    }
}
