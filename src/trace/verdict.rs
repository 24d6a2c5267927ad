//! The verdict of a trace: a token is issued, the callout fails with an error message, or it is
//! unknown for stated reasons.

use crate::explain::{self, Answer, FlowFamily, Stage};
use crate::finding::Finding;
use crate::model::Flow;
use crate::rule::{Step as Kind, TokenCheck};

use super::path::CalloutPath;
use super::step::{Failure, State, Step};

/// The result of a whole trace.
#[derive(Debug)]
pub enum Verdict<'a> {
    /// A token is issued, as far as the files show.
    Issued,
    Unknown {
        reasons: Vec<Reason>,
    },
    Fails {
        step: Kind,
        check: Option<TokenCheck>,
        failure: Failure<'a>,
        /// The error message that Salesforce returns, if it is known.
        answer: Option<&'static Answer>,
        /// What this message confirms in the flow of the credential.
        proofs: Vec<&'static str>,
        /// Why it is unknown whether the callout gets that far.
        before: Vec<Reason>,
    },
    /// The flow requests no access token, and nothing in the files makes the callout fail.
    NoExchange,
}

/// An unknown that the verdict depends on.
#[derive(Clone, Debug)]
pub struct Reason {
    pub step: Kind,
    pub what: String,
    pub how: Option<String>,
}

