//! The list of all rules, for people and for machines.

use std::io;

use serde::Serialize;

use super::json::write_json;
use super::layout::{count, hanging};
use super::markdown::{first_sentence, plain};
use super::{Context, Format, VERSION};
use crate::rule::{FixKind, Rule};

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-rules-1.json";

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

/// Writes the rules in the order in which they are given: as JSON, or as a table for people.
///
/// # Errors
/// Those of `out`.
pub fn write(rules: &[Rule], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries: Vec<Entry> = rules.iter().map(entry).collect();
    if context.format == Format::Json {
        write_json(&RuleBook { schema: SCHEMA, version: VERSION, rules: entries }, out)
    } else {
        table(&entries, context, out)
    }
}

fn entry(rule: &Rule) -> Entry {
    let page = rule.page();
    Entry {
        name: rule.name,
        severity: page.head.severity.name(),
        fix: page.head.fix.map(|fix| match fix {
            FixKind::Safe => "safe",
            FixKind::Unsafe => "unsafe",
        }),
        since: page.head.since,
        summary: page.summary,
        answers: page.head.answers,
        references: page.head.references,
    }
}

/// What a rule finds stands beside its name where there is room for it, else below.
fn table(entries: &[Entry], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let names = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let beside = "warning  safe  ".len() + names + 2;
    let (indent, below) = if style.width >= beside + 50 { (beside, false) } else { (4, true) };
    for entry in entries {
        let mut line = format!(
            "{:7}  {:4}  {:names$}  ",
            entry.severity,
            entry.fix.unwrap_or("-"),
            entry.name
        );
        if below {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(indent);
        }
        writeln!(
            out,
            "{}",
            hanging(&line, &plain(first_sentence(&entry.summary), style.unicode), style.width)
        )?;
    }
    let closing = format!(
        "{}; columns: severity, fix, name; `sfcred explain NAME` tells more",
        count(entries.len(), "rule")
    );
    writeln!(out, "\n{}", hanging("", &closing, style.width))
}
