//! Custom rules from the settings of the project.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Component, CustomRule, Record, Requirement, Workspace};
use crate::source::{Spanned, Text};

/// The findings of all custom rules together, if there are fewer than [`MIN_FINDINGS`] of each.
const MAX_FINDINGS: usize = 10_000;
/// The findings of one rule that are always reported.
const MIN_FINDINGS: usize = 5;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut by_type: HashMap<&str, Vec<(Component, &Record)>> =
        workspace.custom.iter().map(|rule| (rule.type_name.as_str(), Vec::new())).collect();
    if by_type.is_empty() {
        return;
    }
    for (component, record) in workspace.fields() {
        if let Some(records) = by_type.get_mut(component.type_name) {
            records.push((component, record));
        }
    }
    // Each rule that is violated is reported, but the number of places does not grow with rules times components.
    let most = (MAX_FINDINGS / workspace.custom.len()).max(MIN_FINDINGS);
    for (order, rule) in workspace.custom.iter().enumerate() {
        let limit = found.all.len() + most;
        for (component, record) in by_type.get(rule.type_name.as_str()).into_iter().flatten() {
            if found.all.len() >= limit {
                if let Some(last) = found.all.last_mut() {
                    let help = last.help.take().unwrap_or_default();
                    last.help = Some(format!("{help}; more places of this rule are not listed"));
                }
                break;
            }
            match rule.demand {
                Requirement::Forbid => forbid(workspace, component, record, order, rule, found),
                Requirement::Require => require(workspace, component, record, order, rule, found),
            }
        }
    }
}

/// The value of a field, unless `replacements` wrote it: a pattern that matches would reveal a part of it, and the
/// settings can have any number of patterns.
fn written<'t>(workspace: &Workspace, value: &'t Text) -> Option<&'t str> {
    value.known().filter(|_| !workspace.is_replaced(value.element))
}

/// Whether the name that selects the values of a field can be what `replacements` wrote.
fn is_name_replaced(workspace: &Workspace, component: &Component, rule: &CustomRule) -> bool {
    rule.field.contains('/') && workspace.has_replaced(component.place.file)
}

fn forbid(
    workspace: &Workspace,
    component: &Component,
    record: &Record,
    order: usize,
    rule: &CustomRule,
    found: &mut Findings,
) {
    if is_name_replaced(workspace, component, rule) {
        return;
    }
    for value in rule.values(record) {
        let matches = || written(workspace, value).is_some_and(|value| rule.matches(value));
        if !(rule.matches_anything || matches()) {
            continue;
        }
        let shown = rule
            .shown(value.as_str())
            .map_or_else(|| "this value".to_owned(), |value| format!("`{value}`"));
        let message = format!("the settings forbid {shown} in `{}`", rule.field);
        report(found, component, value, order, rule, message);
    }
}

fn require(
    workspace: &Workspace,
    component: &Component,
    record: &Record,
    order: usize,
    rule: &CustomRule,
    found: &mut Findings,
) {
    // What `replacements` wrote can be this field, or its name.
    if workspace.has_replaced(component.place.file)
        && (rule.field.contains('/') || rule.values(record).next().is_none())
    {
        return;
    }
    let Some(first) = rule.values(record).next() else {
        let message =
            format!("the settings require `{}`, but `{}` has none", rule.field, component.name);
        report(found, component, &component.place, order, rule, message);
        return;
    };
    let is_met = rule.values(record).any(|value| {
        value
            .known()
            .is_none_or(|known| workspace.is_replaced(value.element) || rule.matches(known))
    });
    if is_met {
        return;
    }
    let shown = rule
        .shown(first.as_str())
        .map_or_else(String::new, |value| format!(", but it is `{value}`"));
    let pattern = rule.pattern_as_written().unwrap_or_default();
    let message = format!("the settings require `{}` to match `{pattern}`{shown}", rule.field);
    report(found, component, first, order, rule, message);
}

fn report(
    found: &mut Findings,
    component: &Component,
    place: &impl Spanned,
    order: usize,
    rule: &CustomRule,
    message: String,
) {
    let (message, help) = match &rule.message {
        Some(custom) => (custom.clone(), message),
        None => (message, "this is a custom rule in `sfcred.toml`".to_owned()),
    };
    found
        .report(component, place, message)
        .label("here")
        .help(help)
        .entry(order)
        .field(format!("{}#{order}", rule.field));
}
