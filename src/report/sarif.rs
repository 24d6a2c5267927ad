//! SARIF 2.1.0, as GitHub's code scanning and other viewers take it. Quotes no line of any file.

use std::sync::LazyLock;

use std::io;

use regex::Regex;
use serde_json::{Value, json};

use super::entry::{Entry, entry};
use super::harmless::without_secrets;
use super::json::write_json;
use super::links::{page, uri};
use super::{Context, Style, VERSION};
use crate::autofix::edits::{Change, changes};
use crate::check;
use crate::finding::{Finding, Severity};
use crate::fingerprint::fingerprints;
use crate::model::AllowScope;
use crate::pipeline::Report;
use crate::rule::Rule;
use crate::source::{Sources, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub refuses a file that holds more.
const RESULTS: usize = 25_000;
/// GitHub shows no more of one result.
const LOCATIONS: usize = 100;
/// What relative addresses start from: the folder of the run.
const ROOT: &str = "SRCROOT";

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let all: Vec<&Finding> = report.findings.iter().chain(&report.allowed).collect();
    let mut results: Vec<(usize, &Finding, String)> = all
        .iter()
        .zip(fingerprints(all.iter().copied()))
        .enumerate()
        .map(|(index, (finding, fingerprint))| (index, *finding, fingerprint))
        .collect();
    let filtered = results.len().saturating_sub(RESULTS);
    if filtered > 0 {
        results.sort_by_key(|(index, finding, _)| {
            (*index >= report.findings.len(), std::cmp::Reverse(finding.severity), *index)
        });
        results.truncate(RESULTS);
        results.sort_by_key(|(index, ..)| *index);
    }
    let mut names: Vec<&str> = results.iter().map(|(_, finding, _)| finding.rule).collect();
    names.sort_unstable();
    names.dedup();
    let rules: Vec<Value> =
        names.iter().filter_map(|name| check::rule(name)).map(descriptor).collect();
    let results: Vec<Value> = results
        .into_iter()
        .map(|(index, finding, fingerprint)| {
            let mut value = result(finding, &entry(finding, fingerprint, report), report);
            value["ruleIndex"] = json!(names.binary_search(&finding.rule).unwrap_or_default());
            // Where some are suppressed, all others say that they are not.
            if !report.allowed.is_empty() {
                value["suppressions"] = if index < report.findings.len() {
                    json!([])
                } else {
                    json!([suppression(finding, report)])
                };
            }
            value
        })
        .collect();
    write_json(
        &json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": { "name": "sfcred", "version": VERSION, "semanticVersion": VERSION, "informationUri": "https://github.com/sfcred/sfcred", "rules": rules } },
                "automationDetails": { "id": "sfcred/" },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": { ROOT: { "description": { "text": "the working directory of the run" } } },
                "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications(report, filtered) }],
                "results": results,
            }],
        }),
        out,
    )
}

/// What a viewer shows of a rule.
fn descriptor(rule: &'static Rule) -> Value {
    let parsed = rule.page();
    let style = Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };
    let (problem, precision) = match parsed.head.severity {
        Severity::Error => ("error", "very-high"),
        Severity::Warning => ("warning", "high"),
        Severity::Note => ("recommendation", "medium"),
    };
    let mut properties = json!({ "tags": ["salesforce", "credentials"], "precision": precision, "problem.severity": problem });
    if rule.name.ends_with("-in-source") {
        properties["tags"] = json!(["salesforce", "credentials", "security"]);
        properties["security-severity"] = json!("8.5");
    }
    json!({
        "id": rule.name,
        "shortDescription": { "text": super::markdown::plain(super::markdown::first_sentence(&parsed.summary), true) },
        "fullDescription": { "text": super::markdown::plain(&parsed.summary, true) },
        "help": { "text": super::markdown::rendered(&parsed.body, style), "markdown": parsed.body },
        "helpUri": page(rule.name),
        "defaultConfiguration": { "level": parsed.head.severity.name() },
        "properties": properties,
    })
}

