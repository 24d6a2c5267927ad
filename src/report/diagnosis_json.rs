//! What a log came to, for machines: stable, with a schema in `schemas/sfcred-diagnose-1.json`.

use std::io;

use serde::Serialize;

use super::VERSION;
use super::entry::{Entry, entries_of};
use super::json::write_json;
use super::markdown::{first_sentence, plain};
use super::quote::quote;
use crate::check;
use crate::diagnose::{Causes, Diagnosis, Ranked, State};
use crate::explain::Cause;

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-diagnose-1.json";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    answers: Vec<Answer<'a>>,
    dropped: Vec<Dropped<'a>>,
    unrecognized: Vec<String>,
    project: Option<Project>,
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
    proves: Vec<String>,
    named_credential: Option<&'a str>,
    credential_known: Option<bool>,
    causes: Vec<Entered<'a>>,
    elsewhere: usize,
}

#[derive(Serialize)]
struct Entered<'a> {
    rule: Option<&'a str>,
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
        |(found, causes): (&'_ crate::diagnose::Recognised, &'_ Causes)| -> Option<AnswerParts> {
            let page = found.page()?;
            Some(AnswerParts {
                says: page.head.says.clone(),
                check: page.head.check,
                proves: page.head.proves.iter().map(|proof| plain(proof, true)).collect(),
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
                    line: found.passage.line,
                    quote: quote(&found.passage),
                    count: found.count,
                    is_fallback: found.is_fallback,
                    proves: parts.proves,
                    named_credential: found.credential.as_deref(),
                    credential_known: causes.credential_known,
                    causes: causes.ranked.iter().map(|ranked| entered(ranked, &findings, &allowed)).collect(),
                    elsewhere: parts.elsewhere,
                })
            })
            .collect(),
        dropped: reading
            .dropped
            .iter()
            .map(|dropped| Dropped {
                answer: dropped.answer,
                line: dropped.passage.line,
                quote: quote(&dropped.passage),
                why: "the answer to a pair of login host and audience that the Salesforce CLI tried by itself",
            })
            .collect(),
        unrecognized: reading.unrecognized.iter().map(quote).collect(),
        project: diagnosis.report.map(|report| Project { files: report.sources.seen, findings: report.findings.len() }),
    };
    write_json(&report, out)
}

/// What comes from the page.
struct AnswerParts {
    says: String,
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
        State::NotInFiles | State::Missing(_) | State::Off | State::NoProject | State::Clear => {
            (Vec::new(), Vec::new())
        }
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
        State::Missing(what) => {
            format!("not checked, because {what} cannot be read from the files given: {why}")
        }
        State::Off => format!("not checked, because the settings turn it off: {why}"),
        State::Found { .. } | State::NotInFiles | State::NoProject | State::Clear => why,
    };
    Entered { rule, found: ranked.found(), findings: shown, allowed: covered, why }
}
