//! Checkstyle XML, for Jenkins, reviewdog and others.

use std::io;

use super::Context;
use super::entry::entries;
use super::xml::{attribute, document};
use crate::finding::Severity;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = entries(report);
    let mut xml = document(out)?;
    xml.create_element("checkstyle").with_attribute(("version", "4.3")).write_inner_content(
        |xml| {
            // The entries are sorted by file.
            for file in entries.chunk_by(|left, right| left.file == right.file) {
                let name = file.first().map_or("", |entry| entry.file);
                xml.create_element("file")
                    .with_attribute(attribute("name", name))
                    .write_inner_content(|xml| {
                        for entry in file {
                            xml.create_element("error")
                                .with_attribute(attribute("line", &entry.line.to_string()))
                                .with_attribute(attribute("column", &entry.column.to_string()))
                                .with_attribute(("severity", severity(entry.severity)))
                                .with_attribute(attribute("message", &entry.message_and_help()))
                                .with_attribute(attribute(
                                    "source",
                                    &format!("sfcred.{}", entry.rule),
                                ))
                                .write_empty()?;
                        }
                        Ok(())
                    })?;
            }
            Ok(())
        },
    )?;
    writeln!(xml.into_inner())
}

/// Checkstyle has ignore, info, warning and error.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
