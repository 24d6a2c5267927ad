//! Labels and values of a trace, shared by its formats.

use std::collections::BTreeSet;

use super::Style;
use super::paint::{DIM, GREEN, RED, YELLOW};
use crate::mask::Masker;
use crate::rule::Step as Kind;
use crate::source::{FileId, Span};
use crate::trace::{Entry, Fact, Failure, Reason, State, TokenCheck, Trace, Value, Verdict};

/// The files that a trace is about.
pub(super) fn files(trace: &Trace<'_>) -> BTreeSet<FileId> {
    let of_facts = |facts: &[Fact]| -> Vec<FileId> {
        facts.iter().filter_map(|fact| fact.place).map(|place| place.file).collect()
    };
    let of_failures = |failures: &[Failure<'_>]| -> Vec<FileId> {
        let labels = failures.iter().flat_map(|failure| {
            std::iter::once(&failure.finding.primary).chain(&failure.finding.related)
        });
        labels.map(|label| label.span.file).collect()
    };
    let of_steps = trace.steps.iter().flat_map(|step| {
        let checks = step
            .checks
            .iter()
            .flat_map(|check| [of_facts(&check.facts), of_failures(&check.failures)].concat());
        [of_facts(&step.facts), of_failures(&step.failures)].concat().into_iter().chain(checks)
    });
    let of_jwt = trace.jwt.iter().flat_map(|jwt| jwt.header.iter().chain(&jwt.claims));
    of_steps.chain(of_jwt.filter_map(|entry| entry.place).map(|place| place.file)).collect()
}

/// The length from which texts are shortened: a value can be long, and each trace that it is part of repeats it.
const MAX_CHARACTERS: usize = 1_000;

/// A text of a trace, masked.
pub(super) fn text(masker: &Masker<'_>, text: &str, place: Option<Span>) -> String {
    shortened(masker.text_at(text, place))
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARACTERS) {
        let more = text[end..].chars().count();
        text.truncate(end);
        text.push_str(&format!("… and {more} more characters"));
    }
    text
}

/// The value of a claim, masked.
pub(super) fn value(masker: &Masker<'_>, entry: &Entry) -> Value {
    let masked = |text: &String| shortened(masker.value_at(text, entry.place));
    match &entry.value {
        Value::Text(text) => Value::Text(masked(text)),
        Value::List(list) => Value::List(list.iter().map(masked).collect()),
        Value::Number(number) => Value::Number(*number),
    }
}

/// The name of a step in JSON.
pub(super) fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "caller",
        Kind::NamedCredential => "named-credential",
        Kind::Access => "access",
        Kind::ExternalCredential => "external-credential",
        Kind::Signing => "signing",
        Kind::Request => "request",
        Kind::TargetOrg => "target-org",
        Kind::Call => "call",
        Kind::Component => "component",
    }
}

pub(super) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "caller and running user",
        Kind::NamedCredential => "named credential",
        Kind::Access => "access to the principal",
        Kind::ExternalCredential => "external credential",
        Kind::Signing => "signature",
        Kind::Request => "token request",
        Kind::TargetOrg => "target org",
        Kind::Call => "callout",
        Kind::Component => "",
    }
}

pub(super) fn number(kind: Kind) -> usize {
    match kind {
        Kind::Caller => 1,
        Kind::NamedCredential => 2,
        Kind::Access => 3,
        Kind::ExternalCredential => 4,
        Kind::Signing => 5,
        Kind::Request => 6,
        Kind::TargetOrg => 7,
        Kind::Call | Kind::Component => 8,
    }
}

/// The verdict in one line.
pub(super) fn headline(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Issued | Verdict::NoExchange => {
            "The callout would work, as far as the files show".to_owned()
        }
        Verdict::Unknown { reasons } => {
            let unknown: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
            format!("Unknown: {}", unknown.join("; "))
        }
        Verdict::Fails { step, check, answer, before, .. } => {
            let failure = failure_line(*step, *check, before);
            match answer {
                Some(answer) => {
                    format!("{failure}: \"{}\"", answer.head.says.trim_end_matches('.'))
                }
                None => failure,
            }
        }
    }
}

/// `Fails at step 7 (target org: audience), if steps 1 and 3 pass`.
pub(super) fn failure_line(step: Kind, check: Option<TokenCheck>, unknown: &[Reason]) -> String {
    let check = check.map_or(String::new(), |check| format!(": {}", check.name()));
    let mut steps: Vec<usize> = unknown
        .iter()
        .map(|reason| number(reason.step))
        .filter(|earlier| *earlier != number(step))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let condition = match steps.as_slice() {
        [] if unknown.is_empty() => String::new(),
        [] => ", if the checks before it pass".to_owned(),
        [one] => format!(", if step {one} passes"),
        [several @ .., last] => format!(", if steps {} and {last} pass", several.join(", ")),
    };
    format!("Fails at step {} ({}{check}){condition}", number(step), title(step))
}

pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Fails => "fails",
        State::Unknown => "unknown",
        State::NotReached => "not reached",
        State::NotApplicable => "does not apply",
    }
}

pub(super) fn symbol(state: State, style: Style) -> &'static str {
    match (state, style.unicode) {
        (State::Ok, true) => "✓",
        (State::Ok, false) => "+",
        (State::Fails, true) => "✗",
        (State::Fails, false) => "x",
        (State::Unknown, _) => "?",
        (State::NotReached | State::NotApplicable, true) => "·",
        (State::NotReached | State::NotApplicable, false) => "-",
    }
}

pub(super) fn color(state: State) -> anstyle::Style {
    match state {
        State::Ok => GREEN,
        State::Fails => RED,
        State::Unknown => YELLOW,
        State::NotReached | State::NotApplicable => DIM,
    }
}
