//! Follows a callout from its caller to the access token: the facts and unknowns of each step, and
//! the step at which it would fail.
//!
//! A step fails only because of a finding, so `trace` and `lint` cannot disagree.

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

/// One callout and its eight steps.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The name of the named credential, or of an external credential that no named credential uses.
    pub name: String,
    pub org: &'a str,
    pub external_credential: Option<&'a str>,
    pub flow: Flow,
    /// Always eight, in execution order.
    pub steps: Vec<Step<'a>>,
    /// The header and claims that are signed; `None` for flows without a JWT.
    pub jwt: Option<Jwt>,
    pub verdict: Verdict<'a>,
}

impl Trace<'_> {
    /// Whether any step fails.
    pub fn fails(&self) -> bool {
        self.steps.iter().any(|step| step.state() == State::Fails)
    }
}

/// Traces one credential, or every credential that authenticates.
///
/// # Errors
/// If no credential has the given name, or the files contain no credential that authenticates.
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
    Ok(chosen.into_iter().map(|entry| trace_entry(report, &relevant, &callouts, entry)).collect())
}

/// The error for a credential file that is not well-formed: the one called `name`, or any.
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

fn trace_entry<'a>(
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
    let verdict = verdict::reach(&path, &steps);
    Trace {
        name: entry.name().to_owned(),
        org: &path.calling_org.name,
        external_credential: path.external.map(Named::name),
        flow: path.flow,
        jwt: path.jwt.map(|credential| jwt::build(&path, credential)),
        steps,
        verdict,
    }
}
