//! What a run fixed, or would fix, and what it left alone and why.

use std::collections::BTreeMap;
use std::io;

use super::Style;
use super::harmless::for_terminal;
use super::layout::{count, wrap};
use crate::autofix::{FixRun, RejectedFix};

/// Writes it for people. `written` says whether the files are changed or would be.
///
/// # Errors
/// Those of `out`.
pub fn write(
    fixed: &FixRun,
    written: bool,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    let fixed = fixed.report.fixed;
    if !style.quiet {
        let did = if written { "fixed" } else { "would fix" };
        let rules: Vec<String> =
            fixed.fixed.iter().map(|(rule, times)| format!("{times} {rule}")).collect();
        lines.push(match fixed {
            0 => format!("{did} nothing"),
            _ => format!(
                "{did} {} in {}: {}",
                count(fixed, "finding"),
                count(fixed.changed.len(), "file"),
                rules.join(", ")
            ),
        });
    }
    let mut refused: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for RejectedFix { rule, file, line, reason } in &fixed.refused {
        refused.entry((file, rule, reason)).or_default().push(*line);
    }
    for ((file, rule, reason), places) in refused {
        let lines_of = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        lines.push(format!("not fixed: {rule} in {file}, line {lines_of}: {reason}"));
    }
    if !fixed.settled {
        lines.push("stopped before the end: fixes keep making room for each other; look at what they did, and run it again".to_owned());
    }
    if fixed.unsafe_left > 0 && !style.quiet {
        lines.push(format!(
            "for {} more there is a fix that you must agree to: `--unsafe-fixes`",
            count(fixed.unsafe_left, "finding")
        ));
    }
    for line in lines.iter().flat_map(|line| wrap(&for_terminal(line, style.unicode), style.width))
    {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
