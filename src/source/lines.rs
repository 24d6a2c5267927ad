//! Line and column of a byte offset.

/// A line and a column. Both start at 1; a column counts Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The line table of a string. A lookup takes logarithmic time, however long the lines are.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Offsets at which lines start.
    starts: Vec<u32>,
    /// Offsets of UTF-8 continuation bytes, which do not count as columns.
    continuations: Vec<u32>,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let mut lines = Lines { starts: vec![0], continuations: Vec::new() };
        for (offset, byte) in (0_u32..).zip(text.bytes()) {
            if byte == b'\n' {
                lines.starts.push(offset + 1);
            } else if is_continuation(byte) {
                lines.continuations.push(offset);
            }
        }
        lines
    }

    /// The position of a byte offset in the string that the table was built from. An offset inside a character has the
    /// position of that character; an offset past the end, that of the end.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = self.starts.get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        Position {
            line,
            column: self.characters_before(offset) - self.characters_before(start) + 1,
        }
    }

    /// The byte range of a line without its end; lines start at 1.
    pub fn range(&self, text: &str, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line.checked_sub(1)?)? as usize;
        let end = self.starts.get(line).map_or(text.len(), |next| *next as usize - 1);
        let end = if text.get(start..end)?.ends_with('\r') { end - 1 } else { end };
        Some(start..end)
    }

    fn characters_before(&self, offset: usize) -> usize {
        offset - self.continuations.partition_point(|byte| (*byte as usize) < offset)
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, offset: usize) -> Position {
        Lines::new(text).position(text, offset)
    }

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        assert_eq!(position("aé\nxyz", 0), Position { line: 1, column: 1 });
        assert_eq!(position("aé\nxyz", 3), Position { line: 1, column: 3 });
        assert_eq!(position("aé\nxyz", 5), Position { line: 2, column: 2 });
        assert_eq!(position("aé\nxyz", 99), Position { line: 2, column: 4 });
        assert_eq!(position("", 0), Position { line: 1, column: 1 });
    }

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("{}\n{}", "é€x".repeat(700), "🙂y".repeat(900));
        let lines = Lines::new(&text);
        for offset in (0..=text.len()).step_by(7) {
            let at = text.floor_char_boundary(offset);
            let line = text[..at].matches('\n').count() + 1;
            let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            assert_eq!(
                lines.position(&text, offset),
                Position { line, column: text[start..at].chars().count() + 1 }
            );
        }
    }
}
