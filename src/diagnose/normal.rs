//! Takes a piece of a log back to the words that were said: escapes, encodings, colours, prefixes and broken lines are undone.

use std::sync::LazyLock;

use regex::Regex;

/// Escapes inside escapes inside escapes: a message in JSON in a JSON log in an HTML page.
const LEVELS: usize = 4;

/// A line this long may have been broken by a terminal, in the middle of a word.
const FULL_LINE: usize = 40;

/// Plain words, and where each byte of them stands in the piece. A line break is left only where one record of a log ends.
#[derive(Debug, Default)]
pub struct Normal {
    pub text: String,
    at: Vec<u32>,
}

/// What takes the place of a line break inside one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    Unfilled,
    /// Nothing behind a line that is full: a terminal broke it anywhere.
    Tight,
}

#[derive(Clone, Copy)]
struct Unit {
    character: char,
    at: u32,
}

/// The start of a record in an Apex debug log.
static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)^\d\d:\d\d:\d\d\.\d+ \(\d+\)\|").expect("a constant pattern")
});

/// What build servers, loggers and the command line tools put before a line.
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

impl Normal {
    pub fn of(bytes: &[u8], joint: Joint) -> Normal {
        let mut units = decoded(bytes);
        for _ in 0..LEVELS {
            match unescaped(&units) {
                Some(next) => units = next,
                None => break,
            }
        }
        joined(&plain(&units), joint)
    }

    /// The byte of the piece that a byte of the text comes from.
    pub fn source(&self, index: usize) -> usize {
        self.at.get(index).or(self.at.last()).map_or(0, |at| *at as usize)
    }

    fn push(&mut self, character: char, at: u32) {
        self.text.push(character);
        self.at.extend(std::iter::repeat_n(at, character.len_utf8()));
    }
}

/// Bytes that are no UTF-8 are read as Windows writes quotation marks.
fn decoded(bytes: &[u8]) -> Vec<Unit> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        units.extend(
            chunk
                .valid()
                .char_indices()
                .map(|(index, character)| Unit { character, at: (at + index) as u32 }),
        );
        at += chunk.valid().len();
        for byte in chunk.invalid() {
            let character = match byte {
                0x91 | 0x92 | 0xB4 => '\'',
                0x93 | 0x94 => '"',
                0xA0 => ' ',
                _ => '\u{fffd}',
            };
            units.push(Unit { character, at: at as u32 });
            at += 1;
        }
    }
    units
}

/// One level of JSON, URL and HTML escapes undone; `None` where there was none.
fn unescaped(units: &[Unit]) -> Option<Vec<Unit>> {
    if !units.iter().any(|unit| matches!(unit.character, '\\' | '%' | '&')) {
        return None;
    }
    let mut result: Vec<Unit> = Vec::with_capacity(units.len());
    let mut changed = false;
    let mut index = 0;
    while let Some(unit) = units.get(index) {
        let rest = &units[index..];
        let found = match unit.character {
            '\\' => backslash(rest),
            '%' => percent(rest),
            '&' => entity(rest),
            _ => None,
        };
        match found {
            Some((characters, length)) => {
                result.extend(characters.chars().map(|character| Unit { character, at: unit.at }));
                index += length;
                changed = true;
            }
            None => {
                result.push(*unit);
                index += 1;
            }
        }
    }
    changed.then_some(result)
}

/// What the escape at the start of the units stands for, and its length.
fn backslash(units: &[Unit]) -> Option<(String, usize)> {
    let simple = |text: &str| Some((text.to_owned(), 2));
    match units.get(1)?.character {
        'n' | 'r' => simple("\n"),
        't' => simple(" "),
        '"' => simple("\""),
        '\'' => simple("'"),
        '/' => simple("/"),
        '\\' => simple("\\"),
        'u' => hexadecimal(units.get(2..6)?).map(|character| (character.to_string(), 6)),
        'x' => hexadecimal(units.get(2..4)?).map(|character| (character.to_string(), 4)),
        _ => None,
    }
}

fn hexadecimal(units: &[Unit]) -> Option<char> {
    let digits: String = units.iter().map(|unit| unit.character).collect();
    let value = digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(&digits, 16).ok())??;
    Some(char::from_u32(value).unwrap_or('\u{fffd}'))
}

