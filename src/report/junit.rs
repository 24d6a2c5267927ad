//! JUnit's XML, in the part that both Ant's and Jenkins' schema know: each finding is a test that failed.

use std::collections::HashMap;
use std::io;

use super::Context;
use super::entry::{Entry, entries};
use super::xml::escaped;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = entries(report);
    let mut names = HashMap::new();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    let mut suites = 0;
    for file in entries.chunk_by(|left, right| left.file == right.file) {
        let name = file.first().map_or("", |entry| entry.file);
        begin(suites, name, file.len(), file.len(), report, out)?;
        for entry in file {
            let (message, severity) = (escaped(&entry.message), entry.severity);
            writeln!(
                out,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">",
                escaped(name),
                escaped(&case(entry, &mut names))
            )?;
            writeln!(
                out,
                "      <failure type=\"{severity}\" message=\"{message}\">{}</failure>",
                escaped(&details(entry))
            )?;
            writeln!(out, "    </testcase>")?;
        }
        end(out)?;
        suites += 1;
    }
    // Never empty: what has no test counts as not run.
    let silent = report.sources.seen.saturating_sub(suites);
    if silent > 0 || suites == 0 {
        begin(suites, "sfcred", 1, 0, report, out)?;
        writeln!(
            out,
            "    <testcase classname=\"sfcred\" name=\"no findings in {silent} files\" time=\"0\"/>"
        )?;
        end(out)?;
    }
    writeln!(out, "</testsuites>")
}

/// Both schemas have attributes that the other asks for; a day without an hour and a host that is any keep the bytes the same.
fn begin(
    id: usize,
    name: &str,
    tests: usize,
    failures: usize,
    report: &Report,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    let version = format!(
        "<properties><property name=\"sfcred\" value=\"{}\"/></properties>",
        super::VERSION
    );
    let run = format!(
        "time=\"0\" timestamp=\"{}T00:00:00\" hostname=\"localhost\"",
        report.workspace.today
    );
    writeln!(
        out,
        "  <testsuite id=\"{id}\" package=\"sfcred\" name=\"{}\" {counts} {run}>\n    {version}",
        escaped(name)
    )
}

fn end(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "    <system-out/>\n    <system-err/>\n  </testsuite>")
}

/// A name that lasts while lines move: by it a build server tells a new failure from an old one, and two that are alike from one.
fn case(entry: &Entry<'_>, names: &mut HashMap<String, usize>) -> String {
    let name = format!("{}: {} {}", entry.rule, entry.component.type_name, entry.component.name);
    let number = names.entry(format!("{}\0{name}", entry.file)).or_default();
    *number += 1;
    if *number == 1 { name } else { format!("{name} ({number})") }
}

fn details(entry: &Entry<'_>) -> String {
    let mut lines =
        vec![format!("{}[{}] {}", entry.severity, entry.rule, entry.place()), entry.told()];
    lines.extend(entry.related.iter().map(|related| {
        format!("see {}:{}:{}: {}", related.file, related.line, related.column, related.message)
    }));
    lines.push(format!("more: sfcred explain {}", entry.rule));
    lines.join("\n")
}
