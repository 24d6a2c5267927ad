//! Prints what came of a run, one file for each format. It judges nothing, and shows no secret.

mod azure;
mod baseline;
mod checkstyle;
mod comment;
mod compact;
mod csv;
mod diagnosis;
mod diagnosis_json;
mod diagnostic;
mod entry;
mod github;
mod gitlab;
mod harmless;
mod json;
mod jsonl;
mod junit;
mod layout;
mod line;
mod links;
mod markdown;
mod fixed;
mod page;
mod patch;
mod quote;
mod rule_book;
mod sarif;
mod snippet;
mod statistics;
mod text;
mod trace;
mod trace_json;
mod trace_words;
mod xml;

use std::io;

pub use baseline::write as baseline;
pub use diagnostic::error;
pub use harmless::for_terminal;
pub use fixed::write as fixed;
pub use page::{answer as answer_page, rule as rule_page};
pub use patch::{Pair, Patch, Version, patch};
pub use rule_book::write as rule_book;

use crate::diagnose::Diagnosis;
use crate::pipeline::Report;
use crate::trace::Trace;

/// The formats that a report can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Compact,
    Json,
    Jsonl,
    Sarif,
    Junit,
    Github,
    Gitlab,
    Checkstyle,
    Azure,
    Markdown,
    Csv,
}

impl Format {
    pub const ALL: [Format; 12] = [
        Format::Text,
        Format::Compact,
        Format::Json,
        Format::Jsonl,
        Format::Sarif,
        Format::Junit,
        Format::Github,
        Format::Gitlab,
        Format::Checkstyle,
        Format::Azure,
        Format::Markdown,
        Format::Csv,
    ];
}

/// What the terminal can show and the reader wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub color: bool,
    pub unicode: bool,
    /// Errors only, and nothing where there are none. For people only.
    pub quiet: bool,
    /// Names of rules and files lead to them.
    pub hyperlinks: bool,
}

/// What a report depends on besides the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub format: Format,
    pub style: Style,
}

/// A text in which everything that shows nothing is replaced, for a line of its own.
pub fn line_for_terminal(text: &str, style: Style) -> String {
    harmless::for_terminal(text, style.unicode).replace('\n', " ")
}

/// A text of several lines without control characters.
pub fn printable(text: &str) -> String {
    harmless::for_terminal(text, true)
}

/// Writes JSON in which everything that shows nothing is escaped.
///
/// # Errors
/// Those of `out`.
pub fn json_value(value: &serde_json::Value, out: &mut dyn io::Write) -> io::Result<()> {
    json::write_json(value, out)
}

/// The version of the program, as every machine-readable output names it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes what a log came to.
///
/// # Errors
/// Those of `out`.
pub fn diagnosis(
    diagnosis: &Diagnosis<'_>,
    context: &Context,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if context.format == Format::Json {
        diagnosis_json::write(diagnosis, out)
    } else {
        diagnosis::write(diagnosis, context.style, out)
    }
}

/// Writes a report.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    match context.format {
        Format::Text => text::write(report, context, out),
        Format::Compact => compact::write(report, context, out),
        Format::Json => json::write(report, context, out),
        Format::Jsonl => jsonl::write(report, context, out),
        Format::Sarif => sarif::write(report, context, out),
        Format::Junit => junit::write(report, context, out),
        Format::Github => github::write(report, context, out),
        Format::Gitlab => gitlab::write(report, context, out),
        Format::Checkstyle => checkstyle::write(report, context, out),
        Format::Azure => azure::write(report, context, out),
        Format::Markdown => comment::write(report, context, out),
        Format::Csv => csv::write(report, context, out),
    }
}

/// Writes how often each rule found something. The formats that others prescribe know no such thing, and stay as they are.
///
/// # Errors
/// Those of `out`.
pub fn write_statistics(
    report: &Report,
    context: &Context,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match context.format {
        Format::Text => statistics::text(report, context.style, out),
        Format::Json => statistics::json(report, out),
        Format::Compact
        | Format::Jsonl
        | Format::Sarif
        | Format::Junit
        | Format::Github
        | Format::Gitlab
        | Format::Checkstyle
        | Format::Azure
        | Format::Markdown
        | Format::Csv => write(report, context, out),
    }
}

/// Writes traces of an outcome. With `explain`, every member of a JWT is explained (text format; JSON always explains).
///
/// # Errors
/// Those of `out`.
pub fn traces(
    report: &Report,
    traces: &[Trace<'_>],
    explain: bool,
    context: &Context,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if context.format == Format::Json {
        trace_json::write(report, traces, out)
    } else {
        trace::write(report, traces, explain, context.style, out)
    }
}
