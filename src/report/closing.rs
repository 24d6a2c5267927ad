//! The last line of a report: how many findings, and what was checked, so that no output is never
//! mistaken for success.

use super::layout::{count, number};
use crate::finding::{Applicability, Severity};
use crate::model::Org;
use crate::pipeline::Report;

/// The maximum number of org names to list.
const ORGS: usize = 6;
/// The maximum number of stale baseline entries to list.
const MAX_STALE_SHOWN: usize = 3;

/// The same line for all formats. [`super::layout::UNBROKEN`] keeps counts and nouns on one line.
pub(super) fn closing(report: &Report) -> String {
    let mut line = found(report);
    line += &suppressed(report);
    line += if line.starts_with("All") { "! " } else { ". " };
    line += &checked(report);
    line += &fixable(report);
    line
}

fn found(report: &Report) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| {
            let of_severity = report.findings.iter().filter(|finding| finding.severity == severity);
            (of_severity.count(), severity)
        })
        .filter(|(findings, _)| *findings > 0)
        .map(|(findings, severity)| count(findings, severity.name()))
        .collect();
    if !counts.is_empty() {
        format!("Found {}", counts.join(", "))
    } else if baselined(report) > 0 {
        "No new findings".to_owned()
    } else if report.allowed.is_empty()
        && report.filtered.findings == 0
        && report.sources.skipped_credentials().next().is_none()
        && components(report) > 0
    {
        "All checks passed".to_owned()
    } else {
        "No findings".to_owned()
    }
}

/// The findings that are not reported, by reason.
fn suppressed(report: &Report) -> String {
    let mut parts = Vec::new();
    if !report.allowed.is_empty() {
        parts.push(format!("{} allowed", number(report.allowed.len())));
    }
    if baselined(report) > 0 {
        parts.push(format!("{} baselined", number(baselined(report))));
    }
    let hidden = &report.filtered;
    if hidden.findings > 0 {
        parts.push(format!("{} hidden by {}", number(hidden.findings), hidden.by.join(" and ")));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn checked(report: &Report) -> String {
    let orgs = &report.workspace.orgs;
    let mut line = format!("Checked {}", count(report.sources.seen, "file"));
    let skipped = report.sources.skipped.len();
    if skipped > 0 {
        line += &format!(" ({} skipped)", number(skipped));
    }
    line += &format!(
        ", {}, {}",
        count(components(report), "component"),
        count(report.workspace.app_uses().count(), "connection")
    );
    if orgs.len() > 1 {
        let names: Vec<&str> = orgs.iter().take(ORGS).map(|org| org.name.as_str()).collect();
        let more = if orgs.len() > ORGS {
            format!(" and {} more", number(orgs.len() - ORGS))
        } else {
            String::new()
        };
        line += &format!(" in {} ({}{more})", count(orgs.len(), "org"), names.join(", "));
    }
    if let Some(environment) = &report.environment {
        line += &format!(", with the replacements of {environment}");
    }
    line + "."
}

fn fixable(report: &Report) -> String {
    let fixes = |applicability: Applicability| {
        let fixes = report.findings.iter().filter_map(|finding| finding.fix.as_ref());
        fixes.filter(|fix| fix.applicability == applicability).count()
    };
    match (fixes(Applicability::Safe), fixes(Applicability::Unsafe)) {
        (0, 0) => String::new(),
        (safe, 0) => format!(" {} fixable with `--fix`.", number(safe)),
        (0, not_safe) => format!(" {} fixable with `--fix --unsafe-fixes`.", number(not_safe)),
        (safe, not_safe) => format!(
            " {} fixable with `--fix`, {} more with `--unsafe-fixes`.",
            number(safe),
            number(not_safe)
        ),
    }
}

/// Baseline entries that no longer occur. They should be removed, because they would hide a new
/// finding of the same kind.
pub(super) fn stale(report: &Report) -> Option<String> {
    let baseline = report.baseline.as_ref().filter(|baseline| !baseline.stale.is_empty())?;
    let stale = &baseline.stale;
    let named: Vec<String> = stale
        .iter()
        .take(MAX_STALE_SHOWN)
        .map(|entry| format!("{} in {}", entry.rule, entry.file))
        .collect();
    let more = if stale.len() > MAX_STALE_SHOWN {
        format!(" and {} more", number(stale.len() - MAX_STALE_SHOWN))
    } else {
        String::new()
    };
    let (entries, occur, them) = if stale.len() == 1 {
        ("baseline entry", "occurs", "it")
    } else {
        ("baseline entries", "occur", "them")
    };
    Some(format!(
        "{} {entries} no longer {occur} ({}{more}); run `sfcred lint --write-baseline {}` to remove {them}",
        number(stale.len()),
        named.join(", "),
        baseline.name
    ))
}

fn baselined(report: &Report) -> usize {
    report.baseline.as_ref().map_or(0, |baseline| baseline.findings.len())
}

fn components(report: &Report) -> usize {
    report.workspace.orgs.iter().map(Org::component_count).sum()
}
