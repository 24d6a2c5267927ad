//! `sfcred.yaml`: the orgs that were found, and comments for what only people know.
//!
//! Users, assignments and guessed hosts stay comments on purpose: written as facts they would silence the very findings that ask whether
//! they are right. Prose in comments has one blank after `#`; a line to fill in has none, or an indent.

use std::collections::BTreeMap;
use std::path::Path;

use super::quoting::{comment, scalar};
use crate::model::{Host, HostKind, JwtCredential, MatchedBy, Named, Org, Partition, Workspace};
use crate::schema;

/// Stands where a person must write a username.
const SOMEBODY: &str = "user@example.com";

/// A name for each org: the folder's, or its whole path where that is not enough.
pub fn names(workspace: &Workspace, folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for org in &workspace.orgs {
        let base = if org.name.contains('/') { path_of(org, folder) } else { org.name.clone() };
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

pub fn text(workspace: &Workspace, names: &[String], folder: &Path) -> String {
    let mut lines = vec![
        format!("# yaml-language-server: $schema={}", schema::DESCRIPTION.url),
        "# Which orgs there are, and what metadata cannot say: users, and who has which permission set.".to_owned(),
        "# Lines without a blank after # wait for you: fill them in and take the # away. Paths start from this folder.".to_owned(),
        "orgs:".to_owned(),
    ];
    for (org, name) in workspace.orgs.iter().zip(names) {
        lines.push(format!("  {}:", scalar(name)));
        lines.push(format!("    metadata: {}", scalar(&path_of(org, folder))));
        host(workspace, org, &mut lines);
        runners(org, &mut lines);
        assignments(org, &mut lines);
        users(workspace, org, names, &mut lines);
    }
    strangers(workspace, names, &mut lines);
    lines.push(String::new());
    lines.join("\n")
}

/// Where the org's files lie, as the description names it. A folder above is not widened to: only what was looked at is described.
fn path_of(org: &Org, folder: &Path) -> String {
    let inside = org
        .folder
        .as_deref()
        .and_then(|own| own.strip_prefix(folder).ok())
        .and_then(Path::to_str)
        .unwrap_or_default();
    let path = if cfg!(windows) { inside.replace('\\', "/") } else { inside.to_owned() };
    match path.as_str() {
        "" => ".".to_owned(),
        path if path.trim() != path => format!("./{path}/."),
        path => path.to_owned(),
    }
}

/// The My Domain where the project names it; a guess where somebody logs in there.
fn host(workspace: &Workspace, org: &Org, lines: &mut Vec<String>) {
    if let Some(host) = &org.my_domain {
        lines.extend(kind(&host.value).map(|kind| format!("    kind: {kind}")));
        lines.push(format!(
            "    my_domain: {}",
            scalar(&format!("https://{}", host.value.as_str()))
        ));
        return;
    }
    let mut guesses: BTreeMap<String, &str> = BTreeMap::new();
    for connection in workspace.connections().filter(|connection| {
        std::ptr::eq(connection.target_org, org) && connection.matched_by == MatchedBy::Issuer
    }) {
        if let Some(host) =
            connection.credential.target_host().filter(|host| host.value.is_my_domain())
        {
            guesses.insert(host.value.as_str().to_owned(), connection.credential.name());
        }
    }
    match guesses.iter().next() {
        Some((host, credential)) if guesses.len() == 1 => {
            lines.push(format!("    # `{}` logs in here. Is it this org?", comment(credential)));
            lines.push(format!("    #my_domain: {}", scalar(&format!("https://{host}"))));
        }
        _ => {
            lines.push("    # Setup > My Domain; it tells production from sandbox.".to_owned());
            lines.push("    #my_domain: https://acme--uat.sandbox.my.salesforce.com".to_owned());
        }
    }
}

/// What kind of org a My Domain belongs to, where its form leaves no doubt.
fn kind(host: &Host) -> Option<&'static str> {
    match host.kind() {
        HostKind::MyDomain { partition: Partition::Scratch, .. } => Some("scratch"),
        HostKind::MyDomain { partition: Partition::Sandbox, .. } => Some("sandbox"),
        HostKind::MyDomain { partition: Partition::Develop, .. } => Some("developer"),
        HostKind::MyDomain { partition: Partition::Trailblaze, .. } => Some("trailhead"),
        HostKind::MyDomain { partition: Partition::None, sandbox: Some(_), .. } => Some("sandbox"),
        HostKind::MyDomain { partition: Partition::None | Partition::Other, .. }
        | HostKind::Login
        | HostKind::Test
        | HostKind::Instance { .. }
        | HostKind::Site { .. }
        | HostKind::Lightning
        | HostKind::Setup
        | HostKind::Visualforce
        | HostKind::Content
        | HostKind::OtherSalesforce
        | HostKind::Foreign => None,
    }
}

fn runners(org: &Org, lines: &mut Vec<String>) {
    if !org.credentials_called().is_empty() {
        lines.push("    # Whose transactions make the callouts: integration users, owners of scheduled jobs.".to_owned());
        lines.push(format!("    #callouts_run_as: [{SOMEBODY}]"));
    }
}

/// The permission sets that let somebody use a credential.
fn assignments(org: &Org, lines: &mut Vec<String>) {
    let sets: BTreeMap<&str, Vec<&str>> = org
        .permission_sets
        .iter()
        .map(|set| {
            (set.name(), set.granted().map(|grant| grant.reference.as_str()).collect::<Vec<_>>())
        })
        .filter(|(_, grants)| !grants.is_empty())
        .collect();
    if sets.is_empty() {
        return;
    }
    lines.push("    # Who has the permission sets that grant a principal: all of them, or nobody can tell who is missing.".to_owned());
    lines.push("    #permission_sets:".to_owned());
    for (name, grants) in sets {
        let more = if grants.len() > 3 {
            format!(" and {} more", grants.len() - 3)
        } else {
            String::new()
        };
        let grants: Vec<String> = grants.iter().take(3).map(|grant| comment(grant)).collect();
        lines.push(format!(
            "    #  {}: {{ assigned_to: [{SOMEBODY}] }}  # grants {}{more}",
            scalar(name),
            grants.join(", ")
        ));
    }
}

/// The users that credentials log in as, in the org that answers.
fn users(workspace: &Workspace, org: &Org, names: &[String], lines: &mut Vec<String>) {
    let answered = workspace.jwt_credentials_to_salesforce().filter(|credential| {
        workspace.answering_org(credential).is_some_and(|other| std::ptr::eq(other, org))
    });
    let subjects = subjects(answered, names);
    if !subjects.is_empty() {
        lines.push("    # The users that credentials log in as. Whoever is not listed is then taken for missing.".to_owned());
        lines.push("    #users:".to_owned());
        lines.extend(
            subjects.into_iter().map(|(user, from)| {
                format!("    #  {}: {{ active: true }}  # {from}", scalar(&user))
            }),
        );
    }
}

/// Usernames, with the credential that has each as its subject.
fn subjects<'a>(
    credentials: impl Iterator<Item = &'a JwtCredential>,
    names: &[String],
) -> BTreeMap<String, String> {
    let mut subjects = BTreeMap::new();
    for credential in credentials {
        let Some(login) = credential.login() else { continue };
        let Some(username) = login.username().filter(|username| username.as_str().len() <= 80)
        else {
            continue;
        };
        let from = names.get(credential.component.org.0).map(String::as_str).unwrap_or_default();
        subjects.entry(username.as_str().to_owned()).or_insert_with(|| {
            format!("`sub` of {} in {}", comment(credential.name()), comment(from))
        });
    }
    subjects
}

