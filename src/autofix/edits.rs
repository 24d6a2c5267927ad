//! Converts the edits of a fix to byte changes, and applies them to text.

use crate::finding::{Edit, Fix};
use crate::source::{FileId, Sources, Span, work};

/// Bytes of one file and their replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub span: Span,
    pub text: String,
}

/// The changes of a fix, sorted by file and position.
pub fn changes(fix: &Fix, sources: &Sources) -> Vec<Change> {
    let mut changes: Vec<Change> = fix.edits.iter().map(|edit| resolve(edit, sources)).collect();
    changes.sort_by_key(|change| change.span);
    changes
}

/// The text of one file with the changes applied. A change that overlaps an earlier one is skipped.
pub fn apply(file: FileId, text: &str, changes: &[Change]) -> String {
    let mut changes: Vec<&Change> =
        changes.iter().filter(|change| change.span.file == file).collect();
    changes.sort_by_key(|change| change.span);
    changes.dedup();
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for change in changes {
        let range = change.span.range();
        if range.start < done || range.end > text.len() {
            continue;
        }
        result.push_str(&text[done..range.start]);
        result.push_str(&change.text);
        done = range.end;
    }
    result.push_str(&text[done..]);
    result
}

impl Change {
    /// Whether two different changes affect the same bytes, or insert at the same place.
    pub fn conflicts_with(&self, other: &Change) -> bool {
        work::step();
        let (mine, others) = (self.span, other.span);
        let same_place = mine.file == others.file
            && mine.start == others.start
            && (mine.is_empty() || others.is_empty());
        self != other && (same_place || self.overlaps(other))
    }

    /// Whether two changes affect the same bytes.
    pub fn overlaps(&self, other: &Change) -> bool {
        let (mine, others) = (self.span, other.span);
        mine.file == others.file && mine.start < others.end && others.start < mine.end
    }
}

fn resolve(edit: &Edit, sources: &Sources) -> Change {
    match edit {
        Edit::Replace(span, text) => Change { span: *span, text: text.clone() },
        Edit::Remove(span) => {
            Change { span: with_line(*span, sources.get(span.file).text()), text: String::new() }
        }
        Edit::LineBefore(span, text) => {
            let (indent, line_end) = layout(*span, sources.get(span.file).text());
            let text = laid_out(text, indent, line_end, sources.get(span.file).text());
            Change {
                span: Span { end: span.start, ..*span },
                text: format!("{text}{line_end}{indent}"),
            }
        }
        Edit::LineAfter(span, text) => {
            let (indent, line_end) = layout(*span, sources.get(span.file).text());
            let text = laid_out(text, indent, line_end, sources.get(span.file).text());
            Change {
                span: Span { start: span.end, ..*span },
                text: format!("{line_end}{indent}{text}"),
            }
        }
    }
}

/// Extends the span to its whole lines, if they contain nothing else.
fn with_line(span: Span, text: &str) -> Span {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.end as usize..]
        .find('\n')
        .map_or(text.len(), |newline| span.end as usize + newline + 1);
    let alone = text[start..span.start as usize].trim().is_empty()
        && text[span.end as usize..end].trim().is_empty();
    if alone { Span::new(span.file, start, end) } else { span }
}

/// The lines of an edit with the indentation of their place. Edits are written with four spaces per level; a file that is
/// indented with tabs gets tabs.
fn laid_out(edit: &str, indent: &str, line_end: &str, text: &str) -> String {
    const LEVEL: &str = "    ";
    let first_indent = || {
        let indented = text.lines().filter(|line| !line.trim().is_empty());
        indented.filter_map(|line| line.chars().next()).find(|first| matches!(first, ' ' | '\t'))
    };
    let has_tabs = indent.chars().next().or_else(first_indent) == Some('\t');
    let line = |line: &str| {
        let rest = line.trim_start_matches(LEVEL);
        let levels = (line.len() - rest.len()) / LEVEL.len();
        if has_tabs { "\t".repeat(levels) + rest } else { line.to_owned() }
    };
    let lines: Vec<String> = edit.split('\n').map(line).collect();
    lines.join(&format!("{line_end}{indent}"))
}

/// The indentation of the line, and the line ending of the text.
fn layout(span: Span, text: &str) -> (&str, &'static str) {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..];
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    let line_end = if start >= 2 && text.as_bytes()[start - 2] == b'\r' { "\r\n" } else { "\n" };
    (indent, line_end)
}
