//! Renders one diagnostic with miette, and the reasons why there was no run.

use std::fmt;
use std::io;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::Style;
use super::harmless::{for_terminal, masks, without_masked};
use super::layout::{hanging, wrap};
use super::snippet::{Mark, Quotable, Room, Snippets};
use crate::error::{Error, Mistake};
use crate::finding::Severity;
use crate::source::Lines;

/// A headline and its snippets.
#[derive(Debug)]
pub(super) struct Headed {
    severity: Severity,
    message: String,
    snippets: Snippets,
}

/// The sign, the blank and the margin before a message.
const MESSAGE_INDENT: usize = 4;

impl Headed {
    pub fn new(severity: Severity, message: &str, snippets: Snippets, style: Style) -> Self {
        let message =
            wrap(&for_terminal(message, style.unicode), style.width.saturating_sub(MESSAGE_INDENT))
                .join("\n");
        Headed { severity, message, snippets }
    }

    /// Message and snippets; ends with a line break.
    pub fn rendered(&self, style: Style) -> String {
        let mut result = String::new();
        // Writing to a string cannot fail, and every label lies in a piece.
        let _ = handler(style).render_report(&mut result, self);
        result
    }
}

impl fmt::Display for Headed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Headed {}

impl Diagnostic for Headed {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippets)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippets.labels.iter().cloned()))
    }
}

/// Lines are wrapped and places are named before miette sees them.
fn handler(style: Style) -> GraphicalReportHandler {
    let theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_wrap_lines(false)
        .without_primary_span_start()
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_context_lines(0)
}

/// Says why there was no run.
///
/// # Errors
/// Those of `out`.
pub fn error(error: &Error, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    match error {
        Error::Mistakes { name, text, mistakes } => {
            let headline = format!("`{name}` cannot be used");
            writeln!(
                out,
                "{}",
                hanging("error: ", &for_terminal(&headline, style.unicode), style.width)
            )?;
            for (index, mistake) in mistakes.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                write_mistake(name, text, mistake, style, out)?;
            }
            Ok(())
        }
        Error::NoSuchPath(_)
        | Error::Unreadable { .. }
        | Error::Unwritable { .. }
        | Error::NoBaseline(_)
        | Error::ChangedMeanwhile(_)
        | Error::NothingToLint { .. }
        | Error::Usage { .. }
        | Error::Narrowing(_)
        | Error::UnknownCredential { .. }
        | Error::NothingToTrace
        | Error::UnreadableCredential { .. }
        | Error::NothingToDiagnose
        | Error::AlreadyThere(_)
        | Error::UnknownName { .. } => {
            let message = for_terminal(&error.to_string(), style.unicode);
            writeln!(out, "{}", hanging("error: ", &message, style.width))?;
            match error.hint() {
                Some(hint) => writeln!(
                    out,
                    "{}",
                    hanging(" help: ", &for_terminal(&hint, style.unicode), style.width)
                ),
                None => Ok(()),
            }
        }
    }
}

fn write_mistake(
    name: &str,
    text: &str,
    mistake: &Mistake,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let masks = masks(text, []);
    let lines = Lines::new(text);
    let file = Quotable { name, text: Ok(text), masks: &masks, lines: &lines };
    let mut marks = vec![Mark { file: 0, range: mistake.start..mistake.end, text: String::new() }];
    if let Some((start, end, said)) = &mistake.related {
        marks.push(Mark { file: 0, range: *start..*end, text: said.clone() });
    }
    let snippets =
        Snippets::cut(&[file], &marks, Room { width: style.width, unicode: style.unicode });
    write!(
        out,
        "{}",
        Headed::new(
            Severity::Error,
            &without_masked(&mistake.message, text, &masks),
            snippets,
            style
        )
        .rendered(style)
    )?;
    match &mistake.help {
        Some(help) => writeln!(
            out,
            "{}",
            hanging("  help: ", &for_terminal(help, style.unicode), style.width)
        ),
        None => Ok(()),
    }
}
