//! SARIF 2.1.0, for GitHub's code scanning and other viewers. Quotes no line of any file.

mod model;

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;

use regex::Regex;

use super::entry::{Entry, entry};
use super::json::write_json;
use super::layout::UNBROKEN;
use super::links::{page, uri};
use super::terminal_markdown::{first_sentence, plain, rendered};
use super::unchecked::unchecked;
use super::{Context, Style, VERSION};
use crate::autofix::edits::changes;
use crate::check;
use crate::finding::{Finding, Severity};
use crate::fingerprint::fingerprints;
use crate::mask::{self, Masker};
use crate::model::AllowScope;
use crate::pipeline::Report;
use crate::rule::Rule;
use crate::source::{Sources, Span};
use crate::suppress::AllowIndex;
use model::{
    ArtifactChange, ArtifactLocation, AutomationDetails, Driver, Fix, Help, Invocation, Location,
    Log, LogicalLocation, Message, Notification, PartialFingerprints, PhysicalLocation, Region,
    Replacement, ReportingConfiguration, ReportingDescriptor, RuleProperties, Run, Suppression,
    Tool, UriBase,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The maximum number of results in one file; GitHub rejects a file with more.
const RESULTS: usize = 25_000;
/// The maximum number of related locations of one result; this is the most that GitHub shows.
const LOCATIONS: usize = 100;
/// The base of relative URIs: the working directory of the run.
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
    let rules = names.iter().filter_map(|name| check::rule(name)).map(descriptor).collect();
    let masker = Masker::new(&report.sources);
    let mut allows = AllowIndex::new(&report.workspace.allows);
    let results = results
        .into_iter()
        .map(|(index, finding, fingerprint)| {
            let allowed = index >= report.findings.len();
            // If any result is suppressed, the others state that they are not.
            let suppressions = (!report.allowed.is_empty()).then(|| {
                if allowed { vec![suppression(finding, report, &mut allows)] } else { Vec::new() }
            });
            let rule_index = names.binary_search(&finding.rule).unwrap_or_default();
            model::Result {
                rule_index,
                suppressions,
                ..result(finding, entry(finding, fingerprint, report), &masker)
            }
        })
        .collect();
    let base = UriBase { description: text("the working directory of the run") };
    let run = Run {
        automation_details: AutomationDetails { id: "sfcred/" },
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: notifications(report, filtered),
        }],
        original_uri_base_ids: BTreeMap::from([(ROOT, base)]),
        results,
        tool: Tool {
            driver: Driver {
                information_uri: "https://github.com/sfcred/sfcred",
                name: "sfcred",
                rules,
                semantic_version: VERSION,
                version: VERSION,
            },
        },
    };
    write_json(&Log { schema: SCHEMA, runs: [run], version: "2.1.0" }, out)
}

fn descriptor(rule: &'static Rule) -> ReportingDescriptor {
    let page_of_rule = rule.page();
    let style = Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };
    let (problem_severity, precision) = match page_of_rule.head.severity {
        Severity::Error => ("error", "very-high"),
        Severity::Warning => ("warning", "high"),
        Severity::Note => ("recommendation", "medium"),
    };
    let (security_severity, tags): (_, &[&str]) = if rule.category == "secrets" {
        (Some("8.5"), &["salesforce", "credentials", "security"])
    } else {
        (None, &["salesforce", "credentials"])
    };
    ReportingDescriptor {
        default_configuration: ReportingConfiguration { level: page_of_rule.head.severity.name() },
        full_description: text(plain(&page_of_rule.summary, true)),
        help: Help {
            text: rendered(&page_of_rule.body, style),
            markdown: page_of_rule.body.to_string(),
        },
        help_uri: page(rule.name),
        id: rule.name,
        properties: RuleProperties { precision, problem_severity, security_severity, tags },
        short_description: text(plain(first_sentence(&page_of_rule.summary), true)),
    }
}

fn result<'a>(finding: &'a Finding, entry: Entry<'a>, masker: &Masker<'_>) -> model::Result<'a> {
    let sources = masker.sources;
    let help = entry.help.as_ref().map(|help| format!("\n\n{help}")).unwrap_or_default();
    let component = LogicalLocation {
        fully_qualified_name: format!("{}:{}", entry.component.type_name, entry.component.name),
        kind: "resource",
        name: entry.component.name,
    };
    let label = &finding.primary.text;
    let location = Location {
        logical_locations: Some([component]),
        message: (!label.is_empty()).then(|| message(label)),
        physical_location: physical(finding.primary.span, sources),
        ..Location::default()
    };
    let related_locations = finding
        .related
        .iter()
        .take(LOCATIONS)
        .enumerate()
        .map(|(index, label)| Location {
            id: Some(index + 1),
            message: Some(message(if label.text.is_empty() { "see also" } else { &label.text })),
            physical_location: physical(label.span, sources),
            ..Location::default()
        })
        .collect();
    model::Result {
        fixes: fix(finding, masker).map(|fix| [fix]),
        level: entry.severity.name(),
        locations: [location],
        message: message(&format!("{}{help}", entry.message)),
        partial_fingerprints: PartialFingerprints { sfcred: entry.fingerprint },
        related_locations,
        rule_id: entry.rule,
        rule_index: 0,
        suppressions: None,
    }
}

