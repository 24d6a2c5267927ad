//! Prints what came of a run, one file for each format. It judges nothing, and shows no secret.

mod diagnosis;
mod diagnosis_json;
mod diagnostic;
mod harmless;
mod json;
mod layout;
mod line;
mod markdown;
mod page;
mod quote;
mod rule_book;
mod snippet;
mod text;

use std::io;

pub use diagnostic::error;
pub use page::{answer as answer_page, rule as rule_page};
pub use rule_book::write as rule_book;

use crate::Outcome;
use crate::diagnose::Diagnosis;

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

/// Writes what a log came to.
///
/// # Errors
/// Those of `out`.
pub fn diagnosis(diagnosis: &Diagnosis<'_>, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    match context.format {
        Format::Text => diagnosis::write(diagnosis, context.style, out),
        Format::Json => diagnosis_json::write(diagnosis, out),
    }
}

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
