//! The last line of a report: how many findings, and what was checked, so that no output is never
//! mistaken for success.

use super::layout::{count, number};
use crate::Outcome;
use crate::finding::Severity;
use crate::model::Org;

/// Names of orgs that are listed.
const ORGS: usize = 6;
/// Baseline entries that are named if they no longer occur.
const GONE: usize = 3;

/// One line for all formats. Counts stay together with [`super::layout::UNBROKEN`].
pub(super) fn closing(outcome: &Outcome) -> String {
    let mut line = found(outcome);
    line += &suppressed(outcome);
    line += if line.starts_with("All") { "! " } else { ". " };
    line += &checked(outcome);
    line += &fixable(outcome);
    line
}

fn found(outcome: &Outcome) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| {
            let of_severity =
                outcome.findings.iter().filter(|finding| finding.severity == severity);
            (of_severity.count(), severity)
        })
        .filter(|(findings, _)| *findings > 0)
        .map(|(findings, severity)| count(findings, severity.name()))
        .collect();
    if !counts.is_empty() {
        format!("Found {}", counts.join(", "))
    } else if baselined(outcome) > 0 {
        "No new findings".to_owned()
    } else if outcome.allowed.is_empty()
        && outcome.left_out.findings == 0
        && components(outcome) > 0
    {
        "All checks passed".to_owned()
    } else {
        "No findings".to_owned()
    }
}

/// What was found and is not reported, and why.
fn suppressed(outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    if !outcome.allowed.is_empty() {
        parts.push(format!("{} allowed", number(outcome.allowed.len())));
    }
    if baselined(outcome) > 0 {
        parts.push(format!("{} baselined", number(baselined(outcome))));
    }
    let hidden = &outcome.left_out;
    if hidden.findings > 0 {
        parts.push(format!("{} hidden by {}", number(hidden.findings), hidden.by.join(" and ")));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn checked(outcome: &Outcome) -> String {
    let orgs = &outcome.workspace.orgs;
    let mut line = format!("Checked {}", count(outcome.sources.seen, "file"));
    let skipped = outcome.sources.skipped.len();
    if skipped > 0 {
        line += &format!(" ({} skipped)", number(skipped));
    }
    line += &format!(
        ", {}, {}",
        count(components(outcome), "component"),
        count(outcome.workspace.handshakes().count(), "connection")
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
    if let Some(environment) = &outcome.environment {
        line += &format!(", with the replacements of {environment}");
    }
    line + "."
}

fn fixable(outcome: &Outcome) -> String {
    let fixes = |safe: bool| {
        let fixes = outcome.findings.iter().filter_map(|finding| finding.fix.as_ref());
        fixes.filter(|fix| fix.safe == safe).count()
    };
    match (fixes(true), fixes(false)) {
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

/// Baseline entries that no longer occur: good news, but a new fault of the same kind would be
/// hidden by them.
pub(super) fn gone(outcome: &Outcome) -> Option<String> {
    let baseline = outcome.baseline.as_ref().filter(|baseline| !baseline.gone.is_empty())?;
    let gone = &baseline.gone;
    let named: Vec<String> =
        gone.iter().take(GONE).map(|entry| format!("{} in {}", entry.rule, entry.file)).collect();
    let more = if gone.len() > GONE {
        format!(" and {} more", number(gone.len() - GONE))
    } else {
        String::new()
    };
    let (entries, occur, them) = if gone.len() == 1 {
        ("baseline entry", "occurs", "it")
    } else {
        ("baseline entries", "occur", "them")
    };
    Some(format!(
        "{} {entries} no longer {occur} ({}{more}); run `sfcred lint --write-baseline {}` to remove {them}",
        number(gone.len()),
        named.join(", "),
        baseline.name
    ))
}

fn baselined(outcome: &Outcome) -> usize {
    outcome.baseline.as_ref().map_or(0, |baseline| baseline.findings.len())
}

fn components(outcome: &Outcome) -> usize {
    outcome.workspace.orgs.iter().map(Org::component_count).sum()
}
