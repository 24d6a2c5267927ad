//! Restores the plain text of a message: undoes escapes, encodings, colors, line prefixes and line
//! breaks.

use std::sync::LazyLock;

use regex::Regex;

/// How deep escapes may be nested, as in a JSON message inside a JSON log inside an HTML page.
const ESCAPE_LEVELS: usize = 4;

/// A terminal may have wrapped a line of this many characters, even in the middle of a word.
const FULL_LINE: usize = 40;

/// Plain text that remembers where in the original each of its bytes comes from. It has line feeds
/// only between records of a log, so that a message is always on one line.
#[derive(Debug, Default)]
pub struct Normalized {
    pub text: String,
    /// For each byte of `text`, its offset in the original.
    offsets: Vec<u32>,
}

/// What replaces a line break inside a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineJoin {
    Space,
    /// Nothing after a full line, which a terminal may have wrapped inside a word; else a space.
    Unwrap,
}

/// A character and the offset in the original that it comes from.
#[derive(Clone, Copy)]
struct Char {
    value: char,
    offset: u32,
}

/// The start of a record in an Apex debug log.
static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)^\d\d:\d\d:\d\d\.\d+ \(\d+\)\|").expect("a constant pattern")
});

/// What build servers, loggers and command-line tools write at the start of a line.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)^\s*(?:
        (?: \[? \d{4}-\d\d-\d\d[T\ ]\d\d:\d\d:\d\d(?:[.,]\d+)? \s?(?:Z|UTC|[+-]\d\d:?\d\d)? \]? (?:\s+\d\d[OE][+\ ]?)?
          | \[?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\ [AP]M)?\]?
          | \#\#\[[a-z-]+\]
          | ::[a-z-]+(?:\ (?u:[^:])*)?::
          | (?u:[›»▸❯│┃║>])
          | \|(?:\s|$)
        )\s*)+",
    )
    .expect("a constant pattern")
});

impl Normalized {
    pub fn new(bytes: &[u8], join: LineJoin) -> Normalized {
        let mut chars = decode(bytes);
        for _ in 0..ESCAPE_LEVELS {
            match unescape(&chars) {
                Some(next) => chars = next,
                None => break,
            }
        }
        join_lines(&simplify(&chars), join)
    }

    /// The offset in the original of a byte of the text.
    pub fn original_offset(&self, index: usize) -> usize {
        self.offsets.get(index).or(self.offsets.last()).map_or(0, |offset| *offset as usize)
    }

    fn push(&mut self, char: Char) {
        self.text.push(char.value);
        self.offsets.extend(std::iter::repeat_n(char.offset, char.value.len_utf8()));
    }
}

/// Decodes UTF-8. Of invalid bytes, those that are quotation marks in Windows-1252 are kept.
fn decode(bytes: &[u8]) -> Vec<Char> {
    let mut chars = Vec::with_capacity(bytes.len());
    let mut start = 0;
    for chunk in bytes.utf8_chunks() {
        chars.extend(
            chunk
                .valid()
                .char_indices()
                .map(|(index, value)| Char { value, offset: (start + index) as u32 }),
        );
        start += chunk.valid().len();
        for byte in chunk.invalid() {
            let value = match byte {
                0x91 | 0x92 | 0xB4 => '\'',
                0x93 | 0x94 => '"',
                0xA0 => ' ',
                _ => '\u{fffd}',
            };
            chars.push(Char { value, offset: start as u32 });
            start += 1;
        }
    }
    chars
}

/// Undoes one level of JSON, URL and HTML escapes; `None` if there are none.
fn unescape(chars: &[Char]) -> Option<Vec<Char>> {
    if !chars.iter().any(|char| matches!(char.value, '\\' | '%' | '&')) {
        return None;
    }
    let mut result: Vec<Char> = Vec::with_capacity(chars.len());
    let mut changed = false;
    let mut index = 0;
    while let Some(char) = chars.get(index) {
        let rest = &chars[index..];
        let escape = match char.value {
            '\\' => backslash(rest),
            '%' => percent(rest),
            '&' => entity(rest),
            _ => None,
        };
        match escape {
            Some((text, length)) => {
                result.extend(text.chars().map(|value| Char { value, offset: char.offset }));
                index += length;
                changed = true;
            }
            None => {
                result.push(*char);
                index += 1;
            }
        }
    }
    changed.then_some(result)
}

/// The text of the escape at the start, and the escape's length.
fn backslash(chars: &[Char]) -> Option<(String, usize)> {
    let simple = |text: &str| Some((text.to_owned(), 2));
    match chars.get(1)?.value {
        'n' | 'r' => simple("\n"),
        't' => simple(" "),
        '"' => simple("\""),
        '\'' => simple("'"),
        '/' => simple("/"),
        '\\' => simple("\\"),
        'u' => hexadecimal(chars.get(2..6)?).map(|character| (character.to_string(), 6)),
        'x' => hexadecimal(chars.get(2..4)?).map(|character| (character.to_string(), 4)),
        _ => None,
    }
}

