//! The colors of the terminal.

use anstyle::{AnsiColor, Effects, Style as Paint};

use super::Style;
use crate::finding::Severity;

pub const BOLD: Paint = Paint::new().effects(Effects::BOLD);
pub const DIM: Paint = Paint::new().effects(Effects::DIMMED);
pub const ITALIC: Paint = Paint::new().effects(Effects::ITALIC);
pub const RED: Paint = AnsiColor::Red.on_default();
pub const GREEN: Paint = AnsiColor::Green.on_default();
pub const YELLOW: Paint = AnsiColor::Yellow.on_default();
pub const CYAN: Paint = AnsiColor::Cyan.on_default();

/// The color of a severity, as in the snippets.
pub fn severity(severity: Severity) -> Paint {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => CYAN,
    }
}

/// The text in this color, on a terminal with color.
pub fn painted(text: &str, paint: Paint, style: Style) -> String {
    if style.color { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
}