fn result(finding: &Finding, entry: &Entry<'_>, report: &Report) -> Value {
    let sources = &report.sources;
    let help = entry.help.as_ref().map(|help| format!("\n\n{help}")).unwrap_or_default();
    let named = format!("{}:{}", entry.component.type_name, entry.component.name);
    let mut location = json!({
        "physicalLocation": physical(finding.primary.span, sources),
        "logicalLocations": [{ "name": entry.component.name, "fullyQualifiedName": named, "kind": "resource" }],
    });
    if !finding.primary.text.is_empty() {
        location["message"] = message(&finding.primary.text);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .take(LOCATIONS)
        .enumerate()
        .map(|(index, label)| {
            let said = if label.text.is_empty() { "see also" } else { &label.text };
            json!({ "id": index + 1, "physicalLocation": physical(label.span, sources), "message": message(said) })
        })
        .collect();
    let mut result = json!({
        "ruleId": entry.rule,
        "level": entry.severity.name(),
        "message": message(&format!("{}{help}", entry.message)),
        "locations": [location],
        "relatedLocations": related,
        "partialFingerprints": { "sfcred/v1": entry.fingerprint },
    });
    if let Some(fix) = fix(finding, sources) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// Plain text, in which a viewer finds no link that a file may hold.
fn message(text: &str) -> Value {
    json!({ "text": without_secrets(text).replace("](", "] (") })
}

fn physical(span: Span, sources: &Sources) -> Value {
    json!({ "artifactLocation": artifact(&sources.get(span.file).name), "region": region(span, sources) })
}

fn artifact(name: &str) -> Value {
    let uri = uri(name);
    if uri.starts_with("file:") {
        json!({ "uri": uri })
    } else {
        json!({ "uri": uri, "uriBaseId": ROOT })
    }
}

fn region(span: Span, sources: &Sources) -> Value {
    let (start, end) = (
        sources.position(span.file, span.start),
        sources.position(span.file, span.end.max(span.start)),
    );
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// The fix, unless it would have to show what must not be shown.
fn fix(finding: &Finding, sources: &Sources) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    let changes = changes(fix, sources);
    if changes.is_empty() || changes.iter().any(|change| shows_a_secret(change, sources)) {
        return None;
    }
    let files: Vec<Value> = changes
        .chunk_by(|left, right| left.span.file == right.span.file)
        .filter_map(|changes| {
            let file = changes.first()?.span.file;
            let replacements: Vec<Value> =
                changes.iter().map(|change| json!({ "deletedRegion": region(change.span, sources), "insertedContent": { "text": change.text } })).collect();
            Some(json!({ "artifactLocation": artifact(&sources.get(file).name), "replacements": replacements }))
        })
        .collect();
    Some(json!({ "description": message(&fix.title), "artifactChanges": files }))
}

fn shows_a_secret(change: &Change, sources: &Sources) -> bool {
    let concealed = |span: &Span| {
        sources
            .get(span.file)
            .text()
            .get(span.range())
            .map(str::trim)
            .is_some_and(|secret| secret.len() >= 8 && change.text.contains(secret))
    };
    without_secrets(&change.text) != change.text
        || sources.concealed(change.span.file).iter().any(concealed)
}

static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\breason\s*=\s*(?:"([^"\n]*)"|“([^”\n]*)”|'([^'\n]*)')"#)
        .expect("a constant pattern")
});

/// Who allowed it, and why: a comment beside it, or the settings.
fn suppression(finding: &Finding, report: &Report) -> Value {
    let mut suppression = json!({ "kind": "external", "status": "accepted" });
    let Some(allow) = check::covering(finding, &report.workspace, &report.sources) else {
        return suppression;
    };
    let place = match allow.scope {
        AllowScope::Lines { place, .. } => {
            suppression["kind"] = json!("inSource");
            Some(place)
        }
        AllowScope::Files { .. } => allow.whole,
    };
    if let Some(place) = place {
        suppression["location"] = json!({ "physicalLocation": physical(place, &report.sources) });
        let text = report.sources.get(place.file).text().get(place.range()).unwrap_or_default();
        if let Some(reason) =
            REASON.captures(text).and_then(|found| found.iter().skip(1).flatten().next())
        {
            suppression["justification"] = json!(without_secrets(reason.as_str()));
        }
    }
    suppression
}

/// What the run did not look at, and what this file does not hold.
fn notifications(report: &Report, filtered: usize) -> Vec<Value> {
    let skipped = report.sources.skipped.iter().map(|skipped| {
        let said = format!("`{}` was left out: {}", skipped.name, skipped.reason);
        json!({ "level": "note", "message": message(&said), "locations": [{ "physicalLocation": { "artifactLocation": artifact(&skipped.name) } }] })
    });
    let many = (filtered > 0).then(|| json!({ "level": "warning", "message": { "text": format!("{filtered} further results are left out: a file holds at most {RESULTS}") } }));
    many.into_iter().chain(skipped).collect()
}
