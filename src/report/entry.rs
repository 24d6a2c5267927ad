//! A finding as the machine-readable formats contain it, masked. Each format escapes it in its
//! own way.

use serde::Serialize;

use super::sanitize::single_line;
use crate::finding::{Finding, Severity};
use crate::fingerprint::fingerprints;
use crate::mask;
use crate::model::Org;
use crate::pipeline::Report;
use crate::source::{Sources, Span};

/// One finding, as the JSON report writes it.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    pub rule: &'a str,
    #[serde(serialize_with = "by_name")]
    pub severity: Severity,
    pub message: String,
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub component: Component<'a>,
    pub org: Option<&'a str>,
    pub related: Vec<Related<'a>>,
    pub help: Option<String>,
    pub answers: &'a [String],
    pub fix: Option<Fix>,
    pub fingerprint: String,
}

#[derive(Serialize)]
pub(super) struct Component<'a> {
    #[serde(rename = "type")]
    pub type_name: &'a str,
    pub name: String,
}

#[derive(Serialize)]
pub(super) struct Related<'a> {
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

#[derive(Serialize)]
pub(super) struct Fix {
    pub title: String,
    pub safe: bool,
}

/// What was checked, and the number of findings.
#[derive(Serialize)]
pub(super) struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    pub allowed: usize,
    pub baselined: usize,
    pub fixed: usize,
    pub filtered: usize,
    pub files: usize,
    pub components: usize,
}

/// All reported findings, sorted by file and position.
pub(super) fn entries(report: &Report) -> Vec<Entry<'_>> {
    entries_of(&report.findings, report)
}

/// The entries of some findings of a report, reported or allowed.
pub(super) fn entries_of<'a>(findings: &'a [Finding], report: &'a Report) -> Vec<Entry<'a>> {
    findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| entry(finding, fingerprint, report))
        .collect()
}

/// All reported findings, most severe first.
pub(super) fn worst_first(report: &Report) -> Vec<Entry<'_>> {
    let mut entries = entries(report);
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.severity));
    entries
}

pub(super) fn summary(report: &Report) -> Summary {
    let count = |severity: Severity| {
        report.findings.iter().filter(|finding| finding.severity == severity).count()
    };
    Summary {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        allowed: report.allowed.len(),
        baselined: report.baseline.as_ref().map_or(0, |baseline| baseline.findings.len()),
        fixed: report.fixed,
        filtered: report.filtered.findings,
        files: report.sources.seen,
        components: report.workspace.orgs.iter().map(Org::component_count).sum(),
    }
}

impl Entry<'_> {
    /// `file:line:column`, in one sanitized line.
    pub fn place(&self) -> String {
        format!("{}:{}:{}", single_line(self.file), self.line, self.column)
    }

    /// Message and help, each in one sanitized line.
    pub fn message_and_help(&self) -> String {
        let help = self.help.as_ref().map(|help| format!("\nhelp: {}", single_line(help)));
        single_line(&self.message) + &help.unwrap_or_default()
    }
}

pub(super) fn entry<'a>(
    finding: &'a Finding,
    fingerprint: String,
    report: &'a Report,
) -> Entry<'a> {
    let (sources, span) = (&report.sources, finding.primary.span);
    let (file, line, column) = place(sources, span);
    let end = sources.position(span.file, span.end.max(span.start));
    let related = |label: &'a crate::finding::Label| {
        let (file, line, column) = place(sources, label.span);
        Related { file, line, column, message: shown(&label.text) }
    };
    Entry {
        rule: finding.rule,
        severity: finding.severity,
        message: shown(&finding.message),
        file,
        line,
        column,
        end_line: end.line,
        end_column: end.column,
        component: Component {
            type_name: finding.component.type_name,
            name: mask::name(&finding.component.name),
        },
        org: report.workspace.orgs.get(finding.component.org.0).map(|org| org.name.as_str()),
        related: finding.related.iter().map(related).collect(),
        help: finding.help.as_deref().map(shown),
        answers: &finding.answers,
        fix: finding.fix.as_ref().map(|fix| Fix { title: shown(&fix.title), safe: fix.is_safe() }),
        fingerprint,
    }
}

fn place(sources: &Sources, span: Span) -> (&str, usize, usize) {
    let position = sources.position(span.file, span.start);
    (&sources.get(span.file).name, position.line, position.column)
}

fn shown(text: &str) -> String {
    mask::text(text).into_owned()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn by_name<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}
