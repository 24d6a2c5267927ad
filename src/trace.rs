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
mod granting;
mod jwt;
mod ladder;
mod login;
mod named;
mod org_facts;
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
pub use ladder::{Answering, End, Rung, Shown};
pub use step::{Check, Fact, Failure, State, Step, Unknown};
pub use verdict::{Reason, Verdict};

use callouts::CalloutIndex;
use entry_point::{EntryPoint, entry_points, select};
use granting::GrantingSets;
use org_facts::OrgFacts;
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
    /// What each step and check connects, for pictures.
    pub rungs: Vec<Rung>,
    pub answering: Answering<'a>,
}

impl Trace<'_> {
    /// The rules of the findings that certainly stop the callout after the one of the verdict.
    pub fn more_failures(&self) -> Vec<&'static str> {
        let Verdict::Fails { failure, .. } = &self.verdict else { return Vec::new() };
        let mut rules: Vec<&'static str> = Vec::new();
        let failures = self.steps.iter().flat_map(Step::all_failures);
        for other in failures.filter(|other| other.certain) {
            let rule = other.finding.rule;
            if rule != failure.finding.rule && !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }

    /// Whether any step fails.
    pub fn fails(&self) -> bool {
        self.steps.iter().any(|step| step.state() == State::Fails)
    }
}

/// Traces one credential, or every credential of the files, failing ones first.
///
/// # Errors
/// If no credential has the given name, or the files contain no credential.
pub fn trace<'a>(report: &'a Report, credential: Option<&str>) -> Result<Vec<Trace<'a>>, Error> {
    let all = entry_points(&report.workspace);
    let chosen: Vec<EntryPoint<'a>> = match credential {
        Some(name) => select(&all, &report.workspace, name)
            .map_err(|error| unreadable(report, Some(name)).unwrap_or(error))?,
        None => limited(all),
    };
    if chosen.is_empty() {
        return Err(unreadable(report, None).unwrap_or(UsageError::NothingToTrace.into()));
    }
    let relevant = RelevantFindings::new(report);
    let granting = GrantingSets::new(&report.workspace, |org, sets| relevant.about_sets(org, sets));
    let callouts = CalloutIndex::new(&report.workspace);
    let workspace = &report.workspace;
    let facts: Vec<OrgFacts<'a>> =
        workspace.orgs.iter().map(|org| OrgFacts::new(workspace, org)).collect();
    let mut traces: Vec<Trace<'a>> = chosen
        .into_iter()
        .map(|entry| {
            let path = CalloutPath::new(workspace, &relevant, &granting, &callouts, entry);
            trace_entry(path, &facts[entry.org().0], entry)
        })
        .collect();
    if credential.is_none() {
        traces.sort_by_key(rank);
    }
    Ok(traces)
}

/// So many names that Apex uses and no file defines are traced, unless one is asked for.
const MAX_UNDEFINED: usize = 1_000;

fn limited(mut entries: Vec<EntryPoint<'_>>) -> Vec<EntryPoint<'_>> {
    let mut undefined = 0;
    entries.retain(|entry| {
        undefined += usize::from(entry.is_undefined());
        !entry.is_undefined() || undefined <= MAX_UNDEFINED
    });
    entries
}

/// How many names that Apex uses and no file defines are beyond the limit, if everything was traced.
pub fn not_traced(report: &Report, traces: &[Trace<'_>]) -> usize {
    if traces.len() < MAX_UNDEFINED {
        return 0;
    }
    let all = entry_points(&report.workspace);
    all.iter().filter(|entry| entry.is_undefined()).count().saturating_sub(MAX_UNDEFINED)
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

/// Marks the steps after a failing one as not reached. What the files prove about a component by itself stays: that a
/// permission set grants the principal does not depend on the named credential.
fn stop_after_failing_step(steps: &mut [Step<'_>]) {
    steps.iter_mut().for_each(Step::stop_after_failing_check);
    let Some(failing) = steps.iter().position(|step| step.state() == State::Fails) else { return };
    for step in &mut steps[failing + 1..] {
        let is_independent = step.kind.is_before_request();
        match step.state() {
            State::Ok if is_independent => {}
            State::NotApplicable => {}
            State::Ok | State::Fails | State::Unknown | State::NotReached => step.stop(),
        }
    }
}

/// Failing traces first, then unknown ones, each in the order of orgs and files.
fn rank(trace: &Trace<'_>) -> u8 {
    match trace.verdict {
        Verdict::Fails { .. } => 0,
        Verdict::Unknown { .. } => 1,
        Verdict::Issued | Verdict::NoExchange => 2,
    }
}

fn trace_entry<'a>(
    path: CalloutPath<'a>,
    facts: &OrgFacts<'a>,
    entry: EntryPoint<'a>,
) -> Trace<'a> {
    let mut steps = vec![
        caller::step(&path, facts),
        named::step(&path),
        access::step(&path, facts),
        credential::step(&path),
        signing::step(&path),
        request::step(&path),
        target_org::step(&path),
        call::step(&path),
    ];
    stop_after_failing_step(&mut steps);
    debug_assert!(steps.iter().map(|step| step.kind).eq(path::KINDS.iter().copied()));
    let verdict = verdict::reach(&path, &steps);
    Trace {
        name: entry.name().to_owned(),
        org: &path.calling_org.name,
        external_credential: path.external.map(Named::name),
        flow: path.flow,
        jwt: path.jwt.map(|credential| jwt::build(&path, credential)),
        rungs: ladder::rungs(&path, &steps),
        answering: ladder::answering(&path),
        steps,
        verdict,
    }
}
