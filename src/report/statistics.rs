//! The number of findings per rule, instead of the findings.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::closing::closing;
use super::entry::{Summary, summary};
use super::json::write_json;
use super::layout::{UNBROKEN, number, wrap};
use super::sanitize::for_terminal;
use super::{Style, VERSION};
use crate::finding::Severity;
use crate::pipeline::Report;

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-statistics-1.json";

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    statistics: Vec<Row>,
    summary: Summary,
}

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    severity: &'static str,
    count: usize,
    /// Findings with a fix.
    fixable: usize,
}

/// Sorted by frequency, then by severity and name.
fn rows(report: &Report) -> Vec<Row> {
    let mut counts: BTreeMap<(&'static str, Severity), (usize, usize)> = BTreeMap::new();
    for finding in &report.findings {
        let (count, fixable) = counts.entry((finding.rule, finding.severity)).or_default();
        *count += 1;
        *fixable += usize::from(finding.fix.is_some());
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((rule, severity), (count, _))| {
        (std::cmp::Reverse((*count, *severity)), *rule)
    });
    counts
        .into_iter()
        .map(|((rule, severity), (count, fixable))| Row {
            rule,
            severity: severity.name(),
            count,
            fixable,
        })
        .collect()
}

pub(super) fn text(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = rows(report);
    let columns = |cell: fn(&Row) -> usize, heading: &str| {
        rows.iter().map(cell).max().unwrap_or_default().max(heading.len())
    };
    let (counts, rules) =
        (columns(|row| number(row.count).len(), "count"), columns(|row| row.rule.len(), "rule"));
    if !rows.is_empty() {
        writeln!(out, "{:>counts$}  {:7}  {:rules$}  fixes", "count", "", "rule")?;
        for row in &rows {
            let fixable = if row.fixable == 0 { "-".to_owned() } else { number(row.fixable) };
            writeln!(
                out,
                "{:>counts$}  {:7}  {:rules$}  {fixable:>5}",
                number(row.count),
                row.severity,
                row.rule
            )?;
        }
        writeln!(out)?;
    }
    let closing = for_terminal(&closing(report), style.unicode);
    for line in wrap(&closing, style.width) {
        writeln!(out, "{}", line.replace(UNBROKEN, " "))?;
    }
    Ok(())
}

pub(super) fn json(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    write_json(
        &Document {
            schema: SCHEMA,
            version: VERSION,
            statistics: rows(report),
            summary: summary(report),
        },
        out,
    )
}
