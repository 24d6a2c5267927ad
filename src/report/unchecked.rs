//! What a run could not check, because the files do not contain it: after the closing line, so that silence is not
//! mistaken for success.

use super::layout::{count, number};
use crate::model::{Host, Org, OrgId, Workspace};
use crate::pipeline::Report;
use crate::source::{LeftOut, Sources};

/// The maximum number of target orgs, and of credentials of one target org, to list.
const MAX_SHOWN: usize = 3;

/// One sentence for each thing that was not checked.
pub(super) fn unchecked(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .empty_paths
        .iter()
        .map(|path| format!("Not checked: `{path}` contains no credential metadata."))
        .collect();
    lines.extend(skipped(&report.sources));
    lines.extend((report.rules_off > 0).then(|| {
        format!("Not checked: {} that the settings turn off.", count(report.rules_off, "rule"))
    }));
    lines.extend(empty_orgs(&report.workspace));
    // The hosts that replacements fill in are not shown.
    lines.extend(target_orgs(&report.workspace, report.environment.is_none()));
    lines.extend(excluded(&report.workspace));
    lines.extend(left_out(&report.sources.left_out));
    lines
}

/// Skipped files that are named like credential metadata.
fn skipped(sources: &Sources) -> Option<String> {
    let names: Vec<String> = sources
        .skipped_credentials()
        .map(|skipped| format!("`{}` ({})", skipped.name, skipped.reason))
        .collect();
    (!names.is_empty())
        .then(|| format!("Not checked: {}. This counts as an error.", listed(&names)))
}

/// Orgs that a description lists, and for which neither metadata nor a component is given.
fn empty_orgs(workspace: &Workspace) -> Option<String> {
    let names: Vec<String> = workspace
        .orgs
        .iter()
        .filter(|org| org.place().is_some() && org.component_count() == 0 && org.files.is_empty())
        .map(|org| format!("`{}`", org.name))
        .collect();
    let verb = if names.len() == 1 { "has" } else { "have" };
    (!names.is_empty()).then(|| {
        format!("Not checked: the description lists {}, which {verb} no metadata.", listed(&names))
    })
}

/// The target orgs whose metadata is not in the files, with the credentials that log in to them.
fn target_orgs(workspace: &Workspace, shows_hosts: bool) -> Vec<String> {
    let exchanges = workspace
        .jwt_credentials_to_salesforce()
        .filter(|credential| workspace.connection_of(credential).is_none())
        .map(|credential| {
            let host = credential.target_host().map(|host| host.value);
            (&credential.component, host, credential.described_target, true)
        });
    let logins = workspace.logins.iter().filter_map(|login| {
        let calling_org = workspace.org(login.component.org);
        if login.app_is_known() || !login.is_to_salesforce(calling_org) {
            return None;
        }
        let provider = login.provider(calling_org);
        if provider.is_some_and(|provider| provider.is_managed()) {
            return None;
        }
        let host = login
            .token_host()
            .map(|host| host.value)
            .or_else(|| provider.and_then(|provider| provider.hosts().next()));
        Some((&login.component, host, login.target_org, false))
    });
    // Target orgs in the order of their first credential.
    let mut groups: Vec<(String, bool, Vec<String>)> = Vec::new();
    let mut others = 0;
    for (component, host, target_org, signs) in exchanges.chain(logins) {
        let target = target(workspace, host.as_ref().filter(|_| shows_hosts), target_org);
        let name = format!("`{}`", component.name);
        let known = groups.iter().position(|(known, jwt, _)| *known == target && *jwt == signs);
        match known {
            Some(position) => groups[position].2.push(name),
            None if groups.len() < MAX_SHOWN => groups.push((target, signs, vec![name])),
            None => others += 1,
        }
    }
    let others = (others > 0)
        .then(|| format!("Not checked: {} to other orgs.", count(others, "more login")));
    groups
        .into_iter()
        .map(|(target, signs, names)| {
            let verb = if names.len() == 1 { "logs" } else { "log" };
            let parts = if signs {
                "consumer key, certificate, approval and scopes of the app"
            } else {
                "the app, its approval and its scopes"
            };
            format!("Not checked: {} {verb} in to {target}: {parts}.", listed(&names))
        })
        .chain(others)
        .collect()
}

/// The org that a credential logs in to, in words.
fn target(workspace: &Workspace, host: Option<&Host>, target_org: Option<OrgId>) -> String {
    let described = target_org.map(|id| workspace.org(id));
    let has_apps = |org: &&Org| org.apps.iter().next().is_some();
    match (described.filter(has_apps), host.filter(|host| !host.as_str().is_empty())) {
        (Some(org), _) => format!("org `{}`, and the files do not show with which app", org.name),
        (None, Some(host)) if host.is_shared_login() => {
            format!(
                "an org that `{host}` does not identify, and whose metadata is not in the files"
            )
        }
        (None, Some(host)) => format!("`{host}`, whose metadata is not in the files"),
        (None, None) => "an org that the files do not identify".to_owned(),
    }
}

/// A list of names, cut to the first few.
fn listed(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        _ if names.len() <= MAX_SHOWN => {
            let (last, rest) = names.split_last().expect("more than two names");
            format!("{} and {last}", rest.join(", "))
        }
        _ => {
            let more = number(names.len() - MAX_SHOWN);
            format!("{} and {more} more", names[..MAX_SHOWN].join(", "))
        }
    }
}

/// What ignore files of git leave out.
fn left_out(left_out: &[LeftOut]) -> Option<String> {
    let folders = left_out.iter().filter(|path| path.is_folder).count();
    let counts: Vec<String> = [(left_out.len() - folders, "file"), (folders, "folder")]
        .into_iter()
        .filter(|(found, _)| *found > 0)
        .map(|(found, noun)| count(found, noun))
        .collect();
    let them = if left_out.len() == 1 { "it" } else { "them" };
    (!counts.is_empty()).then(|| {
        format!(
            "Not checked: {} that `.gitignore` excludes and git does not track; `-v` lists {them}.",
            counts.join(" and ")
        )
    })
}

/// How many files `.forceignore` excludes from deployments.
fn excluded(workspace: &Workspace) -> Option<String> {
    let files = workspace.context_count();
    (files > 0)
        .then(|| format!("`.forceignore` excludes {} from deployment.", count(files, "file")))
}
