//! A table for spreadsheets, as in RFC 4180. No cell is interpreted as a formula.

use std::io;

use super::Context;
use super::entry::entries;
use super::sanitize::single_line;
use crate::pipeline::Report;

const HEADER: &str = "severity,rule,file,line,column,end_line,end_column,component_type,component,org,message,help,fingerprint";

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{HEADER}\r\n")?;
    for entry in entries(report) {
        let numbers = [entry.line, entry.column, entry.end_line, entry.end_column]
            .map(|number| number.to_string());
        let [line, column, end_line, end_column] = &numbers;
        let cells = [
            entry.severity.name(),
            entry.rule,
            entry.file,
            line,
            column,
            end_line,
            end_column,
            entry.component.type_name,
            &entry.component.name,
            entry.org.unwrap_or_default(),
            &entry.message,
            entry.help.as_deref().unwrap_or_default(),
            &entry.fingerprint,
        ];
        write!(out, "{}\r\n", cells.map(cell).join(","))?;
    }
    Ok(())
}

/// A spreadsheet evaluates a cell that begins with one of these characters, or their full-width
/// forms; an apostrophe makes it text.
fn cell(text: &str) -> String {
    let mut text = single_line(text);
    if text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        text.insert(0, '\'');
    }
    if text.contains(['"', ',', ';', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_if_needed_and_never_formulas() {
        assert_eq!(cell("plain text"), "plain text");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        for formula in ["=1+1", " @SUM(A1)", "\t-1", "+1", "＝1"] {
            assert!(cell(formula).trim_start_matches('"').starts_with('\''), "{formula}");
        }
        assert_eq!(cell("a\r\nb"), "a  b");
    }
}