fn hexadecimal(chars: &[Char]) -> Option<char> {
    let digits: String = chars.iter().map(|char| char.value).collect();
    let value = digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(&digits, 16).ok())??;
    Some(char::from_u32(value).unwrap_or('\u{fffd}'))
}

/// `%20`. Consecutive escapes such as `%E2%80%99` are the bytes of one string.
fn percent(chars: &[Char]) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let [first, high, low, ..] = chars.get(length..).unwrap_or_default() {
        let digit = |char: &Char| char.value.to_digit(16).map(|digit| digit as u8);
        match (first.value, digit(high), digit(low)) {
            ('%', Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => break,
        }
        length += 3;
    }
    (length > 0).then(|| (String::from_utf8_lossy(&bytes).into_owned(), length))
}

/// `&amp;` or `&#39;`.
fn entity(chars: &[Char]) -> Option<(String, usize)> {
    let end = chars.iter().take(10).position(|char| char.value == ';')?;
    let name: String = chars.get(1..end)?.iter().map(|char| char.value).collect();
    let character = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" => ' ',
        "ndash" | "mdash" => '-',
        "hellip" => '…',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "lpar" => '(',
        "rpar" => ')',
        "period" => '.',
        "colon" => ':',
        "NewLine" => '\n',
        _ => {
            let digits = name.strip_prefix('#')?;
            let value = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(value)?
        }
    };
    Some((character.to_string(), end + 1))
}

/// Removes colors and invisible characters, and turns typographic quotation marks, dashes and spaces
/// into ASCII.
fn simplify(chars: &[Char]) -> Vec<Char> {
    let mut result = Vec::with_capacity(chars.len());
    let mut index = 0;
    while let Some(char) = chars.get(index) {
        let next = |by: usize| chars.get(index + by).map(|char| char.value);
        let mut length = 1;
        let value = match char.value {
            '\u{1b}' => {
                length = escape_sequence(&chars[index..]);
                None
            }
            // A color whose escape character was lost, as happens when copying from a web page.
            '[' if color_code(&chars[index..]) > 0 => {
                length = color_code(&chars[index..]);
                None
            }
            '\r' if next(1) == Some('\n') => None,
            '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
            // UTF-8 that was decoded as Windows-1252.
            'â' if next(1) == Some('€') => {
                length = 3;
                Some(match next(2) {
                    Some('™' | '˜') => '\'',
                    Some('œ' | '\u{9d}' | '\u{fffd}') => '"',
                    _ => '-',
                })
            }
            '’' | '‘' | '‛' | '′' | 'ʼ' | '＇' | '´' | '`' => Some('\''),
            '“' | '”' | '„' | '«' | '‟' | '＂' => Some('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => Some('-'),
            '\t' => Some(' '),
            other if other.is_whitespace() => Some(' '),
            other if other.is_control() => None,
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => None,
            other => Some(other),
        };
        result.extend(value.map(|value| Char { value, offset: char.offset }));
        index += length;
    }
    result
}

/// The length of a terminal's control sequence.
fn escape_sequence(chars: &[Char]) -> usize {
    match chars.get(1).map(|char| char.value) {
        Some('[') => {
            2 + chars
                .iter()
                .skip(2)
                .take(40)
                .position(|char| matches!(char.value, '@'..='~'))
                .map_or(0, |end| end + 1)
        }
        Some(']') => {
            2 + chars
                .iter()
                .skip(2)
                .take(400)
                .position(|char| matches!(char.value, '\u{7}' | '\\'))
                .map_or(0, |end| end + 1)
        }
        Some(_) => 2,
        None => 1,
    }
}

/// The length of a color such as `[31m` without its escape character; 0 if there is none.
fn color_code(chars: &[Char]) -> usize {
    let digits = chars
        .iter()
        .skip(1)
        .take(12)
        .take_while(|char| char.value.is_ascii_digit() || char.value == ';')
        .count();
    if digits > 0 && chars.get(1 + digits).is_some_and(|char| char.value == 'm') {
        digits + 2
    } else {
        0
    }
}

/// Joins the lines of each message, and removes what precedes the message on a line.
fn join_lines(chars: &[Char], join: LineJoin) -> Normalized {
    let mut normalized = Normalized {
        text: String::with_capacity(chars.len()),
        offsets: Vec::with_capacity(chars.len()),
    };
    let (mut after_empty_line, mut after_full_line) = (true, false);
    for line in chars.split(|char| char.value == '\n') {
        let text: String = line.iter().map(|char| char.value).collect();
        let prefix = LinePrefix::parse(&text);
        let (skipped, shown) = text.split_at(prefix.length);
        let skipped = skipped.chars().count();
        let content = trim(line.get(skipped..).unwrap_or_default(), skipped > 0);
        let Some(first) = content.first() else {
            after_empty_line = true;
            continue;
        };
        let continues =
            shown.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("error"));
        if !normalized.text.is_empty() {
            let indented = line.first().is_some_and(|char| char.value.is_whitespace());
            if prefix.starts_record || (after_empty_line && !continues) {
                normalized.push(Char { value: '\n', ..*first });
            } else if join == LineJoin::Space || !after_full_line || indented {
                normalized.push(Char { value: ' ', ..*first });
            }
        }
        after_full_line =
            line.len() >= FULL_LINE && line.last().is_some_and(|char| !char.value.is_whitespace());
        after_empty_line = false;
        push_squeezed(content, &mut normalized);
    }
    normalized
}