pub fn reach<'a>(path: &CalloutPath<'a>, steps: &[Step<'a>]) -> Verdict<'a> {
    let Some(failing) = steps.iter().position(|step| step.state() == State::Fails) else {
        return without_failure(path, steps);
    };
    let step = &steps[failing];
    let (check, failure) = first_failure(step);
    let Some(failure) = failure else { return without_failure(path, steps) };
    let mut before: Vec<Reason> = steps.iter().take(failing).flat_map(reasons).collect();
    before.extend(step.checks.iter().filter(|other| Some(other.kind) < check).flat_map(|other| {
        let unknowns = other
            .unknowns
            .iter()
            .filter(|unknown| unknown.decides)
            .map(|unknown| (unknown.what.clone(), unknown.how.clone()));
        let failures = other
            .failures
            .iter()
            .map(|failure| (failure.finding.message.clone(), failure.finding.help.clone()));
        unknowns
            .chain(failures)
            .map(|(what, how)| Reason { step: Kind::TargetOrg, what, how })
            .collect::<Vec<_>>()
    }));
    let answer = answer(path, step.kind, check, failure.finding);
    let flows = FlowFamily::of(path.flow);
    let proofs = answer.map(|answer| answer.head.proofs(flows)).unwrap_or_default();
    Verdict::Fails { step: step.kind, check, failure, answer, proofs, before: deduplicated(before) }
}

/// The first certain failure of a step: one of the step itself, else of its earliest check.
fn first_failure<'a>(step: &Step<'a>) -> (Option<TokenCheck>, Option<Failure<'a>>) {
    let certain =
        |failures: &[Failure<'a>]| failures.iter().find(|failure| failure.certain).copied();
    if let Some(failure) = certain(&step.failures) {
        return (None, Some(failure));
    }
    step.checks
        .iter()
        .find_map(|check| certain(&check.failures).map(|failure| (Some(check.kind), Some(failure))))
        .unwrap_or((None, None))
}

/// The verdict if no step certainly fails.
fn without_failure<'a>(path: &CalloutPath<'a>, steps: &[Step<'a>]) -> Verdict<'a> {
    let reasons: Vec<Reason> = steps.iter().flat_map(reasons).collect();
    if !reasons.is_empty() {
        return Verdict::Unknown { reasons: deduplicated(reasons) };
    }
    let unknown = |what: &str| Verdict::Unknown {
        reasons: vec![Reason { step: Kind::TargetOrg, what: what.to_owned(), how: None }],
    };
    match path.flow {
        Flow::JwtBearer
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider
        | Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider => Verdict::Issued,
        Flow::JwtAssertion => unknown(
            "whether the token endpoint knows the client and its key: that is not in the files",
        ),
        Flow::DirectJwt
        | Flow::Basic
        | Flow::Aws
        | Flow::AwsSts
        | Flow::AwsRolesAnywhere
        | Flow::Custom
        | Flow::NoAuthentication => Verdict::NoExchange,
        Flow::Unknown => unknown("which flow the credential uses"),
    }
}

fn deduplicated(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut result: Vec<Reason> = Vec::with_capacity(reasons.len());
    for reason in reasons {
        if !result.iter().any(|known| known.what == reason.what) {
            result.push(reason);
        }
    }
    result
}

/// The unknowns and possible failures of a step that the verdict depends on.
fn reasons(step: &Step<'_>) -> Vec<Reason> {
    let unknowns = step
        .all_unknowns()
        .filter(|unknown| unknown.decides)
        .map(|unknown| (unknown.what.clone(), unknown.how.clone()));
    let failures = step
        .all_failures()
        .filter(|failure| !failure.certain)
        .map(|failure| (failure.finding.message.clone(), failure.finding.help.clone()));
    failures.chain(unknowns).map(|(what, how)| Reason { step: step.kind, what, how }).collect()
}

/// The first error message of a finding that appears at this step.
fn answer(
    path: &CalloutPath<'_>,
    step: Kind,
    check: Option<TokenCheck>,
    finding: &Finding,
) -> Option<&'static Answer> {
    let claim = crate::check::rule(finding.rule)?.page().head.answers_only_for.as_deref();
    let is_at = |claim| {
        let value = path.jwt.and_then(|jwt| jwt.claim(claim));
        value.is_some_and(|value| value.span == finding.primary.span)
    };
    if claim.is_some_and(|claim| step != Kind::TargetOrg && !is_at(claim)) {
        return None;
    }
    let answers: Vec<&Answer> = finding
        .answers
        .iter()
        .filter_map(|name| explain::answer(name))
        .filter(|answer| is_possible(path, answer))
        .collect();
    if step == Kind::TargetOrg && !path.is_exchange_with_salesforce() {
        return answers.first().copied();
    }
    let fits = |answer: &&Answer| match (step, answer.head.stage) {
        (_, Stage::Deployment) => true,
        (Kind::Caller | Kind::NamedCredential | Kind::Access, stage) => stage == Stage::Before,
        (Kind::TargetOrg, Stage::Exchange) => check
            .is_none_or(|check| answer.head.check.is_some_and(|number| check.can_report(number))),
        (Kind::ExternalCredential | Kind::Signing | Kind::Request, stage) => {
            matches!(stage, Stage::Exchange | Stage::ThirdParty)
        }
        (Kind::Call, stage) => matches!(stage, Stage::Exchange | Stage::Before),
        (Kind::TargetOrg | Kind::Component, _) => false,
    };
    let is_this_flow = |answer: &&Answer| answer.head.stage != Stage::OtherFlow;
    let all = || answers.iter().copied();
    all()
        .find(fits)
        .or_else(|| all().find(is_this_flow))
        .or_else(|| all().next().filter(|_| step != Kind::TargetOrg))
}

/// Whether the error message can appear for this callout: Salesforce's messages come from Salesforce
/// orgs only.
fn is_possible(path: &CalloutPath<'_>, answer: &Answer) -> bool {
    let calls_salesforce =
        || path.named.is_some_and(|named| path.workspace.is_salesforce_url(named));
    match (answer.head.stage, answer.head.check) {
        // The calling org raises this exception, regardless of which server rejected the request.
        (Stage::Exchange, Some(0)) => path.flow == Flow::JwtBearer,
        (Stage::Exchange, Some(9)) => calls_salesforce(),
        (Stage::Exchange | Stage::OtherFlow, _) => path.is_to_salesforce() || calls_salesforce(),
        (Stage::Before | Stage::ThirdParty | Stage::Deployment, _) => true,
    }
}
