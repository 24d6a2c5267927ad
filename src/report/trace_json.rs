//! Traces as JSON; the schema is `schemas/sfcred-trace-1.json`.

use std::collections::HashMap;
use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::VERSION;
use super::json::write_json;
use super::trace_labels::{files, headline, key, text, value};
use crate::mask::Masker;
use crate::pipeline::Report;
use crate::source::Span;
use crate::trace::{
    Entry, Fact, Failure, Jwt, Reason, State, TokenCheck, Trace, Unknown, Value, Verdict,
    not_traced,
};

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-trace-1.json";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    /// The assumed day of signing.
    today: String,
    traces: Traces<'a>,
    summary: Summary,
}

/// Written one by one: together they can be much larger than the files.
struct Traces<'a> {
    masker: Masker<'a>,
    traces: &'a [Trace<'a>],
}

impl Serialize for Traces<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.traces.iter().map(|trace| trace_entry(&self.masker, trace)))
    }
}

#[derive(Serialize)]
struct Summary {
    traces: usize,
    issued: usize,
    unknown: usize,
    fails: usize,
    no_exchange: usize,
    /// Names that only Apex uses, beyond the limit.
    not_traced: usize,
}

#[derive(Serialize)]
struct OneTrace<'a> {
    credential: String,
    org: &'a str,
    external_credential: Option<String>,
    flow: &'static str,
    steps: Vec<OneStep<'a>>,
    jwt: Option<OneJwt<'a>>,
    verdict: OneVerdict,
}

#[derive(Serialize)]
struct OneStep<'a> {
    step: &'static str,
    #[serde(flatten)]
    part: Part<'a>,
    checks: Vec<OneCheck<'a>>,
}

#[derive(Serialize)]
struct OneCheck<'a> {
    check: &'static str,
    #[serde(flatten)]
    part: Part<'a>,
}

#[derive(Serialize)]
struct Part<'a> {
    state: &'static str,
    facts: Vec<OneFact<'a>>,
    unknown: Vec<OneUnknown>,
    findings: Vec<OneFinding<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct OneFact<'a> {
    text: String,
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
struct OneUnknown {
    what: String,
    how: Option<String>,
    decides: bool,
}

#[derive(Serialize)]
struct OneFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: String,
    help: Option<String>,
    place: Place<'a>,
    answers: &'a [String],
    stops: &'static str,
    allowed: bool,
    more: usize,
}

#[derive(Serialize)]
struct OneJwt<'a> {
    header: Members,
    claims: Members,
    explained: Vec<Explained<'a>>,
    more: usize,
}

#[derive(Serialize)]
struct Explained<'a> {
    part: &'static str,
    name: String,
    meaning: &'static str,
    note: Option<String>,
    origin: Option<String>,
    place: Option<Place<'a>>,
}

/// An object that keeps the order of its members. If a name is duplicated, the last value is kept, as in JSON parsers.
struct Members(Vec<(String, Value)>);

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let last: HashMap<&str, usize> =
            self.0.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect();
        for (index, (name, value)) in self.0.iter().enumerate() {
            if last.get(name.as_str()) != Some(&index) {
                continue;
            }
            match value {
                Value::Text(text) => map.serialize_entry(name, text)?,
                Value::List(list) => map.serialize_entry(name, list)?,
                Value::Number(number) => map.serialize_entry(name, number)?,
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct OneVerdict {
    kind: &'static str,
    text: String,
    step: Option<&'static str>,
    check: Option<&'static str>,
    rule: Option<&'static str>,
    answer: Option<OneAnswer>,
    /// The unknowns; for a failure, those of the steps and checks before it.
    reasons: Vec<OneReason>,
}

#[derive(Serialize)]
struct OneAnswer {
    name: &'static str,
    says: String,
    check: Option<u8>,
    proves: Vec<String>,
}

#[derive(Serialize)]
struct OneReason {
    step: &'static str,
    what: String,
    how: Option<String>,
}

pub(super) fn write<'a>(
    report: &'a Report,
    traces: &'a [Trace<'a>],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let count = |kind: &str| traces.iter().filter(|trace| kind_of(&trace.verdict) == kind).count();
    let document = Document {
        schema: SCHEMA,
        version: VERSION,
        today: report.workspace.today.to_string(),
        traces: Traces { masker: Masker::new(&report.sources), traces },
        summary: Summary {
            traces: traces.len(),
            issued: count("issued"),
            unknown: count("unknown"),
            fails: count("fails"),
            no_exchange: count("no-exchange"),
            not_traced: not_traced(report, traces),
        },
    };
    write_json(&document, out)
}

