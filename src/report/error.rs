//! Prints the error that prevented a run.

use std::io;

use super::Style;
use super::headline;
use super::layout::{hanging, width};
use super::paint::{CYAN, RED, painted};
use super::sanitize::for_terminal;
use super::snippet::{Annotation, SourceView, excerpts};
use crate::error::{ConfigError, Error, Mistake};
use crate::finding::Severity;
use crate::mask::{self, HiddenValues, Notation};
use crate::source::Lines;

/// Mistakes of a file that are printed. The others are counted.
const MAX_MISTAKES: usize = 100;

/// Prints an error with its hint.
///
/// # Errors
/// Those of `out`.
pub fn error(error: &Error, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let Error::Config(ConfigError::Mistakes { name, text, mistakes }) = error else {
        write_message(&mask::typed(&error.to_string()), style, out)?;
        return help(" help: ", error.hint().as_deref(), style, out);
    };
    let (masks, lines) = (mask::masks(Notation::Keyed, text, []), Lines::new(text));
    let values = HiddenValues::new(text, &masks);
    let file = SourceView { name, text: Ok(text), masks: &masks, lines: &lines };
    for (index, mistake) in mistakes.iter().take(MAX_MISTAKES).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_mistake(&file, &values, mistake, style, out)?;
    }
    match mistakes.len().saturating_sub(MAX_MISTAKES) {
        0 => Ok(()),
        more => write_message(&format!("{more} more mistakes in `{name}`"), style, out),
    }
}

/// An error in a settings file or description, with an excerpt.
fn write_mistake(
    file: &SourceView<'_>,
    values: &HiddenValues<'_>,
    mistake: &Mistake,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write_message(&values.masked(&mistake.message), style, out)?;
    let mut annotations = vec![Annotation {
        file: 0,
        range: mistake.start..mistake.end,
        text: String::new(),
        primary: true,
    }];
    if let Some((start, end, label)) = &mistake.related {
        annotations.push(Annotation {
            file: 0,
            range: *start..*end,
            text: values.masked(label).into_owned(),
            primary: false,
        });
    }
    for excerpt in excerpts(std::slice::from_ref(file), &annotations, style) {
        write!(out, "{}", excerpt.drawn(Severity::Error, style))?;
    }
    let advice = mistake.help.as_deref().map(|help| values.masked(help));
    help("  help: ", advice.as_deref(), style, out)
}

fn write_message(message: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let tag = "error: ";
    let message = headline::message(message, width(tag), style);
    writeln!(out, "{}{message}", painted(tag, RED.bold(), style))
}

fn help(
    heading: &str,
    text: Option<&str>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let Some(text) = text else { return Ok(()) };
    let entry = hanging(heading, &for_terminal(text, style.unicode), style.width);
    writeln!(out, "{}", entry.replacen("help", &painted("help", CYAN, style), 1))
}