/// `%20`, and all bytes of `%E2%80%99` together.
fn percent(units: &[Unit]) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let [first, high, low, ..] = units.get(length..).unwrap_or_default() {
        let digit = |unit: &Unit| unit.character.to_digit(16).map(|digit| digit as u8);
        match (first.character, digit(high), digit(low)) {
            ('%', Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => break,
        }
        length += 3;
    }
    (length > 0).then(|| (String::from_utf8_lossy(&bytes).into_owned(), length))
}

fn entity(units: &[Unit]) -> Option<(String, usize)> {
    let end = units.iter().take(10).position(|unit| unit.character == ';')?;
    let name: String = units.get(1..end)?.iter().map(|unit| unit.character).collect();
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

/// Without colours and characters that show nothing; quotation marks, blanks and dashes of all kinds become plain ones.
fn plain(units: &[Unit]) -> Vec<Unit> {
    let mut result = Vec::with_capacity(units.len());
    let mut index = 0;
    while let Some(unit) = units.get(index) {
        let next = |by: usize| units.get(index + by).map(|unit| unit.character);
        let mut length = 1;
        let character = match unit.character {
            '\u{1b}' => {
                length = escape_sequence(&units[index..]);
                None
            }
            // The escape character itself gets lost where somebody copies from a page.
            '[' if colour(&units[index..]) > 0 => {
                length = colour(&units[index..]);
                None
            }
            '\r' if next(1) == Some('\n') => None,
            '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
            // UTF-8 that was read as Windows-1252.
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
        result.extend(character.map(|character| Unit { character, at: unit.at }));
        index += length;
    }
    result
}

/// The length of a terminal's command.
fn escape_sequence(units: &[Unit]) -> usize {
    match units.get(1).map(|unit| unit.character) {
        Some('[') => {
            2 + units
                .iter()
                .skip(2)
                .take(40)
                .position(|unit| matches!(unit.character, '@'..='~'))
                .map_or(0, |end| end + 1)
        }
        Some(']') => {
            2 + units
                .iter()
                .skip(2)
                .take(400)
                .position(|unit| matches!(unit.character, '\u{7}' | '\\'))
                .map_or(0, |end| end + 1)
        }
        Some(_) => 2,
        None => 1,
    }
}

/// The length of `[31m`, or 0.
fn colour(units: &[Unit]) -> usize {
    let digits = units
        .iter()
        .skip(1)
        .take(12)
        .take_while(|unit| unit.character.is_ascii_digit() || unit.character == ';')
        .count();
    if digits > 0 && units.get(1 + digits).is_some_and(|unit| unit.character == 'm') {
        digits + 2
    } else {
        0
    }
}

/// Puts the lines of one message together.
fn joined(units: &[Unit], joint: Joint) -> Normal {
    let mut normal =
        Normal { text: String::with_capacity(units.len()), at: Vec::with_capacity(units.len()) };
    let (mut blank_before, mut full_before) = (true, false);
    for line in units.split(|unit| unit.character == '\n') {
        let text: String = line.iter().map(|unit| unit.character).collect();
        let (event, skipped) = begun(&text);
        let content = line.get(skipped..).unwrap_or_default();
        let content = content.strip_suffix_blanks(skipped > 0);
        let Some(first) = content.first() else {
            blank_before = true;
            continue;
        };
        let shown = text
            .get(text.char_indices().nth(skipped).map_or(text.len(), |(index, _)| index)..)
            .unwrap_or_default()
            .trim_start();
        let continues = shown.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("error"));
        if !normal.text.is_empty() {
            if event || (blank_before && !continues) {
                normal.push('\n', first.at);
            } else if joint == Joint::Unfilled
                || !full_before
                || line.first().is_some_and(|unit| unit.character.is_whitespace())
            {
                normal.push(' ', first.at);
            }
        }
        full_before = line.len() >= FULL_LINE
            && line.last().is_some_and(|unit| !unit.character.is_whitespace());
        blank_before = false;
        squeeze(content, &mut normal);
    }
    normal
}

trait Blanks {
    fn strip_suffix_blanks(&self, boxed: bool) -> &Self;
}

impl Blanks for [Unit] {
    /// Without the blanks around it, and without the right edge of a box where the left one was found.
    fn strip_suffix_blanks(&self, boxed: bool) -> &[Unit] {
        let edge = |unit: &Unit| {
            unit.character.is_whitespace()
                || (boxed && matches!(unit.character, '│' | '┃' | '║' | '|'))
        };
        let start =
            self.iter().position(|unit| !unit.character.is_whitespace()).unwrap_or(self.len());
        let end = self.iter().rposition(|unit| !edge(unit)).map_or(start, |last| last + 1);
        self.get(start..end).unwrap_or_default()
    }
}

/// Whether a line starts a record of a debug log, and how many characters stand before what it says.
fn begun(line: &str) -> (bool, usize) {
    if let Some(found) = EVENT.find(line) {
        return (true, line[..found.end()].chars().count());
    }
    let skipped = PREFIX.find(line).map_or(0, |found| line[..found.end()].chars().count());
    // A build server may print a debug log.
    let rest = line
        .get(line.char_indices().nth(skipped).map_or(line.len(), |(index, _)| index)..)
        .unwrap_or_default();
    (rest.contains("|FATAL_ERROR|") || rest.contains(")|CALLOUT_REQUEST|"), skipped)
}

/// One blank for many, and a blank for the plus sign of a form.
fn squeeze(units: &[Unit], normal: &mut Normal) {
    let mut before = ' ';
    for (index, unit) in units.iter().enumerate() {
        let after = units.get(index + 1).map_or(' ', |unit| unit.character);
        let character = if unit.character == '+'
            && (before.is_alphanumeric() || ".,;:'\")]".contains(before))
            && (after.is_alphanumeric() || "'\"([".contains(after))
        {
            ' '
        } else {
            unit.character
        };
        if !(character == ' ' && before == ' ') {
            normal.push(character, unit.at);
        }
        before = character;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: impl AsRef<[u8]>) -> String {
        Normal::of(text.as_ref(), Joint::Unfilled).text
    }

    #[test]
    fn escapes_are_undone_level_by_level() {
        assert_eq!(
            normal(
                r#"{\"error\":\"invalid_grant\",\"error_description\":\"user hasn\\u0027t approved\"}"#
            ),
            r#"{"error":"invalid_grant","error_description":"user hasn't approved"}"#
        );
        assert_eq!(
            normal("error_description=user+hasn%27t%20approved"),
            "error_description=user hasn't approved"
        );
        assert_eq!(normal("user hasn&amp;#39;t &lt;b&gt; a\\/b"), "user hasn't <b> a/b");
        assert_eq!(normal("hasn%E2%80%99t hasn’t hasnâ€™t"), "hasn't hasn't hasn't");
        assert_eq!(normal(b"hasn\x92t \xff"), "hasn't \u{fffd}");
    }

    #[test]
    fn what_surrounds_a_message_is_taken_off() {
        assert_eq!(
            normal("2024-05-01T12:00:00.1234567Z ##[error]\u{1b}[31maudience is\u{1b}[0m invalid"),
            "audience is invalid"
        );
        assert_eq!(normal(" ›   Error: audience\n ›   is invalid"), "Error: audience is invalid");
        assert_eq!(normal("[12:00:01] ERROR a\r\n[12:00:02] b"), "ERROR a b");
        assert_eq!(normal("│ audience is    │\n│ invalid        │"), "audience is invalid");
    }

    #[test]
    fn records_of_a_debug_log_stay_apart() {
        assert_eq!(
            normal(
                "09:56:30.0 (8)|CALLOUT_REQUEST|[85]|x\n09:56:30.0 (9)|FATAL_ERROR|System.CalloutException: Unable.\nError: a. Error description: b.."
            ),
            "CALLOUT_REQUEST|[85]|x\nFATAL_ERROR|System.CalloutException: Unable. Error: a. Error description: b.."
        );
        assert_eq!(normal("a\n\nb\n\nError: c"), "a\nb Error: c");
    }

    #[test]
    fn a_terminal_may_break_a_word() {
        let text = "System.CalloutException: Unable to complete the JWT token exch\nange.";
        assert!(Normal::of(text.as_bytes(), Joint::Tight).text.ends_with("token exchange."));
    }

    #[test]
    fn every_byte_knows_its_place() {
        let text = "  a\\u0027b\n  c";
        let normal = Normal::of(text.as_bytes(), Joint::Unfilled);
        assert_eq!(normal.text, "a'b c");
        assert_eq!(
            (normal.source(0), normal.source(1), normal.source(2), normal.source(4)),
            (2, 3, 9, 13)
        );
    }
}
