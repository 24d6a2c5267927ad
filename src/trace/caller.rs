//! Step 1: the code that makes the callout, and the user it runs as.

use crate::model::{Callout, Named, NamedCredential};
use crate::rule::Step as Kind;

use super::org_facts::OrgFacts;
use super::path::CalloutPath;
use super::step::{MAX_USERS, Step};

/// The number of callouts to list; the rest are only counted.
const MAX_LISTED: usize = 3;
pub fn step<'a>(path: &CalloutPath<'a>, facts: &OrgFacts<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Caller, path.failures(Kind::Caller));
    let calls: Vec<&Callout> = if path.callouts.is_empty() {
        path.missing.into_iter().collect()
    } else {
        path.callouts.clone()
    };
    for callout in calls.iter().take(MAX_LISTED) {
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
    if calls.len() > MAX_LISTED {
        step.note(format!("and {} more callouts in Apex", calls.len() - MAX_LISTED));
    }
    let registrations = path.named.map_or(&[][..], |named| facts.registrations_of(named.name()));
    let registered = registrations.iter().map(|(record, text)| {
        let noun = if record.component.type_name == "ExternalDataSource" {
            "external data source"
        } else {
            "external service"
        };
        (format!("the {noun} `{}` calls it", record.name()), *text)
    });
    step.facts("external services and data sources", registered);
    if calls.is_empty() && registrations.is_empty() && step.failures.is_empty() {
        if let Some(unresolved) = facts.unresolved {
            step.fact(
                format!(
                    "`{}` calls `callout:{}`, which none of these files defines",
                    unresolved.class.name, unresolved.name
                ),
                &unresolved.name,
            );
        }
        let dynamic_names = if path.calling_org.callouts_unseen {
            "; some Apex builds credential names at run time"
        } else {
            ""
        };
        step.note_unknown(
            format!(
                "the caller: no Apex, external service or data source in these files calls it{dynamic_names}"
            ),
            "add the folder with the Apex code (not needed for the token)",
        );
    }
    match path.calling_org.callouts_run_as.as_slice() {
        [] => {
            if !needs_no_permission(path) {
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
            for user in users.iter().take(MAX_USERS) {
                step.fact(format!("runs as `{user}`"), user);
            }
            if users.len() > MAX_USERS {
                step.note(format!("and as {} more users", users.len() - MAX_USERS));
            }
        }
    }
    step
}

/// Whether every user may use the credential, as for legacy named credentials.
fn needs_no_permission(path: &CalloutPath<'_>) -> bool {
    path.named.is_some_and(NamedCredential::is_legacy)
}

pub fn org_name<'a>(path: &CalloutPath<'a>) -> &'a str {
    if path.calling_org.name.is_empty() { "calling" } else { &path.calling_org.name }
}
