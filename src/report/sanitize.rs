//! Makes text safe to print: nothing in it can control a terminal or a build server.
//!
//! Secrets are the concern of [`crate::mask`].

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::mask;
use crate::source::is_invisible;

/// A message, label or help text for a terminal: masked, and with invisible characters made visible. Line breaks are
/// kept.
pub fn for_terminal(text: &str, unicode: bool) -> String {
    let text = mask::text(text);
    let visible = text.chars().map(|character| match character {
        '\n' => '\n',
        '\t' => ' ',
        other if is_invisible(other) => '\u{fffd}',
        other => other,
    });
    if unicode { visible.collect() } else { in_ascii(visible) }
}

/// Commands to a build server: anywhere in a line (`##vso[`, `##[`, `##teamcity[`, `section_start:1`), or at its start
/// (`::`), where colors do not count.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)#(?<inside>#[a-z]*\[)|(?<section>section_(?:start|end)):(?<time>[0-9])|(?m:^)(?<indent>(?:[^\S\n]|\x1b\[[0-9;]*m)*):(?<start>:)")
        .expect("a constant pattern")
});

/// Breaks commands to a build server. The text keeps its width.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let may_contain_command = memchr::memmem::find(text.as_bytes(), b"##").is_some()
        || memchr::memmem::find(text.as_bytes(), b"::").is_some()
        || memchr::memmem::find(text.as_bytes(), b"section_").is_some();
    if !may_contain_command {
        return Cow::Borrowed(text);
    }
    COMMAND.replace_all(text, "${section}${indent}\u{fffd}${inside}${time}${start}")
}

/// Text for one line of a log or one cell of a table: no line breaks, no commands to a build
/// server, no invisible characters.
pub fn single_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            other if is_invisible(other) => '\u{fffd}',
            other => other,
        })
        .collect();
    without_commands(&line).into_owned()
}

/// Replaces the symbols that sfcred itself prints by ASCII; letters from the project are kept.
pub fn in_ascii(text: impl IntoIterator<Item = char>) -> String {
    let mut result = String::new();
    for character in text {
        match character {
            '…' => result.push_str("..."),
            '•' => result.push('*'),
            '›' | '→' => result.push('>'),
            '×' => result.push('x'),
            '–' | '—' => result.push('-'),
            '“' | '”' => result.push('"'),
            '‘' | '’' => result.push('\''),
            '\u{fffd}' => result.push('?'),
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_content_cannot_command_a_build_server() {
        for (text, shown) in [
            ("a ##vso[task.setvariable]b", "a \u{fffd}#vso[task.setvariable]b"),
            ("###[error]x ##teamcity[a]", "#\u{fffd}#[error]x \u{fffd}#teamcity[a]"),
            ("ok\n  ::error::x\n::stop", "ok\n  \u{fffd}:error::x\n\u{fffd}:stop"),
            ("## a [b] Name::field", "## a [b] Name::field"),
        ] {
            assert_eq!(without_commands(text), shown);
        }
        assert_eq!(single_line("a\r\n::b\u{202e}"), "a  ::b\u{fffd}");
    }

    #[test]
    fn file_content_cannot_control_a_terminal() {
        assert_eq!(for_terminal("a\u{1b}[31m\u{202e}b\tc", true), "a\u{fffd}[31m\u{fffd}b c");
        assert!(for_terminal(&"ä".repeat(100_000), true).len() < 5000);
        assert_eq!(for_terminal("3MVG9abc…wxyz › ä", false), "3MVG9abc...wxyz > ä");
    }
}
