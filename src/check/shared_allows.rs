//! Matches findings with allows. An expired allow suppresses nothing, but still counts its matches.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Allow, AllowScope, Workspace};
use crate::options::Options;
use crate::source::{FileId, Sources};

/// Splits findings into reported and allowed ones.
pub fn divide(
    findings: Vec<Finding>,
    workspace: &mut Workspace,
    sources: &Sources,
    options: &Options,
) -> (Vec<Finding>, Vec<Finding>) {
    let today = workspace.today;
    let mut by_file = Vec::new();
    let mut by_line: HashMap<(FileId, usize), Vec<usize>> = HashMap::new();
    for (index, allow) in
        workspace.allows.iter().enumerate().filter(|(_, allow)| allow.fault.is_none())
    {
        match &allow.scope {
            AllowScope::Lines { place, last } => [*last, last + 1]
                .into_iter()
                .for_each(|line| by_line.entry((place.file, line)).or_default().push(index)),
            AllowScope::Files { .. } => by_file.push(index),
        }
    }
    let mut allowed = Vec::new();
    let mut reported = Vec::new();
    for finding in findings {
        if options.settings.is_never_allowed(finding.rule) {
            reported.push(finding);
            continue;
        }
        let place = finding.primary.span;
        let on_line = if by_line.is_empty() {
            None
        } else {
            by_line.get(&(place.file, sources.position(place.file, place.start).line))
        };
        let mut is_allowed = false;
        for index in on_line.into_iter().flatten().chain(&by_file) {
            let Some(allow) =
                workspace.allows.get_mut(*index).filter(|allow| covers(allow, &finding, sources))
            else {
                continue;
            };
            allow.silenced += 1;
            is_allowed |= !allow.is_past(today);
        }
        if is_allowed && !options.no_allows {
            allowed.push(finding)
        } else {
            reported.push(finding)
        }
    }
    (reported, allowed)
}

/// The unexpired allow that covers a finding.
pub fn covering<'w>(
    finding: &Finding,
    workspace: &'w Workspace,
    sources: &Sources,
) -> Option<&'w Allow> {
    workspace
        .allows
        .iter()
        .find(|allow| !allow.is_past(workspace.today) && covers(allow, finding, sources))
}

fn covers(allow: &Allow, finding: &Finding, sources: &Sources) -> bool {
    if allow.fault.is_some() || !allow.names(finding.rule) {
        return false;
    }
    let place = finding.primary.span;
    match &allow.scope {
        AllowScope::Lines { place: comment, last } => {
            place.file == comment.file && {
                let line = sources.position(place.file, place.start).line;
                line == *last || line == last + 1
            }
        }
        AllowScope::Files { folder, path, component } => {
            let file = &sources.get(place.file).path;
            let relative = file.strip_prefix(folder).unwrap_or(file);
            let is_component = |(kind, name): &(String, String)| {
                finding.component.type_name.eq_ignore_ascii_case(kind)
                    && finding.component.name.eq_ignore_ascii_case(name)
            };
            path.as_ref().is_none_or(|path| path.is_match(relative))
                && component.as_ref().is_none_or(is_component)
        }
    }
}
