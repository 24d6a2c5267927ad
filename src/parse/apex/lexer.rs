//! Apex tokens: words, numbers, string literals with their escapes resolved, operators. Comments and whitespace are skipped.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Word,
    Number,
    Literal(Box<Literal>),
    Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The string with escapes resolved.
    pub value: String,
    /// Whether it contains no escapes, so that its bytes are the same as in the file.
    pub exact: bool,
}

/// A token. It is small because there can be as many as a file has bytes.
#[derive(Clone, Debug)]
pub struct Token {
    pub kind: TokenKind,
    start: u32,
    end: u32,
}

impl Token {
    /// Files of 4 GiB are not read.
    fn new(kind: TokenKind, range: Range<usize>) -> Token {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Token { kind, start: offset(range.start), end: offset(range.end) }
    }

    /// The byte range; for a literal, without its quotes.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn is_operator(&self, text: &str, operator: &str) -> bool {
        self.kind == TokenKind::Operator && text.get(self.range()) == Some(operator)
    }

    /// Whether the token is this word; Apex is case-insensitive.
    pub fn is_word(&self, text: &str, word: &str) -> bool {
        self.word(text).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    pub fn word<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.kind == TokenKind::Word { text.get(self.range()) } else { None }
    }

    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Literal(literal) => Some(&literal.value),
            TokenKind::Word | TokenKind::Number | TokenKind::Operator => None,
        }
    }
}

/// Two-byte operators, which must not be read as two one-byte operators.
const PAIRS: &[&[u8]] = &[
    b"==", b"!=", b"<=", b">=", b"=>", b"+=", b"-=", b"*=", b"/=", b"&&", b"||", b"?.", b"??",
    b"++", b"--",
];

/// All tokens. Malformed code is not an error.
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length)
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = memchr::memmem::find(&bytes[at + 2..], b"*/")
                    .map_or(bytes.len(), |length| at + length + 4)
            }
            b'\'' => at = literal(text, start, &mut found),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                at = run(bytes, at, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                found.push(Token::new(TokenKind::Word, start..at));
            }
            byte if byte.is_ascii_digit() => {
                at = run(bytes, at, |byte| byte.is_ascii_alphanumeric());
                found.push(Token::new(TokenKind::Number, start..at));
            }
            byte if byte.is_ascii_punctuation() => {
                at += if bytes.get(at..at + 2).is_some_and(|pair| PAIRS.contains(&pair)) {
                    2
                } else {
                    1
                };
                found.push(Token::new(TokenKind::Operator, start..at));
            }
            _ => at += 1,
        }
    }
    found
}

fn run(bytes: &[u8], start: usize, wanted: impl Fn(u8) -> bool) -> usize {
    bytes[start..]
        .iter()
        .position(|&byte| !wanted(byte))
        .map_or(bytes.len(), |length| start + length)
}

/// Reads a literal that starts at `quote`, and returns the position after it. An unclosed literal ends with its line.
fn literal(text: &str, quote: usize, found: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    if bytes[quote..].starts_with(b"'''") {
        let start = quote + 3;
        let end = memchr::memmem::find(&bytes[start..], b"'''")
            .map_or(bytes.len(), |length| start + length);
        let literal = Literal { value: text[start..end].to_owned(), exact: true };
        found.push(Token::new(TokenKind::Literal(Box::new(literal)), start..end));
        return (end + 3).min(bytes.len());
    }
    let start = quote + 1;
    let mut at = start;
    let mut value = String::new();
    let mut plain = start;
    while at < bytes.len() && bytes[at] != b'\'' && bytes[at] != b'\n' {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        value.push_str(&text[plain..at]);
        let (character, length) = escape(text, at);
        value.extend(character);
        at += length;
        plain = at;
    }
    value.push_str(&text[plain..at]);
    let exact = value.len() == at - start && plain == start;
    let literal = Box::new(Literal { value, exact });
    found.push(Token::new(TokenKind::Literal(literal), start..at));
    (at + 1).min(bytes.len())
}

/// The character that an escape represents, and its length in bytes.
fn escape(text: &str, at: usize) -> (Option<char>, usize) {
    let Some(kind) = text[at + 1..].chars().next() else { return (None, 1) };
    match kind {
        'n' => (Some('\n'), 2),
        't' => (Some('\t'), 2),
        'r' => (Some('\r'), 2),
        'b' => (Some('\u{8}'), 2),
        'f' => (Some('\u{c}'), 2),
        'u' => match text
            .get(at + 2..at + 6)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
        {
            Some(character) => (Some(character), 6),
            None => (None, 2),
        },
        '\n' => (None, 1),
        other => (Some(other), 1 + other.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(text: &str) -> Vec<String> {
        tokens(text).iter().filter_map(|token| token.literal().map(str::to_owned)).collect()
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(literals(r"'a\'b' + 'c\n\u0041' + ''"), ["a'b", "c\nA", ""]);
        assert_eq!(literals("'''two\nlines'''"), ["two\nlines"]);
    }

    #[test]
    fn comments_contain_no_literals() {
        assert_eq!(literals("// 'a'\n/* 'b' */ 'c' /* 'd"), ["c"]);
    }

    #[test]
    fn broken_text_ends_quietly() {
        for text in [
            "'",
            "'\\",
            "'\\u12",
            "'a\nb'",
            "/*",
            "/",
            "é'é",
            "'''",
            "'\\é",
            "1e",
            "'\\u00é0'",
            "''''",
        ] {
            tokens(text);
        }
    }
}
