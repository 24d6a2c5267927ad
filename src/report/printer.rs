//! The only way to standard output and standard error: nothing that is printed can control a terminal or a build server.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::sanitize::without_commands;
use crate::source::is_invisible;

/// Makes every line harmless before it is written.
pub struct Printer<'w> {
    inner: &'w mut dyn Write,
    /// Whether colors and hyperlinks are written.
    styled: bool,
    line: Vec<u8>,
}

impl<'w> Printer<'w> {
    pub fn new(inner: &'w mut dyn Write, styled: bool) -> Self {
        Printer { inner, styled, line: Vec::new() }
    }

    /// For what is escaped by the rules of its own format: machine-readable reports, patches, and text of sfcred alone.
    ///
    /// # Errors
    /// Those of the output.
    pub fn verbatim(&mut self) -> io::Result<&mut dyn Write> {
        self.write_line()?;
        Ok(self.inner)
    }

    fn write_line(&mut self) -> io::Result<()> {
        if self.line.is_empty() {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        self.inner.write_all(harmless(&String::from_utf8_lossy(&line), self.styled).as_bytes())
    }
}

impl Write for Printer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend(piece);
            if piece.ends_with(b"\n") {
                self.write_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_line()?;
        self.inner.flush()
    }
}

impl Drop for Printer<'_> {
    fn drop(&mut self) {
        // An error is reported by `flush`, if anybody asks.
        let _ = self.write_line();
    }
}

/// A line in which invisible characters are visible, and commands are broken. Colors and hyperlinks remain if `styled`.
fn harmless(line: &str, styled: bool) -> Cow<'_, str> {
    static INVISIBLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\p{Cc}]*\x1b\\|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]")
            .expect("a constant pattern")
    });
    let visible = INVISIBLE.replace_all(line, |found: &Captures<'_>| {
        let found = &found[0];
        let mut characters = found.chars();
        match (characters.next(), characters.next()) {
            (Some('\n' | '\t'), None) => found.to_owned(),
            (Some(_), Some(_)) if styled => found.to_owned(),
            (Some(character), None) if !is_invisible(character) => found.to_owned(),
            _ => found
                .chars()
                .map(|character| if is_invisible(character) { '\u{fffd}' } else { character })
                .collect(),
        }
    });
    match without_commands(&visible) {
        Cow::Borrowed(same) if same.len() == visible.len() => visible,
        other => Cow::Owned(other.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(pieces: &[&str], styled: bool) -> String {
        let mut bytes = Vec::new();
        let mut printer = Printer::new(&mut bytes, styled);
        pieces.iter().for_each(|piece| printer.write_all(piece.as_bytes()).unwrap());
        drop(printer);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_line_commands_a_build_server_however_it_is_put_together() {
        for pieces in [
            &["a ##v", "so[x]"][..],
            &["a\n:", ":error::x"],
            &["\u{1b}[31m", "  ::error::x"],
            &["##[group]x"],
            &["##teamcity[x]"],
            &["section_start:1:x"],
        ] {
            let text = printed(pieces, true);
            for command in ["##vso[", "##[", "##teamcity[", "section_start:1"] {
                assert!(!text.contains(command), "{text}");
            }
            assert!(!text.contains("::error"), "{text}");
        }
        assert_eq!(printed(&["a::b ## c\n", "\td"], false), "a::b ## c\n\td");
    }

    #[test]
    fn no_line_controls_a_terminal() {
        for nasty in [
            "\u{9b}31m",
            "\u{1b}]0;x\u{7}",
            "\u{202e}",
            "\u{200b}",
            "a\rb",
            "\u{2028}",
            "\u{1b}[2J",
        ] {
            let text = printed(&["a", nasty, "b"], true);
            assert!(!text.contains(|c: char| is_invisible(c)), "{text:?}");
        }
        let styled =
            "\u{1b}[1mbold\u{1b}[0m \u{1b}]8;;https://a.example\u{1b}\\link\u{1b}]8;;\u{1b}\\";
        assert_eq!(printed(&[styled], true), styled);
        assert!(!printed(&[styled], false).contains('\u{1b}'));
    }
}
