//! Step 1: what calls, and as whom.

use crate::model::{Callout, Named, NamedCredential, Record};
use crate::rule::Step as Kind;
use crate::source::{Spanned, Text};

use super::path::CalloutPath;
use super::step::Step;

/// Calls that are listed; the rest is counted.
const SHOWN: usize = 3;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Caller, path.stops(Kind::Caller));
    let calls: Vec<&Callout> = if path.callouts.is_empty() {
        path.missing.into_iter().collect()
    } else {
        path.callouts.clone()
    };
    for callout in calls.iter().take(SHOWN) {
        let path = if callout.path.is_empty() {
            String::new()
        } else {
            callout.path.replace(crate::model::DYNAMIC_PART, "…")
        };
        step.fact(
            format!("`{}` calls `callout:{}{path}`", callout.class.name, callout.name.raw()),
            &callout.name,
        );
    }
    if calls.len() > SHOWN {
        step.note(format!("and {} more in Apex", calls.len() - SHOWN));
    }
    let registrations = registrations(path);
    for (record, text) in &registrations {
        let what = if record.component.type_name == "ExternalDataSource" {
            "external data source"
        } else {
            "external service"
        };
        step.fact(format!("the {what} `{}` calls it", record.name()), &text.span());
    }
    if calls.is_empty() && registrations.is_empty() && step.stops.is_empty() {
        if let Some(lost) = path.calling_org.callouts.iter().find(|callout| {
            !callout.in_test
                && callout
                    .name
                    .known()
                    .is_some_and(|name| super::is_lost(path.workspace, path.calling_org, name))
        }) {
            step.fact(
                format!(
                    "`{}` calls `callout:{}`, which is in none of these files",
                    lost.class.name, lost.name
                ),
                &lost.name,
            );
        }
        let seen = if path.calling_org.callouts_unseen {
            "; some Apex puts names together only when it runs"
        } else {
            ""
        };
        step.note_unknown(
            format!(
                "what calls it: no Apex, external service or data source in these files does{seen}"
            ),
            "give the folder with the code too; the token does not depend on it",
        );
    }
    match path.calling_org.callouts_run_as.as_slice() {
        [] => {
            if !is_open(path) {
                step.note_unknown(
                    "which user the callout runs as",
                    format!(
                        "add `callouts_run_as: [user]` to org `{}` in `sfcred.yaml`",
                        org_name(path)
                    ),
                );
            }
        }
        users => {
            for user in users {
                step.fact(format!("runs as `{user}`"), user);
            }
        }
    }
    step
}

/// Nobody needs a permission to use it.
fn is_open(path: &CalloutPath<'_>) -> bool {
    path.named.is_some_and(NamedCredential::is_legacy)
}

pub fn org_name<'a>(path: &CalloutPath<'a>) -> &'a str {
    if path.calling_org.name.is_empty() { "hub" } else { &path.calling_org.name }
}

/// The Apex that calls it, or surely means to.
pub fn callouts<'a>(path: &CalloutPath<'a>) -> Vec<&'a Callout> {
    let Some(named) = path.named else {
        let Some(missing) = path.missing else { return Vec::new() };
        return path
            .calling_org
            .callouts
            .iter()
            .filter(|callout| {
                !callout.in_test
                    && callout.name.as_str().eq_ignore_ascii_case(missing.name.as_str())
            })
            .collect();
    };
    let foreign =
        path.workspace.foreign_callouts(path.calling_org_id, named).map(|(_, callout)| callout);
    let mut found: Vec<&Callout> = path
        .calling_org
        .callouts
        .iter()
        .filter(|callout| {
            path.calling_org.calls(callout.name.as_str(), named)
                || is_intended(callout.name.raw(), named)
        })
        .collect();
    for callout in foreign {
        if !found.iter().any(|known| known.name.span == callout.name.span) {
            found.push(callout);
        }
    }
    found.retain(|callout| !callout.in_test);
    found
}

/// A name that is this one but for blanks, case or the sign of the old default namespace.
pub fn is_intended(typed: &str, named: &NamedCredential) -> bool {
    let bare: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    let bare = bare.strip_prefix('.').map_or(bare.as_str(), |rest| rest.trim_start_matches('_'));
    bare.eq_ignore_ascii_case(named.name())
}

/// External services and data sources that name it.
fn registrations<'a>(path: &CalloutPath<'a>) -> Vec<(&'a Record, &'a Text)> {
    let Some(named) = path.named else { return Vec::new() };
    let names = |text: &Text| {
        let text = text.as_str();
        text.eq_ignore_ascii_case(named.name())
            || text
                .to_ascii_lowercase()
                .starts_with(&format!("callout:{}", named.name().to_ascii_lowercase()))
    };
    let records = path.calling_org.records.iter().filter(|record| {
        matches!(record.component.type_name, "ExternalServiceRegistration" | "ExternalDataSource")
    });
    records
        .filter_map(|record| {
            ["namedCredential", "namedCredentialReference", "endpoint"]
                .iter()
                .find_map(|path| record.get(path).filter(|text| names(text)))
                .map(|text| (record, text))
        })
        .collect()
}
