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
        let verb = if written { "Fixed" } else { "Would fix" };
        let rules: Vec<String> =
            fix_run.fixed_by_rule.iter().map(|(rule, times)| format!("{times} {rule}")).collect();
        lines.push(match fixed {
            0 if written => "Nothing was fixed".to_owned(),
            0 => "Nothing to fix".to_owned(),
            _ => format!(
                "{verb} {} in {}: {}",
                count(fixed, "finding"),
                count(fix_run.changed.len(), "file"),
                rules.join(", ")
            ),
        });
    }
    let mut rejected: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for RejectedFix { rule, file, line, reason } in &fix_run.rejected {
        rejected.entry((file, rule, reason)).or_default().push(*line);
    }
    for ((file, rule, reason), places) in rejected {
        let line_numbers = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        lines.push(format!("Not fixed: {rule} in {file}, line {line_numbers}: {reason}"));
    }
    if !fix_run.complete {
        lines.push(
            "Stopped early: fixes keep enabling each other. Review the changes, then run it again"
                .to_owned(),
        );
    }
    // The report that follows a fix counts them too.
    if !written && fix_run.remaining_unsafe > 0 && !style.quiet {
        let more = if fixed > 0 { "more finding" } else { "finding" };
        lines.push(format!(
            "{} can be fixed with `--unsafe-fixes` (review the result)",
            count(fix_run.remaining_unsafe, more)
        ));
    }
    for line in lines.iter().flat_map(|line| wrap(&for_terminal(line, style.unicode), style.width))
    {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
