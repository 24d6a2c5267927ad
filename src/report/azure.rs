//! Azure's logging commands: errors and warnings of a build, with their places.

use std::io;

use super::Context;
use super::entry::{Entry, worst_first};
use super::harmless::in_one_line;
use super::layout::UNBROKEN;
use super::text::closing;
use crate::finding::Severity;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in worst_first(report) {
        match entry.severity {
            Severity::Error => writeln!(out, "{}", command("error", &entry))?,
            Severity::Warning => writeln!(out, "{}", command("warning", &entry))?,
            // Azure knows no third kind; a note stays a line of the log.
            Severity::Note => writeln!(
                out,
                "note[{}] {}: {}",
                entry.rule,
                entry.place(),
                in_one_line(&entry.message)
            )?,
        }
    }
    writeln!(out, "sfcred {}", in_one_line(&closing(report).replace(UNBROKEN, " ")))
}

fn command(kind: &str, entry: &Entry<'_>) -> String {
    let file = property(&in_one_line(entry.file));
    let place = format!(
        "sourcepath={file};linenumber={};columnnumber={};code={};",
        entry.line,
        entry.column,
        property(entry.rule)
    );
    format!("##vso[task.logissue type={kind};{place}]{}", data(&entry.told()))
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
    fn a_command_ends_where_it_should() {
        assert_eq!(data("50%\n"), "50%AZP25%0A");
        assert_eq!(property("a;b]c"), "a%3Bb%5Dc");
    }
}
