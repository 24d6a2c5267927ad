//! JSON lines: one finding a line, exactly as the JSON report has it, and a last line with the key `summary`.

use std::io;

use serde::Serialize;

use super::entry::{Summary, entries, summary};
use super::json::{SCHEMA, write_json_line};
use super::{Context, VERSION};
use crate::pipeline::Report;

#[derive(Serialize)]
struct Last {
    schema: &'static str,
    version: &'static str,
    summary: Summary,
}

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in entries(report) {
        write_json_line(&entry, out)?;
    }
    write_json_line(&Last { schema: SCHEMA, version: VERSION, summary: summary(report) }, out)
}