fn text(text: impl Into<String>) -> Message {
    Message { text: text.into() }
}

/// Redacted text, escaped so that viewers do not render links in it.
fn message(quoting: &str) -> Message {
    text(mask::text(quoting).replace("](", "] ("))
}

fn physical(span: Span, sources: &Sources) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: artifact(&sources.get(span.file).name),
        region: Some(region(span, sources)),
    }
}

fn artifact(name: &str) -> ArtifactLocation {
    let uri = uri(name);
    let uri_base_id = (!uri.starts_with("file:")).then_some(ROOT);
    ArtifactLocation { uri, uri_base_id }
}

fn region(span: Span, sources: &Sources) -> Region {
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end.max(span.start));
    Region {
        end_column: end.column,
        end_line: end.line,
        start_column: start.column,
        start_line: start.line,
    }
}

/// The fix, unless it contains a secret.
fn fix(finding: &Finding, masker: &Masker<'_>) -> Option<Fix> {
    let sources = masker.sources;
    let fix = finding.fix.as_ref()?;
    let changes = changes(fix, sources);
    if changes.is_empty()
        // In quotes, what looks generated is hidden, too.
        || changes.iter().any(|change| masker.hides(&format!("`{}`", change.text), change.span.file))
    {
        return None;
    }
    let artifact_changes = changes
        .chunk_by(|left, right| left.span.file == right.span.file)
        .filter_map(|changes| {
            let file = changes.first()?.span.file;
            let replacements = changes
                .iter()
                .map(|change| Replacement {
                    deleted_region: region(change.span, sources),
                    inserted_content: text(change.text.clone()),
                })
                .collect();
            let artifact_location = artifact(&sources.get(file).name);
            Some(ArtifactChange { artifact_location, replacements })
        })
        .collect();
    Some(Fix { artifact_changes, description: message(&fix.title) })
}

static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\breason\s*=\s*(?:"([^"\n]*)"|“([^”\n]*)”|'([^'\n]*)')"#)
        .expect("a constant pattern")
});

/// The suppression of a finding, with its reason: a comment in its file, or the settings.
fn suppression(finding: &Finding, report: &Report, allows: &mut AllowIndex<'_>) -> Suppression {
    let allow = allows.covering(finding, &report.sources, report.workspace.today);
    let (kind, place) = match allow.map(|allow| (&allow.scope, allow.whole)) {
        Some((AllowScope::Lines { place, .. }, _)) => ("inSource", Some(*place)),
        Some((AllowScope::Files { .. }, place)) => ("external", place),
        None => ("external", None),
    };
    let justification = place.and_then(|place| {
        let text = report.sources.get(place.file).text().get(place.range()).unwrap_or_default();
        let reason = REASON.captures(text)?.iter().skip(1).flatten().next()?;
        Some(mask::typed(reason.as_str()))
    });
    let location = place.map(|place| Location {
        physical_location: physical(place, &report.sources),
        ..Location::default()
    });
    Suppression { justification, kind, location, status: "accepted" }
}

/// Notifications about skipped files, omitted results and what was not checked.
fn notifications(report: &Report, filtered: usize) -> Vec<Notification> {
    let many = (filtered > 0).then(|| Notification {
        level: "warning",
        locations: None,
        message: text(format!(
            "{filtered} more results are omitted: a file contains at most {RESULTS}"
        )),
    });
    let skipped = report.sources.skipped.iter().map(|skipped| Notification {
        level: "note",
        locations: Some([Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact(&skipped.name),
                region: None,
            },
            ..Location::default()
        }]),
        message: message(&format!("`{}` was skipped: {}", skipped.name, skipped.reason)),
    });
    let unchecked = unchecked(report).into_iter().map(|line| Notification {
        level: "note",
        locations: None,
        message: message(&line.replace(UNBROKEN, " ")),
    });
    many.into_iter().chain(skipped).chain(unchecked).collect()
}
