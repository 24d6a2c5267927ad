//! The first lines of a diagnostic: `error[rule]: message`, wrapped.

use super::Style;
use super::layout::flowing;
use super::paint::{BOLD, painted};
use super::sanitize::for_terminal;

/// Indentation of the other lines of a message.
const INDENT: usize = 4;

/// A message after `used` columns, sanitized.
pub fn message(text: &str, used: usize, style: Style) -> String {
    let lines = flowing(used, &for_terminal(text, style.unicode), INDENT, style.width);
    // Before the color, which would hide the start of a line from it.
    lines.lines().map(|line| painted(line, BOLD, style)).collect::<Vec<_>>().join("\n")
}