fn trace_entry<'a>(masker: &Masker<'a>, trace: &'a Trace<'_>) -> OneTrace<'a> {
    masker.about(files(trace));
    let steps = trace.steps.iter().map(|step| OneStep {
        step: key(step.kind),
        part: part(masker, step.state(), &step.facts, &step.unknowns, &step.failures),
        checks: step
            .checks
            .iter()
            .map(|check| OneCheck {
                check: check.kind.name(),
                part: part(masker, check.state(), &check.facts, &check.unknowns, &check.failures),
            })
            .collect(),
    });
    OneTrace {
        credential: text(masker, &trace.name, None),
        org: trace.org,
        external_credential: trace.external_credential.map(|name| text(masker, name, None)),
        flow: trace.flow.name(),
        steps: steps.collect(),
        jwt: trace.jwt.as_ref().map(|jwt| jwt_entry(masker, jwt)),
        verdict: verdict(masker, &trace.verdict),
    }
}

fn part<'a>(
    masker: &Masker<'a>,
    state: State,
    facts: &[Fact],
    unknowns: &[Unknown],
    failures: &[Failure<'a>],
) -> Part<'a> {
    Part {
        state: state_name(state),
        facts: facts
            .iter()
            .map(|fact| OneFact {
                text: text(masker, &fact.text, fact.place),
                place: fact.place.map(|span| place(masker, span)),
            })
            .collect(),
        unknown: unknowns
            .iter()
            .map(|unknown| OneUnknown {
                what: text(masker, &unknown.what, None),
                how: unknown.how.as_deref().map(|how| text(masker, how, None)),
                decides: unknown.decides,
            })
            .collect(),
        findings: failures.iter().map(|failure| finding(masker, failure)).collect(),
    }
}

fn finding<'a>(masker: &Masker<'a>, failure: &Failure<'a>) -> OneFinding<'a> {
    let finding = failure.finding;
    OneFinding {
        rule: finding.rule,
        severity: finding.severity.name(),
        message: text(masker, &finding.message, Some(finding.primary.span)),
        help: finding.help.as_deref().map(|help| text(masker, help, Some(finding.primary.span))),
        place: place(masker, finding.primary.span),
        answers: &finding.answers,
        stops: if failure.certain { "certainly" } else { "possibly" },
        allowed: failure.allowed,
        more: failure.more,
    }
}

fn place<'a>(masker: &Masker<'a>, span: Span) -> Place<'a> {
    let position = masker.sources.position(span.file, span.start);
    Place {
        file: &masker.sources.get(span.file).name,
        line: position.line,
        column: position.column,
    }
}

fn jwt_entry<'a>(masker: &Masker<'a>, jwt: &Jwt) -> OneJwt<'a> {
    let explained = |part: &'static str, entry: &Entry| Explained {
        part,
        name: text(masker, &entry.name, None),
        meaning: entry.meaning,
        note: entry.note.as_deref().map(|note| text(masker, note, None)),
        origin: entry.origin.clone(),
        place: entry.place.map(|span| place(masker, span)),
    };
    let members = |entries: &[Entry]| {
        Members(
            entries
                .iter()
                .map(|entry| (text(masker, &entry.name, None), value(masker, entry)))
                .collect(),
        )
    };
    OneJwt {
        header: members(&jwt.header),
        claims: members(&jwt.claims),
        explained: jwt
            .header
            .iter()
            .map(|entry| explained("header", entry))
            .chain(jwt.claims.iter().map(|entry| explained("claims", entry)))
            .collect(),
        more: jwt.more,
    }
}

fn verdict(masker: &Masker<'_>, verdict: &Verdict<'_>) -> OneVerdict {
    let reasons = |reasons: &[Reason]| {
        reasons
            .iter()
            .map(|reason| OneReason {
                step: key(reason.step),
                what: text(masker, &reason.what, None),
                how: reason.how.as_deref().map(|how| text(masker, how, None)),
            })
            .collect()
    };
    let mut one = OneVerdict {
        kind: kind_of(verdict),
        text: text(masker, &headline(verdict), None),
        step: None,
        check: None,
        rule: None,
        answer: None,
        reasons: Vec::new(),
    };
    match verdict {
        Verdict::Issued | Verdict::NoExchange => {}
        Verdict::Unknown { reasons: open } => one.reasons = reasons(open),
        Verdict::Fails { step, check, failure, answer, proofs, before } => {
            one.step = Some(key(*step));
            one.check = check.map(TokenCheck::name);
            one.rule = Some(failure.finding.rule);
            one.answer = answer.as_ref().map(|answer| OneAnswer {
                name: answer.name,
                says: answer.head.says.clone(),
                check: answer.head.check,
                proves: proofs.iter().map(|&proof| proof.to_owned()).collect(),
            });
            one.reasons = reasons(before);
        }
    }
    one
}

fn kind_of(verdict: &Verdict<'_>) -> &'static str {
    match verdict {
        Verdict::Issued => "issued",
        Verdict::Unknown { .. } => "unknown",
        Verdict::Fails { .. } => "fails",
        Verdict::NoExchange => "no-exchange",
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Fails => "fails",
        State::Unknown => "unknown",
        State::NotReached => "not-reached",
        State::NotApplicable => "not-applicable",
    }
}