/// Orgs that credentials log in to and that are not in the files.
fn strangers(workspace: &Workspace, names: &[String], lines: &mut Vec<String>) {
    let mut hosts: BTreeMap<String, Vec<&JwtCredential>> = BTreeMap::new();
    for credential in workspace
        .jwt_credentials_to_salesforce()
        .filter(|credential| workspace.answering_org(credential).is_none())
    {
        if let Some(host) = credential.target_host().filter(|host| host.value.is_my_domain()) {
            hosts.entry(host.value.as_str().to_owned()).or_default().push(credential);
        }
    }
    for (host, credentials) in hosts {
        let own = host.split('.').next().unwrap_or_default();
        let name = if names.iter().any(|name| name == own) { host.as_str() } else { own };
        let from: Vec<String> = credentials
            .iter()
            .map(|credential| format!("`{}`", comment(credential.name())))
            .collect();
        lines.push(format!("  # {} logs in to an org that is not in these files. Its metadata, or what you know of it, lets both sides be checked.", from.join(", ")));
        lines.push(format!("  #{}:", scalar(name)));
        lines.push(format!("  #  my_domain: {}", scalar(&format!("https://{host}"))));
        let subjects = subjects(credentials.into_iter(), names);
        if !subjects.is_empty() {
            lines.push("  #  users:".to_owned());
            lines.extend(subjects.into_iter().map(|(user, from)| {
                format!("  #    {}: {{ active: true }}  # {from}", scalar(&user))
            }));
        }
    }
}
