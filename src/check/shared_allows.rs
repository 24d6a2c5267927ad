//! Which findings an allow covers. An allow whose day has passed covers nothing, and counts what it covered.

use crate::finding::Finding;
use crate::model::{Allow, AllowScope, Workspace};
use crate::settings::Settings;
use crate::source::Sources;

/// Divides findings into those to report and those that are allowed.
pub fn divide(findings: Vec<Finding>, workspace: &mut Workspace, sources: &Sources, settings: &Settings) -> (Vec<Finding>, Vec<Finding>) {
    let today = workspace.today;
    let mut allowed = Vec::new();
    let mut reported = Vec::new();
    for finding in findings {
        if settings.is_never_allowed(finding.rule) {
            reported.push(finding);
            continue;
        }
        let mut silent = false;
        for allow in workspace.allows.iter_mut().filter(|allow| covers(allow, &finding, sources)) {
            allow.silenced += 1;
            silent |= !allow.is_past(today);
        }
        if silent && !settings.no_allows { allowed.push(finding) } else { reported.push(finding) }
    }
    (reported, allowed)
}

/// The allow that covers a finding.
pub fn covering<'w>(finding: &Finding, workspace: &'w Workspace, sources: &Sources) -> Option<&'w Allow> {
    workspace.allows.iter().find(|allow| !allow.is_past(workspace.today) && covers(allow, finding, sources))
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
            let named = |(kind, name): &(String, String)| finding.component.type_name.eq_ignore_ascii_case(kind) && finding.component.name.eq_ignore_ascii_case(name);
            path.as_ref().is_none_or(|path| path.is_match(inside)) && component.as_ref().is_none_or(named)
        }
    }
}
