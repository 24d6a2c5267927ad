//! The diagnosis of a log as JSON; the schema is `schemas/sfcred-diagnose-1.json`.

use std::io;

use serde::Serialize;

use super::VERSION;
use super::entry::{Entry, entries_of};
use super::json::write_json;
use super::log_excerpt::excerpt;
use super::terminal_markdown::{first_sentence, plain};
use crate::check;
use crate::diagnose::{Causes, Diagnosis, Ranked, Reason, State};
use crate::explain::Cause;
use crate::mask;

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-diagnose-1.json";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    answers: Vec<Answer<'a>>,
    dropped: Vec<Dropped<'a>>,
    transport: Vec<Transport>,
    unrecognized: Vec<String>,
    /// Only if an org was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    login_history: Vec<Login<'a>>,
    project: Option<Project>,
}

#[derive(Serialize)]
struct Login<'a> {
    org: &'a str,
    user: &'a str,
    time: String,
    application: Option<String>,
    status: String,
    answer: Option<&'a str>,
}

#[derive(Serialize)]
struct Answer<'a> {
    answer: &'a str,
    says: String,
    check: Option<u8>,
    line: u64,
    quote: String,
    count: usize,
    is_fallback: bool,
    flows: Vec<&'static str>,
    proves: Vec<String>,
    named_credential: Option<&'a str>,
    credential_known: Option<bool>,
    causes: Vec<Entered<'a>>,
    elsewhere: usize,
    other_findings: Vec<&'a Entry<'a>>,
}

#[derive(Serialize)]
struct Entered<'a> {
    rule: Option<&'a str>,
    state: &'static str,
    found: Option<bool>,
    findings: Vec<&'a Entry<'a>>,
    allowed: Vec<&'a Entry<'a>>,
    why: String,
}

#[derive(Serialize)]
struct Dropped<'a> {
    answer: &'a str,
    line: u64,
    quote: String,
    why: &'static str,
}

#[derive(Serialize)]
struct Transport {
    line: u64,
    count: usize,
    why: &'static str,
}

#[derive(Serialize)]
struct Project {
    files: usize,
    findings: usize,
}

pub(super) fn write(diagnosis: &Diagnosis<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (findings, allowed) = match diagnosis.report {
        Some(report) => (entries_of(&report.findings, report), entries_of(&report.allowed, report)),
        None => (Vec::new(), Vec::new()),
    };
    let reading = &diagnosis.reading;
    let answer =
        |(found, causes): (&'_ crate::diagnose::Recognized, &'_ Causes)| -> Option<AnswerParts> {
            let page = found.page()?;
            Some(AnswerParts {
                says: page.head.says.clone(),
                // Without proofs by flow, the flow makes no difference.
                flows: causes
                    .flows
                    .iter()
                    .filter(|_| page.head.proves_by_flow.is_some())
                    .map(|flow| flow.name())
                    .collect(),
                check: page.head.check.filter(|_| page.head.is_jwt_bearer(&causes.flows)),
                proves: page
                    .head
                    .proofs(&causes.flows)
                    .into_iter()
                    .map(|proof| plain(proof, true))
                    .collect(),
                elsewhere: causes.elsewhere,
            })
        };
    let report = Document {
        schema: SCHEMA,
        version: VERSION,
        answers: reading
            .answers
            .iter()
            .zip(&diagnosis.causes)
            .filter_map(|(found, causes)| {
                let parts = answer((found, causes))?;
                Some(Answer {
                    answer: found.answer,
                    says: parts.says,
                    check: parts.check,
                    line: found.excerpt.line,
                    quote: excerpt(&found.excerpt),
                    count: found.count,
                    is_fallback: found.is_fallback,
                    flows: parts.flows,
                    proves: parts.proves,
                    named_credential: found.credential.as_deref(),
                    credential_known: causes.credential_known,
                    causes: causes.ranked.iter().map(|ranked| entered(ranked, &findings, &allowed)).collect(),
                    elsewhere: parts.elsewhere,
                    other_findings: causes.other_findings.iter().filter_map(|index| findings.get(*index)).collect(),
                })
            })
            .collect(),
        login_history: diagnosis
            .logins
            .iter()
            .map(|(login, answer)| Login {
                org: &login.org,
                user: &login.username,
                time: mask::typed(&login.time),
                application: login.application.as_deref().map(mask::typed),
                status: mask::typed(&login.status),
                answer: answer.map(|answer| answer.name),
            })
            .collect(),
        dropped: reading
            .dropped
            .iter()
            .map(|dropped| Dropped {
                answer: dropped.answer,
                line: dropped.excerpt.line,
                quote: excerpt(&dropped.excerpt),
                why: "the error of a pair of login host and audience that the Salesforce CLI tried on its own",
            })
            .collect(),
        transport: reading
            .transport
            .iter()
            .map(|found| Transport {
                line: found.line,
                count: found.count,
                why: found.kind.meaning(),
            })
            .collect(),
        unrecognized: reading.unrecognized.iter().map(excerpt).collect(),
        project: diagnosis.report.map(|report| Project { files: report.sources.seen, findings: report.findings.len() }),
    };
    write_json(&report, out)
}

/// The fields from the page of the error message.
struct AnswerParts {
    says: String,
    flows: Vec<&'static str>,
    check: Option<u8>,
    proves: Vec<String>,
    elsewhere: usize,
}

fn entered<'a>(
    ranked: &'a Ranked,
    findings: &'a [Entry<'a>],
    allowed: &'a [Entry<'a>],
) -> Entered<'a> {
    let pick = |all: &'a [Entry<'a>], numbers: &[usize]| {
        numbers.iter().filter_map(|number| all.get(*number)).collect()
    };
    let (shown, covered) = match &ranked.state {
        State::Found { findings: numbers, allowed: covered } => {
            (pick(findings, numbers), pick(allowed, covered))
        }
        State::NotInFiles | State::NotChecked(_) | State::Clear => (Vec::new(), Vec::new()),
    };
    let (rule, why) = match &ranked.cause {
        Cause::What(what) => (None, plain(what, true)),
        Cause::Rule(name) => (
            Some(name.as_str()),
            check::rule(name)
                .map(|rule| plain(first_sentence(&rule.page().summary), true))
                .unwrap_or_default(),
        ),
    };
    let why = match &ranked.state {
        State::NotChecked(reason) => match not_checked(*reason) {
            Some(reason) => format!("not checked, because {reason}: {why}"),
            None => why,
        },
        State::Found { .. } | State::NotInFiles | State::Clear => why,
    };
    let state = ranked.state.name();
    Entered { rule, state, found: ranked.found(), findings: shown, allowed: covered, why }
}

/// Completes "not checked, because …"; `None` if there is nothing to explain.
fn not_checked(reason: Reason) -> Option<String> {
    Some(match reason {
        Reason::Missing(what) => format!("the files do not contain {what}"),
        Reason::Off => "the settings turn it off".to_owned(),
        Reason::OtherFlow => "it judges credentials with another flow".to_owned(),
        Reason::OtherCredential => "the files do not contain the credential that failed".to_owned(),
        Reason::NoRule => "this version does not have this rule".to_owned(),
        Reason::NoProject => return None,
    })
}
