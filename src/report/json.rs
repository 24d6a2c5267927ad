//! The report for machines: stable, with a schema in `schemas/sfcred-lint-1.json`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::harmless::{shows_nothing, without_secrets};
use super::{Context, VERSION};
use crate::Outcome;
use crate::finding::{Finding, Severity};
use crate::source::{Sources, Span};

pub const SCHEMA: &str = "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-lint-1.json";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    version: &'static str,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    rule: &'a str,
    severity: &'static str,
    message: String,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    component: Component<'a>,
    org: Option<&'a str>,
    related: Vec<Related<'a>>,
    help: Option<String>,
    answers: &'a [String],
    fix: Option<Fix>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Component<'a> {
    #[serde(rename = "type")]
    type_name: &'a str,
    name: String,
}

#[derive(Serialize)]
struct Related<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    message: String,
}

#[derive(Serialize)]
struct Fix {
    title: String,
    safe: bool,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    allowed: usize,
    files: usize,
    components: usize,
}

pub(super) fn write(outcome: &Outcome, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let count = |severity: Severity| outcome.findings.iter().filter(|finding| finding.severity == severity).count();
    let report = Report {
        schema: SCHEMA,
        version: VERSION,
        findings: entries(&outcome.findings, outcome),
        summary: Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            allowed: outcome.allowed.len(),
            files: outcome.sources.seen,
            components: outcome.workspace.orgs.iter().map(crate::model::Org::component_count).sum(),
        },
    };
    write_json(&report, out)
}

/// Findings of an outcome, reported or allowed, as every report for machines shows them.
pub(super) fn entries<'a>(findings: &'a [Finding], outcome: &'a Outcome) -> Vec<Entry<'a>> {
    findings.iter().zip(fingerprints(findings)).map(|(finding, fingerprint)| entry(finding, fingerprint, outcome)).collect()
}

fn entry<'a>(finding: &'a Finding, fingerprint: String, outcome: &'a Outcome) -> Entry<'a> {
    let (sources, span) = (&outcome.sources, finding.primary.span);
    let (file, line, column) = place(sources, span);
    let end = sources.position(span.file, span.end.max(span.start));
    Entry {
        rule: finding.rule,
        severity: finding.severity.name(),
        message: shown(&finding.message),
        file,
        line,
        column,
        end_line: end.line,
        end_column: end.column,
        component: Component { type_name: finding.component.type_name, name: shown(&finding.component.name) },
        org: outcome.workspace.orgs.get(finding.component.org.0).map(|org| org.name.as_str()),
        related: finding
            .related
            .iter()
            .map(|label| {
                let (file, line, column) = place(sources, label.span);
                Related { file, line, column, message: shown(&label.text) }
            })
            .collect(),
        help: finding.help.as_deref().map(shown),
        answers: &finding.answers,
        fix: finding.fix.as_ref().map(|fix| Fix { title: shown(&fix.title), safe: fix.safe }),
        fingerprint,
    }
}

fn place(sources: &Sources, span: Span) -> (&str, usize, usize) {
    let position = sources.position(span.file, span.start);
    (&sources.get(span.file).name, position.line, position.column)
}

fn shown(text: &str) -> String {
    without_secrets(text).into_owned()
}

/// One for each finding, told by rule, component and field and not by place, so that it survives moved lines and folders. Findings that
/// share all of these are numbered in the order of files.
fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut ordinals: HashMap<[&str; 4], usize> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let key = [finding.rule, finding.component.type_name, finding.component.name.as_str(), finding.field.as_str()];
            let ordinal = ordinals.entry(key).or_default();
            *ordinal += 1;
            let digest = Sha256::digest(format!("{}\0{ordinal}", key.join("\0")));
            digest.iter().take(16).fold(String::new(), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
        .collect()
}

/// Writes pretty JSON in which every character that shows nothing is escaped.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escaped(&json))
}

/// Such characters can only stand in strings here: the structure of JSON is ASCII, and serde_json escapes below U+0020.
fn escaped(json: &str) -> String {
    let mut result = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && shows_nothing(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(result, "\\u{unit:04x}");
            }
        } else {
            result.push(character);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_show_nothing_are_escaped_and_survive() {
        let text = "a\u{7f}\u{9b}\u{202e}\u{1b}\u{e0001}\tä";
        let mut json = Vec::new();
        write_json(&[text], &mut json).unwrap();
        let json = String::from_utf8(json).unwrap();
        assert!(json.contains(r"a\u007f\u009b\u202e\u001b\udb40\udc01\tä"), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
