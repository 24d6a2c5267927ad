//! The description of pulled orgs, `sfcred.yaml`.

use std::collections::BTreeSet;

use super::Request;
use super::org::PulledOrg;
use super::records::{Facts, PulledUser};
use crate::init::{comment, scalar};
use crate::model::{AppKind, OrgKind};
use crate::schema;

/// The first words of every description that this module writes.
const MARK: &str = "# Written by `sfcred pull`";

/// Whether [`text`] wrote a description.
pub fn is_own(text: &[u8]) -> bool {
    let start = text.get(..600.min(text.len())).unwrap_or_default();
    String::from_utf8_lossy(start).lines().take(4).any(|line| line.starts_with(MARK))
}

/// The description without anything but the metadata.
pub fn skeleton(orgs: &[PulledOrg]) -> String {
    let mut lines = vec!["orgs:".to_owned()];
    orgs.iter().for_each(|org| head(org, &mut lines));
    lines.push(String::new());
    lines.join("\n")
}

/// The whole description.
pub fn text(orgs: &[PulledOrg], request: &Request) -> String {
    let mut lines = vec![
        format!("# yaml-language-server: $schema={}", schema::DESCRIPTION.url),
        format!("{MARK}, which replaces it. A missing key means unknown."),
    ];
    if !request.only_metadata {
        lines.push(
            "# It contains usernames: keep it private, and do not commit it to a public repository."
                .to_owned(),
        );
    }
    lines.push("orgs:".to_owned());
    for org in orgs {
        head(org, &mut lines);
        for (what, reason) in org.unknown() {
            lines.push(format!("    # Unknown: {}: {}", comment(&what), comment(&reason)));
        }
        if let Some(facts) = &org.facts {
            body(org, facts, request, &mut lines);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn head(org: &PulledOrg, lines: &mut Vec<String>) {
    let identity = &org.identity;
    lines.push(format!("  {}:", scalar(&org.target.name)));
    lines.push(format!("    metadata: {}", scalar(&org.target.name)));
    if let Ok(kind) = &identity.kind {
        lines.push(format!("    kind: {}", kind_name(*kind)));
    }
    if let Some(host) = &identity.my_domain {
        lines.push(format!("    my_domain: {}", scalar(&format!("https://{}", host.as_str()))));
    }
    if let Some(id) = &identity.org_id {
        lines.push(format!("    org_id: {}", scalar(id)));
    }
}

pub fn kind_name(kind: OrgKind) -> &'static str {
    match kind {
        OrgKind::Production => "production",
        OrgKind::Developer => "developer",
        OrgKind::Sandbox => "sandbox",
        OrgKind::Scratch => "scratch",
        OrgKind::Trailhead => "trailhead",
    }
}

fn list<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    format!("[{}]", names.into_iter().map(|name| scalar(name)).collect::<Vec<_>>().join(", "))
}

fn body(org: &PulledOrg, facts: &Facts, request: &Request, lines: &mut Vec<String>) {
    run_as(org, facts, request, lines);
    users(facts, lines);
    credentials(facts, lines);
    apps(facts, lines);
    if !facts.sets.is_empty() {
        lines.push("    permission_sets:".to_owned());
    }
    for (name, set) in &facts.sets {
        let mut fields = Vec::new();
        if let Some(profile) = &set.profile {
            fields.push(format!("profile: {}", scalar(profile)));
        }
        if !set.principals.is_empty() {
            fields.push(format!("principals: {}", list(&set.principals)));
        }
        if let Some(users) = &set.assigned_to {
            fields.push(format!("assigned_to: {}", list(users)));
        }
        lines.push(format!("      {}: {{ {} }}", scalar(name), fields.join(", ")));
    }
    if !facts.groups.is_empty() {
        lines.push("    permission_set_groups:".to_owned());
    }
    for (name, users) in &facts.groups {
        lines.push(format!("      {}: {{ assigned_to: {} }}", scalar(name), list(users)));
    }
}

/// The users whose transactions make callouts. Only the user of sfcred can know them.
fn run_as(org: &PulledOrg, facts: &Facts, request: &Request, lines: &mut Vec<String>) {
    if facts.principals.is_empty() && facts.sets.is_empty() {
        return;
    }
    let exists = |name: &&String| {
        facts.users.as_ref().and_then(|users| users.get(*name)).is_some_and(Option::is_some)
    };
    let named: Vec<&String> = request.users.iter().filter(exists).collect();
    if !named.is_empty() {
        lines.push(format!("    callouts_run_as: {}", list(named)));
        return;
    }
    let holders: BTreeSet<&String> =
        facts.sets.values().filter_map(|set| set.assigned_to.as_ref()).flatten().take(3).collect();
    let example = org.identity.username.clone();
    let shown = if holders.is_empty() { list([&example]) } else { list(holders) };
    lines.push(
        "    # The users whose transactions make callouts, such as owners of scheduled jobs."
            .to_owned(),
    );
    lines.push(format!("    #callouts_run_as: {shown}"));
}

fn users(facts: &Facts, lines: &mut Vec<String>) {
    let Some(users) = facts.users.as_ref().filter(|users| !users.is_empty()) else { return };
    lines.push("    other_users: unknown".to_owned());
    lines.push("    users:".to_owned());
    for (name, user) in users {
        let (fields, remark) = match user {
            None => ("exists: false".to_owned(), ""),
            Some(user) => (user_fields(user), remark(user)),
        };
        lines.push(format!("      {}: {{ {fields} }}{remark}", scalar(name)));
    }
}

/// A frozen user cannot log in, like an inactive one.
fn user_fields(user: &PulledUser) -> String {
    let mut fields = vec![format!("active: {}", user.active && user.frozen != Some(true))];
    if let Some(profile) = &user.profile {
        fields.push(format!("profile: {}", scalar(profile)));
    }
    if let Some(sets) = &user.permission_sets {
        fields.push(format!("permission_sets: {}", list(sets)));
    }
    if let Some(enabled) = user.api_enabled {
        fields.push(format!("api_enabled: {enabled}"));
    }
    fields.join(", ")
}

fn remark(user: &PulledUser) -> &'static str {
    match (user.active, user.frozen) {
        (true, Some(true)) => "  # frozen",
        _ => "",
    }
}

