//! GitLab's Code Quality report: what the merge request widget and the diff show.

use std::io;

use serde::Serialize;

use super::Context;
use super::entry::entries;
use super::harmless::in_one_line;
use super::json::write_json;
use crate::finding::Severity;
use crate::pipeline::Report;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    /// GitLab shows only one of those that are alike.
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let issues: Vec<Issue<'_>> = entries(report)
        .into_iter()
        .map(|entry| Issue {
            description: in_one_line(&entry.message),
            check_name: entry.rule,
            fingerprint: entry.fingerprint,
            severity: severity(entry.severity),
            location: Location {
                path: entry.file,
                lines: Lines { begin: entry.line, end: entry.end_line },
            },
        })
        .collect();
    write_json(&issues, out)
}

/// GitLab knows info, minor, major, critical and blocker.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Note => "info",
    }
}
