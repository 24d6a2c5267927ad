//! What `--fix` changed or `--diff` would change, and what was not fixed and why.

use std::collections::BTreeMap;
use std::io;

use super::Style;
use super::layout::{count, wrap};
use super::sanitize::for_terminal;
use crate::autofix::{FixRun, RejectedFix};

/// Writes the summary. `written` is false if the files would be changed.
///
/// # Errors
/// Those of `out`.
pub fn write(
    fix_run: &FixRun,
    written: bool,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    let fixed = fix_run.report.fixed;
    if !style.quiet {
        let did = if written { "Fixed" } else { "Would fix" };
        let rules: Vec<String> =
            fix_run.fixed.iter().map(|(rule, times)| format!("{times} {rule}")).collect();
        lines.push(match fixed {
            0 if written => "Nothing was fixed".to_owned(),
            0 => "Nothing to fix".to_owned(),
            _ => format!(
                "{did} {} in {}: {}",
                count(fixed, "finding"),
                count(fix_run.changed.len(), "file"),
                rules.join(", ")
            ),
        });
    }
    let mut refused: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for RejectedFix { rule, file, line, reason } in &fix_run.refused {
        refused.entry((file, rule, reason)).or_default().push(*line);
    }
    for ((file, rule, reason), places) in refused {
        let lines_of = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        lines.push(format!("Not fixed: {rule} in {file}, line {lines_of}: {reason}"));
    }
    if !fix_run.settled {
        lines.push(
            "Stopped early: fixes keep enabling each other. Review the changes, then run it again"
                .to_owned(),
        );
    }
    // The report that follows a fix counts them too.
    if !written && fix_run.unsafe_left > 0 && !style.quiet {
        let more = if fixed > 0 { "more finding" } else { "finding" };
        lines.push(format!(
            "{} can be fixed with `--unsafe-fixes` (review the result)",
            count(fix_run.unsafe_left, more)
        ));
    }
    for line in lines.iter().flat_map(|line| wrap(&for_terminal(line, style.unicode), style.width))
    {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
