//! Fits text into a terminal: widths, line breaks and counts in words.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of text in columns.
pub fn width(text: &str) -> usize {
    text.width()
}

pub fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Keeps two words on one line; [`wrap`] turns it into a space.
pub const UNBROKEN: &str = "\u{a0}";

/// Breaks text at spaces into lines of at most `limit` columns. A longer word is broken, unless it
/// is a path or URL, which must stay whole to be copied.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    wrap_after(0, text, limit)
}

/// Like [`wrap`], for a first line on which `used` columns are already taken.
fn wrap_after(used: usize, text: &str, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let room = |lines: &[String]| {
                limit.saturating_sub(if lines.is_empty() { used } else { 0 }).max(1)
            };
            let begins = line.is_empty() && (used == 0 || !lines.is_empty());
            if !begins && width(&line) + 1 + width(word) > room(&lines) {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            if width(word) <= room(&lines) || word.contains('/') {
                line.push_str(word);
            } else {
                break_word(word, limit.max(1), &mut line, &mut lines);
            }
        }
        lines.push(line);
    }
    lines.iter().map(|line| line.replace(UNBROKEN, " ")).collect()
}

fn break_word(word: &str, limit: usize, line: &mut String, lines: &mut Vec<String>) {
    let mut columns = width(line);
    for character in word.chars() {
        let more = char_width(character);
        if columns + more > limit {
            lines.push(std::mem::take(line));
            columns = 0;
        }
        line.push(character);
        columns += more;
    }
}

/// Text after a heading, with its other lines aligned to the first.
pub fn hanging(heading: &str, text: &str, limit: usize) -> String {
    let indent = width(heading);
    let lines = wrap(text, limit.saturating_sub(indent));
    format!("{heading}{}", joined(&lines, indent))
}

/// Text after a heading of `used` columns, with its other lines indented by less than the heading.
pub fn flowing(used: usize, text: &str, indent: usize, limit: usize) -> String {
    let lines = wrap_after(used.saturating_sub(indent), text, limit.saturating_sub(indent));
    joined(&lines, indent)
}

fn joined(lines: &[String], indent: usize) -> String {
    let mut result = String::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            result.push('\n');
            if !line.is_empty() {
                result.push_str(&" ".repeat(indent));
            }
        }
        result.push_str(line);
    }
    result
}

/// `20,061`.
pub fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut result = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            result.push(',');
        }
        result.push(digit);
    }
    result
}

/// `1 file`, `20,061 files`, kept on one line.
pub fn count(count: usize, noun: &str) -> String {
    format!("{}{UNBROKEN}{noun}{}", number(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_paths_stay_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("see https://example.com/a/b", 10), ["see", "https://example.com/a/b"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\nb", 10), ["a", "b"]);
        assert_eq!(wrap(&format!("one 2{UNBROKEN}files"), 8), ["one", "2 files"]);
        assert_eq!(hanging("  help: ", "one two three", 15), "  help: one two\n        three");
        assert_eq!(flowing(8, "one two three four", 2, 15), "one two\n  three four");
        assert_eq!(flowing(8, "sesquipedalian", 2, 16), "\n  sesquipedalian");
    }

    #[test]
    fn counts_have_separators_and_plurals() {
        assert_eq!(count(20061, "file"), "20,061\u{a0}files");
        assert_eq!(count(1, "error"), "1\u{a0}error");
        assert_eq!(number(1_000_000), "1,000,000");
        assert_eq!(count(0, "note"), "0\u{a0}notes");
    }
}
