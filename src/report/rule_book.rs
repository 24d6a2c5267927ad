//! The list of all rules, for people and for machines.

use std::io;

use serde::Serialize;

use super::json::write_json;
use super::layout::{count, wrap};
use super::{Context, Format, VERSION};
use crate::finding::Severity;
use crate::rule::{FixKind, Rule};

pub const SCHEMA: &str = "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-rules-1.json";

#[derive(Serialize)]
struct RuleBook {
    schema: &'static str,
    version: &'static str,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    severity: &'static str,
    fix: Option<&'static str>,
    since: String,
    summary: String,
    answers: Vec<String>,
    references: Vec<String>,
}

/// Writes the rules in the order in which they are given.
///
/// # Errors
/// Those of `out`.
pub fn write(rules: &[Rule], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries: Vec<Entry> = rules.iter().map(entry).collect();
    match context.format {
        Format::Text => table(&entries, context, out),
        Format::Json => write_json(&RuleBook { schema: SCHEMA, version: VERSION, rules: entries }, out),
    }
}

fn entry(rule: &Rule) -> Entry {
    let page = rule.page();
    Entry {
        name: rule.name,
        severity: page.head.severity.name(),
        fix: page.head.fix.map(|fix| match fix {
            FixKind::Safe => "safe",
            FixKind::Ask => "ask",
        }),
        since: page.head.since,
        summary: page.summary,
        answers: page.head.answers,
        references: page.head.references,
    }
}

fn table(entries: &[Entry], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let names = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let indent = Severity::Warning.name().len() + 2 + "safe".len() + 2 + names + 2;
    let room = style.width.saturating_sub(indent).max(24);
    for entry in entries {
        let summary = super::markdown::plain(&entry.summary, style.unicode);
        for (index, line) in wrap(&summary, room).iter().enumerate() {
            if index == 0 {
                writeln!(out, "{:7}  {:4}  {:names$}  {line}", entry.severity, entry.fix.unwrap_or("-"), entry.name)?;
            } else {
                writeln!(out, "{:indent$}{line}", "")?;
            }
        }
    }
    writeln!(out, "\n{}; columns: severity, fix, name, what it finds; `sfcred explain NAME` tells more", count(entries.len(), "rule"))
}