fn credentials(facts: &Facts, lines: &mut Vec<String>) {
    let mut title = Some("    external_credentials:".to_owned());
    for (name, principals) in &facts.principals {
        let having = |wanted: bool| -> Vec<&String> {
            let own = principals.iter().filter(|(_, state)| *state == Some(wanted));
            own.map(|(principal, _)| principal).collect()
        };
        let mut fields = Vec::new();
        for (key, own) in
            [("configured_principals", having(true)), ("unconfigured_principals", having(false))]
        {
            if !own.is_empty() {
                fields.push(format!("{key}: {}", list(own)));
            }
        }
        if !fields.is_empty() {
            lines.extend(title.take());
            lines.push(format!("      {}: {{ {} }}", scalar(name), fields.join(", ")));
        }
    }
}

fn apps(facts: &Facts, lines: &mut Vec<String>) {
    for (kind, key) in [
        (AppKind::ConnectedApp, "connected_apps"),
        (AppKind::ExternalClientApp, "external_client_apps"),
    ] {
        let mut title = Some(format!(
            "    {key}:  # installed; whether an app is blocked is shown only in Setup > Connected Apps OAuth Usage"
        ));
        for app in facts.apps.iter().filter(|app| app.kind == kind) {
            lines.extend(title.take());
            lines.push(format!(
                "      {}: {{ profiles: {}, permission_sets: {} }}",
                scalar(&app.name),
                list(&app.profiles),
                list(&app.permission_sets)
            ));
        }
    }
}