/// A line without the whitespace around it, and without the right border of a box if it had a left
/// one.
fn trim(line: &[Char], boxed: bool) -> &[Char] {
    let border = |char: &Char| {
        char.value.is_whitespace() || (boxed && matches!(char.value, '│' | '┃' | '║' | '|'))
    };
    let start = line.iter().position(|char| !char.value.is_whitespace()).unwrap_or(line.len());
    let end = line.iter().rposition(|char| !border(char)).map_or(start, |last| last + 1);
    line.get(start..end).unwrap_or_default()
}

/// What precedes the message on a line.
struct LinePrefix {
    /// In bytes.
    length: usize,
    /// Whether the line starts a record of a debug log.
    starts_record: bool,
}

impl LinePrefix {
    fn parse(line: &str) -> LinePrefix {
        if let Some(found) = EVENT.find(line) {
            return LinePrefix { length: found.end(), starts_record: true };
        }
        let length = PREFIX.find(line).map_or(0, |found| found.end());
        // The log of a build server may contain a debug log.
        let rest = &line[length..];
        let starts_record = rest.contains("|FATAL_ERROR|") || rest.contains(")|CALLOUT_REQUEST|");
        LinePrefix { length, starts_record }
    }
}

/// Appends a line with single spaces, and with spaces for the plus signs of form encoding.
fn push_squeezed(line: &[Char], normalized: &mut Normalized) {
    let mut before = ' ';
    for (index, char) in line.iter().enumerate() {
        let after = line.get(index + 1).map_or(' ', |char| char.value);
        let encoded_space = char.value == '+'
            && (before.is_alphanumeric() || ".,;:'\")]".contains(before))
            && (after.is_alphanumeric() || "'\"([".contains(after));
        let value = if encoded_space { ' ' } else { char.value };
        if !(value == ' ' && before == ' ') {
            normalized.push(Char { value, ..*char });
        }
        before = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(text: impl AsRef<[u8]>) -> String {
        Normalized::new(text.as_ref(), LineJoin::Space).text
    }

    #[test]
    fn escapes_are_undone_level_by_level() {
        assert_eq!(
            normalized(
                r#"{\"error\":\"invalid_grant\",\"error_description\":\"user hasn\\u0027t approved\"}"#
            ),
            r#"{"error":"invalid_grant","error_description":"user hasn't approved"}"#
        );
        assert_eq!(
            normalized("error_description=user+hasn%27t%20approved"),
            "error_description=user hasn't approved"
        );
        assert_eq!(normalized("user hasn&amp;#39;t &lt;b&gt; a\\/b"), "user hasn't <b> a/b");
        assert_eq!(normalized("hasn%E2%80%99t hasn’t hasnâ€™t"), "hasn't hasn't hasn't");
        assert_eq!(normalized(b"hasn\x92t \xff"), "hasn't \u{fffd}");
    }

    #[test]
    fn prefixes_and_borders_are_removed() {
        assert_eq!(
            normalized(
                "2024-05-01T12:00:00.1234567Z ##[error]\u{1b}[31maudience is\u{1b}[0m invalid"
            ),
            "audience is invalid"
        );
        assert_eq!(
            normalized(" ›   Error: audience\n ›   is invalid"),
            "Error: audience is invalid"
        );
        assert_eq!(normalized("[12:00:01] ERROR a\r\n[12:00:02] b"), "ERROR a b");
        assert_eq!(normalized("│ audience is    │\n│ invalid        │"), "audience is invalid");
    }

    #[test]
    fn records_of_a_debug_log_stay_separate() {
        assert_eq!(
            normalized(
                "09:56:30.0 (8)|CALLOUT_REQUEST|[85]|x\n09:56:30.0 (9)|FATAL_ERROR|System.CalloutException: Unable.\nError: a. Error description: b.."
            ),
            "CALLOUT_REQUEST|[85]|x\nFATAL_ERROR|System.CalloutException: Unable. Error: a. Error description: b.."
        );
        assert_eq!(normalized("a\n\nb\n\nError: c"), "a\nb Error: c");
    }

    #[test]
    fn a_word_that_a_terminal_wrapped_is_joined() {
        let text = "System.CalloutException: Unable to complete the JWT token exch\nange.";
        assert!(
            Normalized::new(text.as_bytes(), LineJoin::Unwrap).text.ends_with("token exchange.")
        );
    }

    #[test]
    fn every_byte_has_its_original_offset() {
        let text = "  a\\u0027b\n  c";
        let normalized = Normalized::new(text.as_bytes(), LineJoin::Space);
        assert_eq!(normalized.text, "a'b c");
        assert_eq!(
            (
                normalized.original_offset(0),
                normalized.original_offset(1),
                normalized.original_offset(2),
                normalized.original_offset(4)
            ),
            (2, 3, 9, 13)
        );
    }
}
