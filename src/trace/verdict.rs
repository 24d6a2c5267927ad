//! What comes of it all: a token, an answer in Salesforce's words, or what would have to be known.

use crate::explain::{self, Answer, Stage};
use crate::finding::Finding;
use crate::model::Flow;
use crate::rule::{Step as Kind, TokenCheck};

use super::path::CalloutPath;
use super::step::{Failure, State, Step};

/// What can be said of the whole.
#[derive(Debug)]
pub enum Verdict<'a> {
    /// As far as files can tell.
    Issued,
    Unknown {
        reasons: Vec<Reason>,
    },
    Fails {
        step: Kind,
        check: Option<TokenCheck>,
        stop: Failure<'a>,
        /// What Salesforce says then, where that is known.
        answer: Option<Box<Answer>>,
        /// What keeps anybody from knowing that it gets that far.
        before: Vec<Reason>,
    },
    /// No access token is asked for in this flow, and nothing that files show stops the call.
    NoExchange,
}

/// Goes on from "cannot be said: ".
#[derive(Clone, Debug)]
pub struct Reason {
    pub step: Kind,
    pub what: String,
    pub how: Option<String>,
}

pub fn of<'a>(path: &CalloutPath<'a>, steps: &[Step<'a>]) -> Verdict<'a> {
    let Some(failing) = steps.iter().position(|step| step.state() == State::Fails) else {
        return open(path, steps);
    };
    let step = &steps[failing];
    let (check, stop) = first(step);
    let Some(stop) = stop else { return open(path, steps) };
    let mut before: Vec<Reason> = steps.iter().take(failing).flat_map(reasons).collect();
    before.extend(step.checks.iter().filter(|other| Some(other.kind) < check).flat_map(|other| {
        let unknowns = other
            .unknowns
            .iter()
            .filter(|unknown| unknown.decides)
            .map(|unknown| (unknown.what.clone(), unknown.how.clone()));
        let stops = other
            .stops
            .iter()
            .map(|stop| (stop.finding.message.clone(), stop.finding.help.clone()));
        unknowns
            .chain(stops)
            .map(|(what, how)| Reason { step: Kind::TargetOrg, what, how })
            .collect::<Vec<_>>()
    }));
    Verdict::Fails {
        step: step.kind,
        check,
        stop,
        answer: answer(path, step.kind, check, stop.finding).map(Box::new),
        before: without_copies(before),
    }
}

/// What surely stops first: findings on the step itself, else those on the lowest check.
fn first<'a>(step: &Step<'a>) -> (Option<TokenCheck>, Option<Failure<'a>>) {
    let certain = |stops: &[Failure<'a>]| stops.iter().find(|stop| stop.certain).copied();
    if let Some(stop) = certain(&step.stops) {
        return (None, Some(stop));
    }
    step.checks
        .iter()
        .find_map(|check| certain(&check.stops).map(|stop| (Some(check.kind), Some(stop))))
        .unwrap_or((None, None))
}

fn open<'a>(path: &CalloutPath<'a>, steps: &[Step<'a>]) -> Verdict<'a> {
    let reasons: Vec<Reason> =
        steps.iter().filter(|step| step.kind != Kind::Call).flat_map(reasons).collect();
    if !reasons.is_empty() {
        return Verdict::Unknown { reasons: without_copies(reasons) };
    }
    let missing = |what: &str| Verdict::Unknown {
        reasons: vec![Reason { step: Kind::TargetOrg, what: what.to_owned(), how: None }],
    };
    match path.flow {
        Flow::JwtBearer => Verdict::Issued,
        Flow::JwtAssertion => {
            missing("whether the token endpoint knows the client and its key: no file shows it")
        }
        Flow::ClientCredentials => {
            missing("whether the client's secret is right: the org keeps it, and no file shows it")
        }
        Flow::Browser => missing(
            "whether somebody has logged in: the org keeps the tokens, and no file shows them",
        ),
        Flow::DirectJwt | Flow::Basic | Flow::Aws | Flow::Custom => Verdict::NoExchange,
        Flow::Unknown => missing("which flow the credential uses"),
    }
}

fn without_copies(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut result: Vec<Reason> = Vec::with_capacity(reasons.len());
    for reason in reasons {
        if !result.iter().any(|known| known.what == reason.what) {
            result.push(reason);
        }
    }
    result
}

/// What the verdict hangs on at a step.
fn reasons(step: &Step<'_>) -> Vec<Reason> {
    let unknowns = step
        .all_unknowns()
        .filter(|unknown| unknown.decides)
        .map(|unknown| (unknown.what.clone(), unknown.how.clone()));
    let stops = step
        .all_stops()
        .filter(|stop| !stop.certain)
        .map(|stop| (stop.finding.message.clone(), stop.finding.help.clone()));
    stops.chain(unknowns).map(|(what, how)| Reason { step: step.kind, what, how }).collect()
}

/// The first of a finding's answers that is given at this step.
fn answer(
    path: &CalloutPath<'_>,
    step: Kind,
    check: Option<TokenCheck>,
    finding: &Finding,
) -> Option<Answer> {
    let claim = crate::check::rule(finding.rule)?.page().head.answers_only_for.as_deref();
    let is_at = |claim| {
        let value = path.jwt.and_then(|jwt| jwt.claim(claim));
        value.is_some_and(|value| value.span == finding.primary.span)
    };
    if claim.is_some_and(|claim| step != Kind::TargetOrg && !is_at(claim)) {
        return None;
    }
    let answers: Vec<Answer> = finding
        .answers
        .iter()
        .filter_map(|name| explain::answer(name))
        .filter(|answer| is_given(path, answer))
        .collect();
    let fits = |answer: &&Answer| match (step, answer.head.stage) {
        (_, Stage::Deployment) => true,
        (Kind::Caller | Kind::NamedCredential | Kind::Access, stage) => stage == Stage::Before,
        (Kind::TargetOrg, Stage::Exchange) => {
            check.is_none_or(|check| answer.head.check.is_some_and(|number| reaches(check, number)))
        }
        (Kind::ExternalCredential | Kind::Signing | Kind::Request, stage) => {
            matches!(stage, Stage::Exchange | Stage::ThirdParty)
        }
        (Kind::Call, stage) => matches!(stage, Stage::Exchange | Stage::Before),
        (Kind::TargetOrg | Kind::Component, _) => false,
    };
    let exchange = |answer: &&Answer| answer.head.stage != Stage::OtherFlow;
    answers
        .iter()
        .find(fits)
        .or_else(|| answers.iter().find(exchange))
        .or(answers.first().filter(|_| step != Kind::TargetOrg))
        .cloned()
}

/// Whether whoever answers is a Salesforce org, where the answer is one of Salesforce's.
fn is_given(path: &CalloutPath<'_>, answer: &Answer) -> bool {
    let called = || path.named.is_some_and(|named| path.workspace.is_salesforce_url(named));
    match (answer.head.stage, answer.head.check) {
        // The calling org's own words, whoever it was that answered.
        (Stage::Exchange, Some(0)) => path.flow == Flow::JwtBearer,
        (Stage::Exchange, Some(9)) => called(),
        (Stage::Exchange | Stage::OtherFlow, _) => path.is_to_salesforce() || called(),
        (Stage::Before | Stage::ThirdParty | Stage::Deployment, _) => true,
    }
}

/// Whether an answer of this check of the ladder is given by that check.
fn reaches(check: TokenCheck, number: u8) -> bool {
    match check {
        TokenCheck::App => number <= 2,
        TokenCheck::Signature => number <= 3,
        TokenCheck::Audience => number <= 4,
        TokenCheck::Expiry => number <= 5,
        TokenCheck::Approval => matches!(number, 6 | 7),
        TokenCheck::Scopes => number == 8,
        TokenCheck::Session => number >= 6,
    }
}
