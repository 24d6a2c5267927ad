//! Walks a callout from what calls to the access token: what is known at each step, from where, and where it would stop.
//!
//! Nothing is judged here: a step fails because of a finding, so a trace and `lint` cannot disagree.

mod access;
mod call;
mod caller;
mod callouts;
mod credential;
mod entry_point;
mod jwt;
mod named;
mod path;
mod request;
mod signing;
mod step;
mod target_org;
mod verdict;

use crate::error::{Error, UsageError};
use crate::model::{Flow, Named, same_component};
use crate::pipeline::Report;

pub use crate::rule::TokenCheck;
pub use jwt::{Entry, Jwt, Value};
pub use step::{Check, Fact, Failure, State, Step, Unknown};
pub use verdict::{Reason, Verdict};

use callouts::CalloutIndex;
use entry_point::{EntryPoint, entry_points, select};
use path::{CalloutPath, RelevantFindings};

/// One callout, followed to its end.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The named credential, else the external one that no named credential uses.
    pub name: String,
    pub org: &'a str,
    pub external_credential: Option<&'a str>,
    pub flow: Flow,
    /// Always eight, in the order in which they are taken.
    pub steps: Vec<Step<'a>>,
    /// The header and claims that are signed, if anything is.
    pub jwt: Option<Jwt>,
    pub verdict: Verdict<'a>,
}

impl Trace<'_> {
    /// Whether any step fails.
    pub fn fails(&self) -> bool {
        self.steps.iter().any(|step| step.state() == State::Fails)
    }
}

/// Follows one credential, or all of them.
///
/// # Errors
/// If no credential has the name, or nothing in the files authenticates.
pub fn trace<'a>(report: &'a Report, credential: Option<&str>) -> Result<Vec<Trace<'a>>, Error> {
    let all = entry_points(&report.workspace);
    let chosen: Vec<EntryPoint<'a>> = match credential {
        None => {
            all.iter().filter(|entry| entry.authenticates(&report.workspace)).copied().collect()
        }
        Some(name) => select(&all, &report.workspace, name)
            .map_err(|error| unreadable(report, Some(name)).unwrap_or(error))?,
    };
    if chosen.is_empty() {
        return Err(unreadable(report, None).unwrap_or(UsageError::NothingToTrace.into()));
    }
    let relevant = RelevantFindings::new(report);
    let callouts = CalloutIndex::new(&report.workspace);
    Ok(chosen.into_iter().map(|entry| followed(report, &relevant, &callouts, entry)).collect())
}

/// A credential's file that is not well-formed; that of one name, where it is given.
fn unreadable(report: &Report, name: Option<&str>) -> Option<Error> {
    let mut credentials = report
        .workspace
        .unreadable
        .iter()
        .filter(|file| matches!(file.type_name, "ExternalCredential" | "NamedCredential"));
    let found =
        credentials.find(|file| name.is_none_or(|name| same_component(&file.name, name)))?;
    Some(
        UsageError::UnreadableCredential {
            file: report.sources.get(found.file).name.clone(),
            reason: found.message.clone(),
        }
        .into(),
    )
}

fn followed<'a>(
    report: &'a Report,
    relevant: &RelevantFindings<'a>,
    callouts: &CalloutIndex<'a>,
    entry: EntryPoint<'a>,
) -> Trace<'a> {
    let path = CalloutPath::new(&report.workspace, relevant, callouts, entry);
    let steps = vec![
        caller::step(&path),
        named::step(&path),
        access::step(&path),
        credential::step(&path),
        signing::step(&path),
        request::step(&path),
        target_org::step(&path),
        call::step(&path),
    ];
    debug_assert!(steps.iter().map(|step| step.kind).eq(path::KINDS.iter().copied()));
    let verdict = verdict::of(&path, &steps);
    Trace {
        name: entry.name().to_owned(),
        org: &path.calling_org.name,
        external_credential: path.external.map(Named::name),
        flow: path.flow,
        jwt: path.jwt.map(|credential| jwt::of(&path, credential)),
        steps,
        verdict,
    }
}
