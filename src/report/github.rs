//! Workflow commands of GitHub Actions, shown as annotations in a pull request.

use std::io;

use super::Context;
use super::closing::closing;
use super::entry::{Entry, worst_first};
use super::layout::{UNBROKEN, count};
use super::sanitize::single_line;
use super::unchecked::unchecked;
use crate::finding::Severity;
use crate::pipeline::Report;

/// The number of annotations of each kind that GitHub shows for one step.
const SHOWN: usize = 10;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = worst_first(report);
    let closing = single_line(&closing(report).replace(UNBROKEN, " "));
    if !entries.is_empty() {
        writeln!(
            out,
            "::group::sfcred: {}",
            data(&count(entries.len(), "finding").replace(UNBROKEN, " "))
        )?;
        let (notes, others): (Vec<_>, Vec<_>) =
            entries.iter().partition(|entry| entry.severity == Severity::Note);
        for entry in &others {
            writeln!(out, "{}", command(entry))?;
        }
        // A notice as well, so it comes before the notes: after ten of them GitHub would not show
        // it.
        if let Some(notice) = more_than_shown(&entries) {
            writeln!(out, "::notice title=sfcred::{}", data(&notice))?;
        }
        for entry in &notes {
            writeln!(out, "{}", command(entry))?;
        }
        writeln!(out, "::endgroup::")?;
    }
    writeln!(out, "sfcred: {closing}")?;
    unchecked(report)
        .iter()
        .try_for_each(|line| writeln!(out, "sfcred: {}", single_line(&line.replace(UNBROKEN, " "))))
}

fn command(entry: &Entry<'_>) -> String {
    let kind = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties =
        format!("file={},line={},endLine={}", property(entry.file), entry.line, entry.end_line);
    // GitHub rejects columns of an annotation that spans lines; `endColumn` is inclusive.
    if entry.line == entry.end_line {
        properties += &format!(
            ",col={},endColumn={}",
            entry.column,
            entry.end_column.saturating_sub(1).max(entry.column)
        );
    }
    format!(
        "::{kind} {properties},title={}::{}",
        property(&format!("sfcred {}", entry.rule)),
        data(&entry.message_and_help())
    )
}

fn more_than_shown(entries: &[Entry<'_>]) -> Option<String> {
    let count_of =
        |severity: Severity| entries.iter().filter(|entry| entry.severity == severity).count();
    let counts = [
        (Severity::Error, count_of(Severity::Error)),
        (Severity::Warning, count_of(Severity::Warning)),
        (Severity::Note, count_of(Severity::Note)),
    ];
    let many: Vec<String> = counts
        .iter()
        .filter(|(_, number)| *number > SHOWN)
        .map(|(severity, number)| count(*number, severity.name()).replace(UNBROKEN, " "))
        .collect();
    (!many.is_empty()).then(|| format!("GitHub shows {SHOWN} annotations of each kind, but there are {}; the log of this step contains all of them", many.join(" and ")))
}

/// The text after `::` is one line, with line breaks encoded.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&single_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_a_command_early() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n::error"), "a%3Ab%2Cc%25 %3A%3Aerror");
    }
}
