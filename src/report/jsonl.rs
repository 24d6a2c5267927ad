//! JSON lines: one finding per line, as in the JSON report, and a last line with the key `summary`.

use std::io;

use serde::Serialize;

use super::entry::{Summary, entries, summary};
use super::json::{SCHEMA, write_json_line};
use super::{Context, VERSION};
use crate::Outcome;

#[derive(Serialize)]
struct Last {
    schema: &'static str,
    version: &'static str,
    summary: Summary,
}

pub(super) fn write(outcome: &Outcome, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in entries(outcome) {
        write_json_line(&entry, out)?;
    }
    write_json_line(&Last { schema: SCHEMA, version: VERSION, summary: summary(outcome) }, out)
}
