//! JSON lines: one finding per line, as in the JSON report, and a last line with the key `summary`.

use std::io;

use serde::Serialize;

use super::entry::{Summary, entries, summary};
use super::json::{SCHEMA, write_json_line};
use super::unchecked::unchecked;
use super::{Context, VERSION};
use crate::pipeline::Report;

#[derive(Serialize)]
struct Last {
    schema: &'static str,
    version: &'static str,
    summary: Summary,
    unchecked: Vec<String>,
}

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in entries(report) {
        write_json_line(&entry, out)?;
    }
    let summary = summary(report);
    let last = Last { schema: SCHEMA, version: VERSION, summary, unchecked: unchecked(report) };
    write_json_line(&last, out)
}
