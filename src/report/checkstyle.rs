//! Checkstyle's XML, which Jenkins, reviewdog and many others read.

use std::io;

use super::Context;
use super::entry::entries;
use super::xml::escaped;
use crate::finding::Severity;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    // In the order of files, so that those of one file stand together.
    for file in entries(report).chunk_by(|left, right| left.file == right.file) {
        writeln!(
            out,
            "  <file name=\"{}\">",
            escaped(file.first().map_or("", |entry| entry.file))
        )?;
        for entry in file {
            let place = format!(
                "line=\"{}\" column=\"{}\" severity=\"{}\"",
                entry.line,
                entry.column,
                severity(entry.severity)
            );
            writeln!(
                out,
                "    <error {place} message=\"{}\" source=\"sfcred.{}\"/>",
                escaped(&entry.told()),
                entry.rule
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

/// Checkstyle knows ignore, info, warning and error.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
