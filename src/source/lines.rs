//! Lines and columns, counted only when somebody asks.

/// A place for people: line and column start at 1; a column counts Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The position of a byte offset; an offset inside a character is that character's, one past the end is the end's.
pub fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let before = &text[..offset];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position { line, column: before[start..].chars().count() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        assert_eq!(position("aé\nxyz", 0), Position { line: 1, column: 1 });
        assert_eq!(position("aé\nxyz", 3), Position { line: 1, column: 3 });
        assert_eq!(position("aé\nxyz", 5), Position { line: 2, column: 2 });
        assert_eq!(position("aé\nxyz", 99), Position { line: 2, column: 4 });
    }
}
