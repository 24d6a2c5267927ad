//! Custom rules from the settings of the project.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Component, CustomRule, Record, Requirement, Workspace};
use crate::source::Spanned;

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
    for (order, rule) in workspace.custom.iter().enumerate() {
        for (component, record) in by_type.get(rule.type_name.as_str()).into_iter().flatten() {
            let mut values = rule.values(record).peekable();
            match rule.demand {
                Requirement::Forbid => {
                    for value in values
                        .filter(|value| value.known().is_some_and(|value| rule.matches(value)))
                    {
                        let shown = rule
                            .shown(value.as_str())
                            .map_or_else(|| "this value".to_owned(), |value| format!("`{value}`"));
                        report(
                            found,
                            component,
                            value,
                            order,
                            rule,
                            format!("the settings forbid {shown} in `{}`", rule.field),
                        );
                    }
                }
                Requirement::Require if values.peek().is_none() => report(
                    found,
                    component,
                    &component.place,
                    order,
                    rule,
                    format!(
                        "the settings require `{}`, but `{}` has none",
                        rule.field, component.name
                    ),
                ),
                Requirement::Require => {
                    let values: Vec<_> = values.collect();
                    let is_met = values
                        .iter()
                        .any(|value| value.known().is_none_or(|value| rule.matches(value)));
                    if let (false, Some(first)) = (is_met, values.first()) {
                        let shown = rule
                            .shown(first.as_str())
                            .map_or_else(String::new, |value| format!(", but it is `{value}`"));
                        let pattern = rule.pattern_as_written().unwrap_or_default();
                        report(
                            found,
                            component,
                            *first,
                            order,
                            rule,
                            format!(
                                "the settings require `{}` to match `{pattern}`{shown}",
                                rule.field
                            ),
                        );
                    }
                }
            }
        }
    }
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
