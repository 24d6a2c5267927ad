//! Which findings an allow covers. An allow whose day has passed covers nothing, and counts what it covered.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Allow, AllowScope, Workspace};
use crate::options::Options;
use crate::source::{FileId, Sources};

/// Divides findings into those to report and those that are allowed.
pub fn divide(
    findings: Vec<Finding>,
    workspace: &mut Workspace,
    sources: &Sources,
    options: &Options,
) -> (Vec<Finding>, Vec<Finding>) {
    let today = workspace.today;
    let mut of_files = Vec::new();
    let mut of_lines: HashMap<(FileId, usize), Vec<usize>> = HashMap::new();
    for (index, allow) in
        workspace.allows.iter().enumerate().filter(|(_, allow)| allow.fault.is_none())
    {
        match &allow.scope {
            AllowScope::Lines { place, last } => [*last, last + 1]
                .into_iter()
                .for_each(|line| of_lines.entry((place.file, line)).or_default().push(index)),
            AllowScope::Files { .. } => of_files.push(index),
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
        let near = if of_lines.is_empty() {
            None
        } else {
            of_lines.get(&(place.file, sources.position(place.file, place.start).line))
        };
        let mut silent = false;
        for index in near.into_iter().flatten().chain(&of_files) {
            let Some(allow) =
                workspace.allows.get_mut(*index).filter(|allow| covers(allow, &finding, sources))
            else {
                continue;
            };
            allow.silenced += 1;
            silent |= !allow.is_past(today);
        }
        if silent && !options.no_allows { allowed.push(finding) } else { reported.push(finding) }
    }
    (reported, allowed)
}

/// The allow that covers a finding.
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
            let inside = file.strip_prefix(folder).unwrap_or(file);
            let named = |(kind, name): &(String, String)| {
                finding.component.type_name.eq_ignore_ascii_case(kind)
                    && finding.component.name.eq_ignore_ascii_case(name)
            };
            path.as_ref().is_none_or(|path| path.is_match(inside))
                && component.as_ref().is_none_or(named)
        }
    }
}
