//! Masks comments. What an inline allow says remains.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::log;
use super::mark::Mask;

static ALLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[ \t]*sfcred:[ \t]*allow\([A-Za-z0-9_*,\t -]{0,400}\)")
        .expect("a constant pattern")
});

/// Masks the text inside of a comment.
pub fn comment(text: &str, range: Range<usize>, all: &mut Vec<Mask>) {
    let inside = &text[range.clone()];
    let shown = ALLOW.find(inside).map_or(0, |allow| allow.end());
    if shown > 0 {
        let at = range.start + shown;
        all.extend(
            log::masks(&inside[shown..])
                .into_iter()
                .map(|mask| Mask::hidden(at + mask.range.start..at + mask.range.end)),
        );
        return;
    }
    let mut at = range.start;
    for line in inside.split_inclusive('\n') {
        let trimmed =
            line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '/' | '#' | '-'));
        let start = at + line.find(trimmed).unwrap_or_default();
        all.push(Mask::hidden(start..start + trimmed.len()));
        at += line.len();
    }
}
