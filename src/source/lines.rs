//! Lines and columns, counted only when somebody asks, and then once for a file.

/// A place for people: line and column start at 1; a column counts Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Bytes between two counts of characters: a line may have megabytes.
const BLOCK: usize = 1024;

/// Where the lines of a text begin, and how many characters stand before each block of it.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<u32>,
    blocks: Vec<u32>,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let clamp = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|newline| clamp(newline + 1)))
            .collect();
        let mut characters = 0;
        let mut blocks = Vec::with_capacity(text.len() / BLOCK + 1);
        for block in text.as_bytes().chunks(BLOCK) {
            blocks.push(clamp(characters));
            characters += count(block);
        }
        blocks.push(clamp(characters));
        Lines { starts, blocks }
    }

    /// The position of a byte offset in the text that the lines are of; an offset inside a character is that character's,
    /// one past the end is the end's.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = self.starts.get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        Position { line, column: self.before(text, offset) - self.before(text, start) + 1 }
    }

    /// Characters before an offset.
    fn before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        let counted = self.blocks.get(block).map_or(0, |count| *count as usize);
        counted + text.as_bytes().get(block * BLOCK..offset).map_or(0, count)
    }
}

/// Characters that begin in some bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
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
    fn long_lines_are_counted_as_short_ones_are() {
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
