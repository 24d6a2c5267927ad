//! Output formats, one module each. No output contains a secret.

mod azure;
mod baseline;
mod canvas;
mod checkstyle;
mod closing;
mod compact;
mod csv;
mod diagnosis;
mod diagnosis_json;
mod entry;
mod error;
mod explain;
mod fix_summary;
mod github;
mod gitlab;
mod graph;
mod headline;
mod html;
mod json;
mod jsonl;
mod junit;
mod ladder;
mod layout;
mod links;
mod log_excerpt;
mod markdown;
mod migration;
mod paint;
mod patch;
mod printer;
mod rules;
mod sanitize;
mod sarif;
mod snippet;
mod statistics;
mod terminal_markdown;
mod text;
mod trace;
mod trace_json;
mod trace_labels;
mod unchecked;
mod xml;

use std::io;

pub use baseline::write as baseline;
pub use error::error;
pub use explain::{answer as answer_page, rule as rule_page};
pub use fix_summary::write as fix_summary;
pub use graph::MERMAID_EDGES;
pub use links::{page as page_address, uri};
pub use markdown::code as markdown_code;
pub use migration::{
    Outcome, json as migrations_json, notes as migration_notes, text as migrations,
};
pub use patch::{Pair, Patch, Version, patch};
pub use printer::Printer;
pub use rules::{answers, write as rules};
pub use sanitize::for_terminal;

use crate::diagnose::Diagnosis;
use crate::graph::{Focus, Graph};
use crate::mask::Masker;
use crate::pipeline::Report;
use crate::trace::Trace;

/// The output formats of a report.
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
    Html,
}

impl Format {
    /// Whether people read it as it is printed. Every other format has its own rules of escaping.
    pub fn is_plain(self) -> bool {
        matches!(self, Format::Text | Format::Compact)
    }

    pub fn all() -> &'static [Format] {
        <Format as clap::ValueEnum>::value_variants()
    }
}

/// The output formats of traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TraceFormat {
    /// Readable text
    #[default]
    Text,
    /// JSON; `sfcred schema trace` prints its schema
    Json,
    /// A picture: who sends what, and what the org that answers requires
    Svg,
    /// A page with the pictures and all facts
    Html,
}

impl TraceFormat {
    pub fn all() -> &'static [TraceFormat] {
        <TraceFormat as clap::ValueEnum>::value_variants()
    }
}

/// The output formats of graphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum GraphFormat {
    /// A line for each component and each dependency
    #[default]
    Text,
    /// A diagram that GitHub, GitLab and Azure DevOps draw in Markdown
    Mermaid,
    /// For the programs of Graphviz
    Dot,
    /// JSON; `sfcred schema graph` prints its schema
    Json,
    /// A picture
    Svg,
}

impl GraphFormat {
    pub fn all() -> &'static [GraphFormat] {
        <GraphFormat as clap::ValueEnum>::value_variants()
    }
}

/// The style of the output, from the terminal and the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub color: bool,
    pub unicode: bool,
    /// Print errors only, and nothing if there are none. Applies to the text formats.
    pub quiet: bool,
    /// Whether rule names and places are hyperlinks.
    pub hyperlinks: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub format: Format,
    pub style: Style,
}

/// Masks text, replaces invisible characters, and joins its lines.
pub fn line_for_terminal(text: &str, style: Style) -> String {
    sanitize::for_terminal(text, style.unicode).replace('\n', " ")
}

/// Masks text and replaces invisible characters; line breaks are kept.
pub fn printable(text: &str) -> String {
    sanitize::for_terminal(text, true)
}

/// Writes JSON in which every invisible character is escaped.
///
/// # Errors
/// Those of `out`.
pub fn json(value: &impl serde::Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    json::write_json(value, out)
}

/// The version of the program, as in every machine-readable output.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the diagnosis of a log.
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

/// Writes one answer of a diagnosis as text, while the log is still being read.
///
/// # Errors
/// Those of `out`.
pub fn diagnosed_answer(
    diagnosis: &Diagnosis<'_>,
    index: usize,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    diagnosis::write_answer(diagnosis, index, style, out)
}

/// Writes what is known at the end of a log whose answers are written already.
///
/// # Errors
/// Those of `out`.
pub fn diagnosis_end(
    diagnosis: &Diagnosis<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    diagnosis::write_end(diagnosis, style, out)
}

/// What people read is harmless, whoever prints it.
fn printer(style: Style, out: &mut dyn io::Write) -> Printer<'_> {
    Printer::new(out, style.color || style.hyperlinks)
}

/// Writes a report.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    match context.format {
        Format::Text => text::write(report, context, &mut printer(context.style, out)),
        Format::Compact => compact::write(report, context, &mut printer(context.style, out)),
        Format::Json => json::write(report, context, out),
        Format::Jsonl => jsonl::write(report, context, out),
        Format::Sarif => sarif::write(report, context, out),
        Format::Junit => junit::write(report, context, out),
        Format::Github => github::write(report, context, out),
        Format::Gitlab => gitlab::write(report, context, out),
        Format::Checkstyle => checkstyle::write(report, context, out),
        Format::Azure => azure::write(report, context, out),
        Format::Markdown => markdown::write(report, context, out),
        Format::Csv => csv::write(report, context, out),
        Format::Html => html::write(report, context, out),
    }
}

/// Writes the number of findings of each rule. Formats without statistics are written in full.
///
/// # Errors
/// Those of `out`.
pub fn write_statistics(
    report: &Report,
    context: &Context,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match context.format {
        Format::Text => statistics::text(report, context.style, &mut printer(context.style, out)),
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
        | Format::Csv
        | Format::Html => write(report, context, out),
    }
}

/// The verdict of a trace, masked and on one line.
pub fn verdict(report: &Report, trace: &Trace<'_>) -> String {
    let masker = Masker::new(&report.sources);
    masker.about(trace_labels::files(trace));
    let verdict = trace_labels::text(&masker, &trace_labels::headline(&trace.verdict), None);
    sanitize::single_line(&verdict)
}

/// Writes traces. With `explain`, every member of a JWT is explained (as text; JSON always explains).
///
/// # Errors
/// Those of `out`.
pub fn traces(
    report: &Report,
    traces: &[Trace<'_>],
    explain: bool,
    format: TraceFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        TraceFormat::Text => trace::write(report, traces, explain, style, out),
        TraceFormat::Json => trace_json::write(report, traces, out),
        TraceFormat::Svg => ladder::write(report, traces, out),
        TraceFormat::Html => html::traces(report, traces, out),
    }
}

/// Writes a graph, or the part of it that `focus` is about.
///
/// # Errors
/// Those of `out`.
pub fn graph(
    graph: &Graph,
    focus: &Focus,
    report: &Report,
    format: GraphFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        GraphFormat::Text => graph::text(graph, focus, style, out),
        GraphFormat::Mermaid => graph::mermaid(graph, out),
        GraphFormat::Dot => graph::dot(graph, out),
        GraphFormat::Json => graph::json(graph, &report.sources, out),
        GraphFormat::Svg => graph::svg(graph, out),
    }
}
