//! Step 3: whether the running user may use the credential.

use crate::model::{ExternalCredential, Named, NamedCredential, PermissionSet};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::caller::org_name;
use super::path::CalloutPath;
use super::step::Step;

/// The number of permission sets to list; the rest are only counted.
const MAX_LISTED: usize = 3;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Access, path.failures(Kind::Access));
    match (path.named, path.external) {
        (Some(named), None) if named.is_legacy() => legacy(named, &mut step),
        (_, Some(external)) => facts(path, external, &mut step),
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

fn facts(path: &CalloutPath<'_>, external: &ExternalCredential, step: &mut Step<'_>) {
    for principal in external.principals() {
        let kind = if principal.is_per_user() { "per-user principal" } else { "principal" };
        step.fact(format!("{kind} `{}-{}`", external.name(), principal.name), principal.name);
    }
    for set in path.granting.iter().take(MAX_LISTED) {
        if let Some((_, grant)) =
            path.calling_org.grants_of(external).find(|(other, _)| other.name() == set.name())
        {
            step.fact(
                format!("the permission set `{}` grants it{}", set.name(), groups(path, set)),
                &grant.reference,
            );
        }
    }
    if path.granting.len() > MAX_LISTED {
        step.note(format!(
            "and {} more permission sets grant it",
            path.granting.len() - MAX_LISTED
        ));
    }
    if external.grants_itself() {
        step.note("the external credential names the permission set itself, as in API version 57 and earlier");
    }
    holders(path, step);
    if external.keeps_tokens() {
        stored_tokens(path, step);
    }
}

fn groups(path: &CalloutPath<'_>, set: &PermissionSet) -> String {
    let names: Vec<String> = path
        .calling_org
        .groups
        .iter()
        .filter(|group| {
            path.calling_org.members_of(group).any(|member| member.name() == set.name())
        })
        .map(|group| format!("`{}`", group.name()))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(", also through the group {}", names.join(", "))
    }
}

/// Whether the running users, or any users, have one of the permission sets.
fn holders(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let certain = step.failures.iter().any(|failure| failure.certain);
    let Some(first) = path.granting.first() else {
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
    let names: Vec<String> = path.granting.iter().map(|set| format!("`{}`", set.name())).collect();
    let sets = names.join(" or ");
    if path.calling_org.callouts_run_as.is_empty() {
        let holders: Vec<&Text> = path
            .granting
            .iter()
            .filter_map(|set| path.calling_org.holders(set))
            .flatten()
            .collect();
        match holders.first() {
            Some(holder) => step.fact(format!("`{holder}` has it{}", more(&holders)), *holder),
            None if certain => {}
            None => step.unknown(
                format!("whether the user who runs the callout has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `callouts_run_as: [user]` and `permission_sets: {{ {}: {{ assigned_to: [user] }} }}`", org_name(path), first.name()),
            ),
        }
        return;
    }
    for user in &path.calling_org.callouts_run_as {
        let answers: Vec<Option<bool>> = path
            .granting
            .iter()
            .map(|set| path.calling_org.has_permission_set(user.as_str(), set))
            .collect();
        let held = path
            .granting
            .iter()
            .zip(&answers)
            .find(|(_, answer)| **answer == Some(true))
            .map(|(set, _)| set);
        match held {
            Some(set) => step.fact(format!("`{user}` has `{}`", set.name()), user),
            None if certain => {}
            None => step.unknown(
                format!("whether `{user}`, who runs the callout, has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `permission_sets: {{ {}: {{ assigned_to: [{user}] }} }}`", org_name(path), first.name()),
            ),
        }
    }
}

fn more(holders: &[&Text]) -> String {
    let mut names: Vec<&str> = holders.iter().map(|name| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    }
}

/// Access to `UserExternalCredential`, the object that stores tokens per user.
fn stored_tokens(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let sets = path
        .calling_org
        .permission_sets
        .iter()
        .map(|set| ("permission set", set.name(), &set.user_external_credential));
    let profiles = path
        .calling_org
        .profiles
        .iter()
        .map(|profile| ("profile", profile.name(), &profile.user_external_credential));
    let is_granting = |name: &str| path.granting.iter().any(|set| set.name() == name);
    let mut grants: Vec<_> = sets
        .chain(profiles)
        .filter_map(|(kind, name, access)| {
            access.as_ref().filter(|access| access.is_some()).map(|access| (kind, name, access))
        })
        .collect();
    grants.sort_by_key(|(_, name, _)| !is_granting(name));
    match grants.first() {
        Some((kind, name, access)) => {
            let text = format!("the {kind} `{name}` grants {} on `UserExternalCredential`", access.words());
            match access.place {
                Some(place) => step.fact(text, &place),
                None => step.note(text),
            }
        }
        None if step.failures.is_empty() && !path.granting.is_empty() => step.note("access to `UserExternalCredential` is not in these files; most standard profiles grant it"),
        None => {}
    }
}
