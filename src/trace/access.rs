//! Step 3: whether the running user may use the credential.

use crate::model::{ExternalCredential, Named, NamedCredential, PermissionSet};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::caller::org_name;
use super::chain::Chain;
use super::step::Step;

/// Permission sets that are listed.
const SHOWN: usize = 3;

pub fn step<'a>(chain: &Chain<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Access, chain.stops(Kind::Access));
    match (chain.named, chain.external) {
        (Some(named), None) if named.is_legacy() => legacy(named, &mut step),
        (_, Some(external)) => facts(chain, external, &mut step),
        (_, None) => {
            if step.stops.is_empty() {
                step.unsaid("who may use it: its external credential is not in these files", "");
            }
        }
    }
    step
}

fn legacy(named: &NamedCredential, step: &mut Step<'_>) {
    let per_user = named.principal_type.as_ref().filter(|kind| kind.known() == Some("PerUser"));
    match per_user {
        Some(kind) => step.fact("every user with an own login", kind),
        None => step.note("a legacy named credential with one named user: no permission is needed"),
    }
}

fn facts(chain: &Chain<'_>, external: &ExternalCredential, step: &mut Step<'_>) {
    for principal in external.principals() {
        let kind = if principal.is_per_user() { "per-user principal" } else { "principal" };
        step.fact(format!("{kind} `{}-{}`", external.name(), principal.name), principal.name);
    }
    for set in chain.granting.iter().take(SHOWN) {
        if let Some((_, grant)) =
            chain.hub.grants_of(external).find(|(other, _)| other.name() == set.name())
        {
            step.fact(
                format!("the permission set `{}` grants it{}", set.name(), groups(chain, set)),
                &grant.reference,
            );
        }
    }
    if chain.granting.len() > SHOWN {
        step.note(format!("and {} more permission sets grant it", chain.granting.len() - SHOWN));
    }
    if external.grants_itself() {
        step.note("the external credential names the permission set itself, as API version 57 and before did");
    }
    holders(chain, step);
    if external.keeps_tokens() {
        tokens(chain, step);
    }
}

fn groups(chain: &Chain<'_>, set: &PermissionSet) -> String {
    let names: Vec<String> = chain
        .hub
        .groups
        .iter()
        .filter(|group| chain.hub.members_of(group).any(|member| member.name() == set.name()))
        .map(|group| format!("`{}`", group.name()))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(", also through the group {}", names.join(", "))
    }
}

/// Who has one of the permission sets, or what would tell.
fn holders(chain: &Chain<'_>, step: &mut Step<'_>) {
    let surely = step.stops.iter().any(|stop| stop.surely);
    let Some(first) = chain.granting.first() else {
        if step.stops.is_empty() {
            let own = chain.external.is_some_and(ExternalCredential::grants_itself);
            if !own {
                step.unknown(
                    "who may use the principal: no permission set in these files grants it",
                    "give the folder that holds the permission sets too, or grant it in one",
                );
            }
        }
        return;
    };
    let names: Vec<String> = chain.granting.iter().map(|set| format!("`{}`", set.name())).collect();
    let sets = names.join(" or ");
    if chain.hub.callouts_run_as.is_empty() {
        let holders: Vec<&Text> =
            chain.granting.iter().filter_map(|set| chain.hub.holders(set)).flatten().collect();
        match holders.first() {
            Some(holder) => step.fact(format!("`{holder}` has it{}", more(&holders)), *holder),
            None if surely => {}
            None => step.unknown(
                format!("whether the user who runs the callout has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `callouts_run_as: [user]` and `permission_sets: {{ {}: {{ assigned_to: [user] }} }}`", org_name(chain), first.name()),
            ),
        }
        return;
    }
    for user in &chain.hub.callouts_run_as {
        let answers: Vec<Option<bool>> = chain
            .granting
            .iter()
            .map(|set| chain.hub.has_permission_set(user.as_str(), set))
            .collect();
        let held = chain
            .granting
            .iter()
            .zip(&answers)
            .find(|(_, answer)| **answer == Some(true))
            .map(|(set, _)| set);
        match held {
            Some(set) => step.fact(format!("`{user}` has `{}`", set.name()), user),
            None if surely => {}
            None => step.unknown(
                format!("whether `{user}`, who runs the callout, has the permission set {sets}"),
                format!("in `sfcred.yaml`, add to org `{}`: `permission_sets: {{ {}: {{ assigned_to: [{user}] }} }}`", org_name(chain), first.name()),
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

/// Tokens are kept in an object, and reading it is a permission too.
fn tokens(chain: &Chain<'_>, step: &mut Step<'_>) {
    let sets = chain
        .hub
        .permission_sets
        .iter()
        .map(|set| ("permission set", set.name(), &set.user_external_credential));
    let profiles = chain
        .hub
        .profiles
        .iter()
        .map(|profile| ("profile", profile.name(), &profile.user_external_credential));
    let own = |name: &str| chain.granting.iter().any(|set| set.name() == name);
    let mut given: Vec<_> = sets
        .chain(profiles)
        .filter_map(|(kind, name, access)| {
            access.as_ref().filter(|access| access.is_some()).map(|access| (kind, name, access))
        })
        .collect();
    given.sort_by_key(|(_, name, _)| !own(name));
    match given.first() {
        Some((kind, name, access)) => {
            let text = format!("the {kind} `{name}` gives {} on `UserExternalCredential`", access.words());
            match access.place {
                Some(place) => step.fact(text, &place),
                None => step.note(text),
            }
        }
        None if step.stops.is_empty() && !chain.granting.is_empty() => step.note("access to `UserExternalCredential` is not in these files; most standard profiles give it"),
        None => {}
    }
}
