//! Prints what came of a run, one file for each format. It judges nothing, and shows no secret.

mod diagnostic;
mod harmless;
mod json;
mod layout;
mod line;
mod markdown;
mod page;
mod rule_book;
mod snippet;
mod text;
mod trace;
mod trace_json;
mod trace_words;

use std::io;

pub use diagnostic::error;
pub use page::{answer as answer_page, rule as rule_page};
pub use rule_book::write as rule_book;

use crate::Outcome;
use crate::trace::Trace;

/// The formats that a report can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// What the terminal can show and the reader wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub color: bool,
    pub unicode: bool,
    /// Errors only, and nothing where there are none. Text only.
    pub quiet: bool,
}

/// What a report depends on besides the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub format: Format,
    pub style: Style,
}

/// The version of the program, as every machine-readable output names it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes a report.
///
/// # Errors
/// Those of `out`.
pub fn write(outcome: &Outcome, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    match context.format {
        Format::Text => text::write(outcome, context, out),
        Format::Json => json::write(outcome, context, out),
    }
}

/// Writes traces of an outcome. With `explain`, every member of a JWT is explained (text format; JSON always explains).
///
/// # Errors
/// Those of `out`.
pub fn traces(outcome: &Outcome, traces: &[Trace<'_>], explain: bool, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    match context.format {
        Format::Text => trace::write(outcome, traces, explain, context.style, out),
        Format::Json => trace_json::write(outcome, traces, out),
    }
}
