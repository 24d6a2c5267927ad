//! Generates `sfcred.yaml`: the orgs found, and suggestions for what the user has to add.
//!
//! Users, assignments and guessed hosts are comments on purpose: as values they would suppress the findings that ask
//! whether they are right. In comments, text has one space after `#`; a suggestion has none, or is indented.

use std::collections::BTreeMap;
use std::path::Path;

use super::quoting::{comment, scalar};
use crate::model::{
    Host, HostKind, JwtCredential, MatchedBy, Named, Org, Partition, Subject, Username, Workspace,
};
use crate::schema;

/// The placeholder for a username.
const EXAMPLE_USER: &str = "user@example.com";

/// A name for each org: that of its folder, or its whole path if the name is ambiguous.
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
        "# The orgs of this project, and what their metadata does not contain: users and permission set assignments.".to_owned(),
        "# Lines that start with `#key` are suggestions: fill in a value and remove the `#`. Paths are relative to this folder.".to_owned(),
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
    orgs_without_metadata(workspace, names, &mut lines);
    lines.push(String::new());
    lines.join("\n")
}

/// The folder of an org's files, relative to the description. Never a folder above it, because only linted files are
/// described.
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

/// The My Domain if the project contains it, or a suggestion if a credential logs in to one.
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
            lines.push(format!(
                "    # `{}` logs in to this host. Is it the host of this org?",
                comment(credential)
            ));
            lines.push(format!("    #my_domain: {}", scalar(&format!("https://{host}"))));
        }
        _ => {
            lines.push(
                "    # See Setup > My Domain. The host shows whether the org is a sandbox."
                    .to_owned(),
            );
            lines.push("    #my_domain: https://acme--uat.sandbox.my.salesforce.com".to_owned());
        }
    }
}

/// The kind of org that a My Domain belongs to; `None` if its form is ambiguous.
pub fn kind(host: &Host) -> Option<&'static str> {
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
        lines.push("    # The users whose transactions make callouts, such as integration users and owners of scheduled jobs.".to_owned());
        lines.push(format!("    #callouts_run_as: [{EXAMPLE_USER}]"));
    }
}

/// The permission sets that grant access to a principal.
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
    lines.push("    # List every user who has these permission sets; anyone not listed counts as unassigned.".to_owned());
    lines.push("    #permission_sets:".to_owned());
    for (name, grants) in sets {
        let more = if grants.len() > 3 {
            format!(" and {} more", grants.len() - 3)
        } else {
            String::new()
        };
        let grants: Vec<String> = grants.iter().take(3).map(|grant| comment(grant)).collect();
        lines.push(format!(
            "    #  {}: {{ assigned_to: [{EXAMPLE_USER}] }}  # grants {}{more}",
            scalar(name),
            grants.join(", ")
        ));
    }
}

/// The users that credentials log in as.
fn users(workspace: &Workspace, org: &Org, names: &[String], lines: &mut Vec<String>) {
    let credentials = workspace.jwt_credentials_to_salesforce().filter(|credential| {
        workspace.answering_org(credential).is_some_and(|other| std::ptr::eq(other, org))
    });
    let mut subjects = subjects(credentials, names);
    let run_as = workspace.run_as_users().filter(|login| std::ptr::eq(login.target_org, org));
    for login in run_as {
        let subject = Subject::parse(login.username);
        let username = subject.as_ref().and_then(Subject::username).map(Username::as_str);
        if let Some(username) = username.filter(|username| username.len() <= 80) {
            subjects
                .entry(username.to_owned())
                .or_insert_with(|| format!("the run-as user of {}", comment(login.app.name())));
        }
    }
    if !subjects.is_empty() {
        lines.push("    # The users that credentials log in as. Users who are not listed count as missing.".to_owned());
        lines.push("    #users:".to_owned());
        lines.extend(
            subjects.into_iter().map(|(user, from)| {
                format!("    #  {}: {{ active: true }}  # {from}", scalar(&user))
            }),
        );
    }
}

/// Usernames, each with the credential whose subject it is.
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

/// Orgs that credentials log in to, but whose metadata is not in the files.
fn orgs_without_metadata(workspace: &Workspace, names: &[String], lines: &mut Vec<String>) {
    let mut hosts: BTreeMap<String, (Vec<&str>, Vec<&JwtCredential>)> = BTreeMap::new();
    for login in workspace.logins.iter().filter(|login| login.target_org.is_none()) {
        let provider = login.provider(workspace.org(login.component.org));
        let provided = provider.into_iter().flat_map(|provider| provider.hosts());
        let mut token = login.token_host().map(|host| host.value).into_iter().chain(provided);
        if let Some(host) = token.find(Host::is_my_domain) {
            hosts.entry(host.as_str().to_owned()).or_default().0.push(login.name());
        }
    }
    for credential in workspace
        .jwt_credentials_to_salesforce()
        .filter(|credential| workspace.answering_org(credential).is_none())
    {
        if let Some(host) = credential.target_host().filter(|host| host.value.is_my_domain()) {
            let (all, exchanges) = hosts.entry(host.value.as_str().to_owned()).or_default();
            all.push(credential.name());
            exchanges.push(credential);
        }
    }
    for (host, (from, credentials)) in hosts {
        let own = host.split('.').next().unwrap_or_default();
        let name = if names.iter().any(|name| name == own) { host.as_str() } else { own };
        let from: Vec<String> = from.iter().map(|name| format!("`{}`", comment(name))).collect();
        lines.push(format!("  # {} {} in to an org whose metadata is not in these files. Add its metadata or what you know about it to check both sides.", from.join(", "), if from.len() == 1 { "logs" } else { "log" }));
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
