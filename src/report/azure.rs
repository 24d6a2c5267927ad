//! Logging commands of Azure Pipelines: errors and warnings of a build, with their places.

use std::io;

use super::Context;
use super::closing::closing;
use super::entry::{Entry, worst_first};
use super::layout::UNBROKEN;
use super::sanitize::single_line;
use super::unchecked::unchecked;
use crate::finding::Severity;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in worst_first(report) {
        match entry.severity {
            Severity::Error => writeln!(out, "{}", command("error", &entry))?,
            Severity::Warning => writeln!(out, "{}", command("warning", &entry))?,
            // Azure has only errors and warnings, so a note is a plain line of the log.
            Severity::Note => writeln!(
                out,
                "note[{}] {}: {}",
                entry.rule,
                entry.place(),
                single_line(&entry.message)
            )?,
        }
    }
    std::iter::once(closing(report))
        .chain(unchecked(report))
        .try_for_each(|line| writeln!(out, "sfcred: {}", single_line(&line.replace(UNBROKEN, " "))))
}

fn command(kind: &str, entry: &Entry<'_>) -> String {
    let file = property(&single_line(entry.file));
    let place = format!(
        "sourcepath={file};linenumber={};columnnumber={};code={};",
        entry.line,
        entry.column,
        property(entry.rule)
    );
    format!("##vso[task.logissue type={kind};{place}]{}", data(&entry.message_and_help()))
}

fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_a_command_early() {
        assert_eq!(data("50%\n"), "50%AZP25%0A");
        assert_eq!(property("a;b]c"), "a%3Bb%5Dc");
    }
}
