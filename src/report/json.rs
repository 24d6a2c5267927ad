//! The report as JSON; the schema is `schemas/sfcred-lint-1.json`.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};

use serde::Serialize;

use super::entry::{Entry, Summary, entries, summary};
use super::unchecked::unchecked;
use super::{Context, VERSION};
use crate::baseline;
use crate::mask;
use crate::pipeline::Report;
use crate::source::is_invisible;

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-lint-1.json";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    findings: Vec<Entry<'a>>,
    baseline: Option<Baseline<'a>>,
    /// What the files do not contain, so that it was not checked.
    unchecked: Vec<String>,
    summary: Summary,
}

#[derive(Serialize)]
struct Baseline<'a> {
    file: &'a str,
    gone: Vec<StaleEntry<'a>>,
}

#[derive(Serialize)]
struct StaleEntry<'a> {
    rule: &'a str,
    component: String,
    file: &'a str,
    fingerprint: &'a str,
}

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let baseline = report.baseline.as_ref().map(|baseline| Baseline {
        file: &baseline.name,
        gone: baseline.stale.iter().map(stale_entry).collect(),
    });
    write_json(
        &Document {
            schema: SCHEMA,
            version: VERSION,
            findings: entries(report),
            baseline,
            unchecked: unchecked(report),
            summary: summary(report),
        },
        out,
    )
}

fn stale_entry(entry: &baseline::Entry) -> StaleEntry<'_> {
    StaleEntry {
        rule: &entry.rule,
        component: mask::name(&entry.component),
        file: &entry.file,
        fingerprint: &entry.fingerprint,
    }
}

/// Writes indented JSON in which every invisible character is escaped.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut escaping = BufWriter::new(Escaping { out, after_hash: false });
    serde_json::to_writer_pretty(&mut escaping, value)?;
    writeln!(escaping)?;
    escaping.flush()
}

/// The same in one line.
pub(super) fn write_json_line(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", escaped(&serde_json::to_string(value)?))
}

/// Escapes invisible characters, which are only in strings: the structure of JSON is ASCII, and serde_json escapes
/// below U+0020. The second `#` of `##` is escaped, because Azure interprets `##vso[` as a command anywhere in a log.
pub(super) fn escaped(json: &str) -> String {
    escaped_after(json, false)
}

/// Escapes JSON as it is written, because all of it can be much larger than the files.
struct Escaping<'w> {
    out: &'w mut dyn io::Write,
    /// Whether the last character was a `#`.
    after_hash: bool,
}

impl io::Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // serde_json never divides a character.
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.out.write_all(escaped_after(text, self.after_hash).as_bytes())?;
        self.after_hash = text.chars().next_back().map_or(self.after_hash, |last| last == '#');
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn escaped_after(json: &str, after_hash: bool) -> String {
    let mut result = String::with_capacity(json.len());
    let mut rest = json;
    let mut last = if after_hash { '#' } else { ' ' };
    // Below U+007F every other character except the line end is visible here.
    while let Some(at) = rest.bytes().position(|byte| byte >= 0x7f || byte == b'#') {
        let (plain, other) = rest.split_at(at);
        result.push_str(plain);
        let mut characters = other.chars();
        let Some(character) = characters.next() else { break };
        rest = characters.as_str();
        let is_second = character == '#' && last == '#' && plain.is_empty();
        if is_invisible(character) || is_second {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(result, "\\u{unit:04x}");
            }
        } else {
            result.push(character);
        }
        last = character;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_survive() {
        let text = "a\u{7f}\u{9b}\u{202e}\u{1b}\u{e0001}\tä###";
        let mut json = Vec::new();
        write_json(&[text], &mut json).unwrap();
        let json = String::from_utf8(json).unwrap();
        assert!(json.contains(r"a\u007f\u009b\u202e\u001b\udb40\udc01\tä#\u0023\u0023"), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
