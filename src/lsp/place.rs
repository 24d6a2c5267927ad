//! Places of the protocol: URIs, and positions in lines of UTF-16 or UTF-8.

use std::path::{Path, PathBuf};

use gen_lsp_types::{Position, Range};

use crate::report;

/// What the `character` of a position counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Utf16,
    Utf8,
}

/// The line table of a text. A lookup takes logarithmic time, however long the lines are.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Offsets at which lines start. A line ends with `\n`, `\r\n` or `\r`.
    starts: Vec<usize>,
    /// For each [`STEP`], the first character boundary at or before it, and the UTF-16 units before that.
    marks: Vec<(usize, usize)>,
    encoding: Encoding,
}

const STEP: usize = 512;

impl Lines {
    pub fn new(text: &str, encoding: Encoding) -> Lines {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (offset, byte) in bytes.iter().enumerate() {
            let is_end = match byte {
                b'\n' => true,
                b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
                _ => false,
            };
            if is_end {
                starts.push(offset + 1);
            }
        }
        let mut marks = vec![(0, 0)];
        let (mut last, mut units) = (0, 0);
        for step in (STEP..=text.len()).step_by(STEP) {
            let boundary = text.floor_char_boundary(step);
            units += text.get(last..boundary).map_or(0, units_in);
            last = boundary;
            marks.push((boundary, units));
        }
        Lines { starts, marks, encoding }
    }

    /// The UTF-16 units before an offset.
    fn units_before(&self, text: &str, offset: usize) -> usize {
        let mark = self.marks.partition_point(|(at, _)| *at <= offset).saturating_sub(1);
        let (at, units) = self.marks.get(mark).copied().unwrap_or_default();
        units + text.get(at..offset).map_or(0, units_in)
    }

    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let character = match self.encoding {
            Encoding::Utf8 => offset - start,
            Encoding::Utf16 => self.units_before(text, offset) - self.units_before(text, start),
        };
        Position::new(clamped(line), clamped(character))
    }

    pub fn range(&self, text: &str, bytes: std::ops::Range<usize>) -> Range {
        Range::new(self.position(text, bytes.start), self.position(text, bytes.end))
    }

    /// The offset of a position; one past the end of a line or of the text is its end.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let end = start + content.len();
        let character = position.character as usize;
        match self.encoding {
            Encoding::Utf8 => text.floor_char_boundary(start.saturating_add(character).min(end)),
            Encoding::Utf16 => {
                let wanted = self.units_before(text, start).saturating_add(character);
                let mark =
                    self.marks.partition_point(|(_, units)| *units <= wanted).saturating_sub(1);
                let (at, mut units) = self.marks.get(mark).copied().unwrap_or_default();
                let rest = text.get(at..end.max(at)).unwrap_or_default();
                for (index, character) in rest.char_indices() {
                    units += character.len_utf16();
                    if units > wanted {
                        return (at + index).clamp(start, end);
                    }
                }
                end
            }
        }
    }
}

fn units_in(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

fn clamped(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The path of a `file` URI; `None` for other schemes, other machines, and what is not a URI.
pub fn path(uri: &str) -> Option<PathBuf> {
    path_text(uri, cfg!(windows)).map(|text| crate::source::normalized(Path::new(&text)))
}

fn path_text(uri: &str, is_windows: bool) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/')?),
        None => ("", rest),
    };
    let path = decoded(path)?;
    let is_here = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    if path.contains('\0') || !path.starts_with('/') {
        return None;
    }
    if !is_windows {
        return is_here.then_some(path);
    }
    if !is_here {
        return Some(format!("\\\\{host}{}", path.replace('/', "\\")));
    }
    let drive = path.trim_start_matches('/').replace('/', "\\");
    let mut letters = drive.chars();
    let first = letters.next().filter(char::is_ascii_alphabetic)?;
    // Editors differ in the case of the letter and in whether they encode the colon.
    letters.as_str().starts_with(':').then(|| {
        let rest = letters.as_str();
        let rest = if rest == ":" { ":\\" } else { rest };
        format!("{}{rest}", first.to_ascii_uppercase())
    })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The URI of an absolute path.
pub fn uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { report::uri(&text.replace('\\', "/")) } else { report::uri(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf16_units_or_bytes() {
        let text = format!("a🙂é\r\nx\ry\n{}🙂z", "ä🙂".repeat(400));
        for encoding in [Encoding::Utf16, Encoding::Utf8] {
            let lines = Lines::new(&text, encoding);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let position = lines.position(&text, offset);
                let back = lines.offset(&text, position);
                let in_line_end =
                    text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
                assert!(back == offset || in_line_end, "{encoding:?} {offset} {position:?} {back}");
            }
        }
        let utf16 = Lines::new(&text, Encoding::Utf16);
        assert_eq!(utf16.position(&text, text.find('é').unwrap()), Position::new(0, 3));
        assert_eq!(utf16.position(&text, text.find('x').unwrap()), Position::new(1, 0));
        assert_eq!(utf16.position(&text, text.find('y').unwrap()), Position::new(2, 0));
        assert_eq!(utf16.position(&text, text.find('z').unwrap()), Position::new(3, 1202));
        let utf8 = Lines::new(&text, Encoding::Utf8);
        assert_eq!(utf8.position(&text, text.find('é').unwrap()), Position::new(0, 5));
    }

    #[test]
    fn positions_outside_of_the_text_are_its_ends() {
        let text = "ab\r\nc🙂d";
        for encoding in [Encoding::Utf16, Encoding::Utf8] {
            let lines = Lines::new(text, encoding);
            assert_eq!(lines.offset(text, Position::new(0, 9)), 2);
            assert_eq!(lines.offset(text, Position::new(1, u32::MAX)), text.len());
            assert_eq!(lines.offset(text, Position::new(u32::MAX, 0)), text.len());
            // Inside of the character.
            assert_eq!(lines.offset(text, Position::new(1, 2)), 5);
        }
        assert_eq!(Lines::new("", Encoding::Utf16).offset("", Position::new(0, 5)), 0);
    }

    #[test]
    fn uris_of_files_are_paths() {
        for (uri, expected) in [
            ("file:///a/b%20c/%C3%A4.xml", Some("/a/b c/ä.xml")),
            ("FILE://localhost/a", Some("/a")),
            ("file:/a", Some("/a")),
            ("file://server/a", None),
            ("untitled:Untitled-1", None),
            ("git:/a?x", None),
            ("vscode-remote://ssh/a", None),
            ("file:///a%0", None),
            ("file:///a%00b", None),
            ("file:///%FF", None),
            ("/a", None),
            ("", None),
        ] {
            assert_eq!(path_text(uri, false).as_deref(), expected, "{uri}");
        }
        for (uri, expected) in [
            ("file:///c%3A/a/b%20c.xml", Some("C:\\a\\b c.xml")),
            ("file:///C:/a", Some("C:\\a")),
            ("file:///c:", Some("C:\\")),
            ("file://server/share/a", Some("\\\\server\\share/a")),
            ("file:///a/b", None),
        ] {
            let expected = expected.map(|path| path.replace("share/", "share\\"));
            assert_eq!(path_text(uri, true), expected, "{uri}");
        }
        assert_eq!(uri(Path::new("/a/b c/ä#.xml")), "file:///a/b%20c/%C3%A4%23.xml");
        assert_eq!(path(&uri(Path::new("/a/b c/ä#%.xml"))), Some(PathBuf::from("/a/b c/ä#%.xml")));
    }
}
