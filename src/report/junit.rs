//! JUnit XML, in the common part of the schemas of Ant and Jenkins: each finding is a failed test.

use std::collections::HashMap;
use std::io;

use quick_xml::Writer;

use super::entry::{Entry, entries};
use super::layout::UNBROKEN;
use super::unchecked::unchecked;
use super::xml::{attribute, document, text};
use super::{Context, VERSION};
use crate::pipeline::Report;

type Xml<'a> = Writer<&'a mut dyn io::Write>;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = entries(report);
    let files: Vec<&[Entry<'_>]> =
        entries.chunk_by(|left, right| left.file == right.file).collect();
    let without_findings = report.sources.seen.saturating_sub(files.len());
    let today = report.workspace.today.to_string();
    let unchecked = unchecked(report);
    let mut names = HashMap::new();
    let mut xml = document(out)?;
    xml.create_element("testsuites").write_inner_content(|xml| {
        for (id, file) in files.iter().enumerate() {
            let name = file.first().map_or("", |entry| entry.file);
            let (tests, failures) = (file.len(), file.len());
            let unchecked = if id == 0 { unchecked.as_slice() } else { &[] };
            let suite = Suite { id, name, tests, failures, today: &today, unchecked };
            suite.write(xml, |xml| {
                file.iter().try_for_each(|entry| test_case(entry, &mut names, xml))
            })?;
        }
        // Build servers treat a report without tests as a run that did not happen.
        if without_findings > 0 || files.is_empty() {
            let (id, name, tests, failures) = (files.len(), "sfcred", 1, 0);
            let unchecked = if id == 0 { unchecked.as_slice() } else { &[] };
            let suite = Suite { id, name, tests, failures, today: &today, unchecked };
            suite.write(xml, |xml| {
                xml.create_element("testcase")
                    .with_attribute(("classname", "sfcred"))
                    .with_attribute(attribute(
                        "name",
                        &format!("no findings in {without_findings} files"),
                    ))
                    .with_attribute(("time", "0"))
                    .write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    writeln!(xml.into_inner())
}

/// One file. Time, timestamp and host name are required by one schema or the other; they are
/// constant for a day, so that equal runs produce equal reports.
struct Suite<'a> {
    id: usize,
    name: &'a str,
    tests: usize,
    failures: usize,
    today: &'a str,
    /// What the run did not check; a property of the first suite.
    unchecked: &'a [String],
}

impl Suite<'_> {
    fn write(
        &self,
        xml: &mut Xml<'_>,
        test_cases: impl FnOnce(&mut Xml<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        xml.create_element("testsuite")
            .with_attribute(attribute("id", &self.id.to_string()))
            .with_attribute(("package", "sfcred"))
            .with_attribute(attribute("name", self.name))
            .with_attribute(attribute("tests", &self.tests.to_string()))
            .with_attribute(attribute("failures", &self.failures.to_string()))
            .with_attribute(("errors", "0"))
            .with_attribute(("time", "0"))
            .with_attribute(attribute("timestamp", &format!("{}T00:00:00", self.today)))
            .with_attribute(("hostname", "localhost"))
            .write_inner_content(|xml| {
                xml.create_element("properties").write_inner_content(|xml| {
                    xml.create_element("property")
                        .with_attribute(("name", "sfcred"))
                        .with_attribute(("value", VERSION))
                        .write_empty()?;
                    for line in self.unchecked {
                        xml.create_element("property")
                            .with_attribute(("name", "not checked"))
                            .with_attribute(attribute("value", &line.replace(UNBROKEN, " ")))
                            .write_empty()?;
                    }
                    Ok(())
                })?;
                test_cases(xml)?;
                xml.create_element("system-out").write_empty()?;
                xml.create_element("system-err").write_empty()?;
                Ok(())
            })?;
        Ok(())
    }
}

fn test_case(
    entry: &Entry<'_>,
    names: &mut HashMap<String, usize>,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    xml.create_element("testcase")
        .with_attribute(attribute("classname", entry.file))
        .with_attribute(attribute("name", &test_name(entry, names)))
        .with_attribute(("time", "0"))
        .write_inner_content(|xml| {
            xml.create_element("failure")
                .with_attribute(("type", entry.severity.name()))
                .with_attribute(attribute("message", &entry.message))
                .write_text_content(text(&details(entry)))?;
            Ok(())
        })?;
    Ok(())
}

/// A name without line numbers, by which a build server compares runs. Equal names in a file are
/// numbered.
fn test_name(entry: &Entry<'_>, names: &mut HashMap<String, usize>) -> String {
    let name = format!("{}: {} {}", entry.rule, entry.component.type_name, entry.component.name);
    let number = names.entry(format!("{}\0{name}", entry.file)).or_default();
    *number += 1;
    if *number == 1 { name } else { format!("{name} ({number})") }
}

fn details(entry: &Entry<'_>) -> String {
    let mut lines = vec![
        format!("{}[{}] {}", entry.severity, entry.rule, entry.place()),
        entry.message_and_help(),
    ];
    lines.extend(entry.related.iter().map(|related| {
        format!("see {}:{}:{}: {}", related.file, related.line, related.column, related.message)
    }));
    lines.push(format!("more: sfcred explain {}", entry.rule));
    lines.join("\n")
}
