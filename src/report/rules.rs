//! The list of all rules, as text and as JSON.

use std::io;

use serde::Serialize;

use super::json::write_json;
use super::layout::{count, hanging};
use super::terminal_markdown::{first_sentence, plain};
use super::{Context, Format, Style, VERSION};
use crate::rule::{FixKind, Rule};

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-rules-1.json";

#[derive(Serialize)]
struct RuleList {
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

/// Writes the rules in the given order, as JSON or as a table.
///
/// # Errors
/// Those of `out`.
pub fn write(rules: &[&Rule], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries: Vec<Entry> = rules.iter().map(|rule| entry(rule)).collect();
    if context.format == Format::Json {
        write_json(&RuleList { schema: SCHEMA, version: VERSION, rules: entries }, out)
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
        since: page.head.since.clone(),
        summary: page.summary.clone(),
        answers: page.head.answers.clone(),
        references: page.head.references.clone(),
    }
}

/// Writes answers, each with the message that it is about.
///
/// # Errors
/// Those of `out`.
pub fn answers<'a>(
    answers: impl Iterator<Item = (&'a str, &'a str)>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let answers: Vec<(&str, &str)> = answers.collect();
    let names = answers.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, says) in &answers {
        writeln!(out, "{}", hanging(&format!("{name:names$}  "), says, style.width))?;
    }
    let closing = format!(
        "{} (columns: name, message). `sfcred explain NAME` shows the page of an answer.",
        count(answers.len(), "answer")
    );
    writeln!(out, "\n{}", hanging("", &closing, style.width))
}

/// Prints the summary next to the name if there is space, else below it.
fn table(entries: &[Entry], context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let names = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let beside = "warning  unsafe  ".len() + names + 2;
    let (indent, below) = if style.width >= beside + 48 { (beside, false) } else { (4, true) };
    for entry in entries {
        let mut line = format!(
            "{:7}  {:6}  {:names$}  ",
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
        "{} (columns: severity, fix, name). `sfcred explain NAME` shows the page of a rule.",
        count(entries.len(), "rule")
    );
    writeln!(out, "\n{}", hanging("", &closing, style.width))
}
