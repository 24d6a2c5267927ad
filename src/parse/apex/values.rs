//! Evaluates Apex string expressions as far as possible: literals, `+`, `String.format`, and variables that are
//! assigned once. The other parts become [`DYNAMIC_PART`].

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Token, TokenKind};
use crate::model::DYNAMIC_PART;
use crate::source::{FileId, Span, Syntax, Text, work};

/// The maximum depth of nested variables and parentheses.
const MAX_DEPTH: usize = 5;
/// The maximum number of pieces of one string.
const MAX_PIECES: usize = 200;
/// The maximum number of operands of one string, through all variables.
const MAX_OPERANDS: usize = 1_000;
/// The maximum number of tokens that are read for one string, through all variables.
const MAX_TOKENS: usize = 1_000;
/// The length from which a string does not grow: the rest is unknown. A literal that is longer is read by itself.
const MAX_LENGTH: usize = 16 << 10;

/// One file's tokens.
#[derive(Clone, Copy)]
pub struct Code<'a> {
    pub file: FileId,
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub structure: &'a Structure,
}

/// How the tokens of a file belong together. Kinds of brackets are not distinguished, because valid Apex is balanced.
pub struct Structure {
    /// For each token that opens a bracket, the token that closes it, or the number of tokens.
    closing: Vec<usize>,
    /// For each token, the token that ends an expression that starts there: `;`, `,`, or a closing bracket.
    ends: Vec<usize>,
}

/// The value assigned to each variable, by its name in lower case; `None` if it is assigned more than once or modified.
type Assigned = HashMap<String, Option<Range<usize>>>;

/// The variables of a method, and those of the enclosing types.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    own: Assigned,
    outer: Arc<Assigned>,
}

const OPENING: [&str; 3] = ["(", "[", "{"];
const CLOSING: [&str; 3] = [")", "]", "}"];

impl Structure {
    pub fn new(text: &str, tokens: &[Token]) -> Structure {
        let is_any =
            |token: &Token, marks: &[&str]| marks.iter().any(|mark| token.is_operator(text, mark));
        let mut closing = vec![tokens.len(); tokens.len()];
        let mut open = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            if is_any(token, &OPENING) {
                open.push(at);
            } else if is_any(token, &CLOSING)
                && let Some(slot) = open.pop().and_then(|start: usize| closing.get_mut(start))
            {
                *slot = at;
            }
        }
        let mut ends = vec![tokens.len(); tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate().rev() {
            let is_end = is_any(token, &CLOSING) || is_any(token, &[";", ","]);
            let next = if is_any(token, &OPENING) { closing[at] + 1 } else { at + 1 };
            ends[at] = if is_end { at } else { ends[next.min(tokens.len())] };
        }
        Structure { closing, ends }
    }
}

/// The value of a string expression, with [`DYNAMIC_PART`] for unknown parts.
#[derive(Clone, Debug, Default)]
pub struct Value {
    pub text: String,
    /// Each piece: its offset in `text`, its byte range in the file, and whether the bytes are the same in both.
    pieces: Vec<(usize, Range<usize>, bool)>,
    /// The number of operands and of tokens so far, through all variables.
    operands: usize,
    tokens: usize,
}

impl Value {
    /// Whether it starts with a literal.
    pub fn starts_known(&self) -> bool {
        !self.text.is_empty() && !self.text.starts_with(DYNAMIC_PART)
    }

    /// The byte range of its first literal.
    pub fn first(&self) -> Option<Range<usize>> {
        self.pieces.first().map(|(_, range, _)| range.clone())
    }

    /// A part of the value, with its location in the file.
    pub fn part(&self, file: FileId, range: Range<usize>) -> Text {
        let piece_of = |offset: usize| self.pieces.iter().rev().find(|(at, ..)| *at <= offset);
        let (first, last) =
            (piece_of(range.start), piece_of(range.end.saturating_sub(1).max(range.start)));
        let byte =
            |piece: Option<&(usize, Range<usize>, bool)>, offset: usize, end: bool| match piece {
                Some((at, bytes, true)) => {
                    (bytes.start + offset.saturating_sub(*at)).min(bytes.end)
                }
                Some((_, bytes, false)) => {
                    if end {
                        bytes.end
                    } else {
                        bytes.start
                    }
                }
                None => 0,
            };
        let (start, end) = (byte(first, range.start, false), byte(last, range.end, true));
        let outer = Span::new(file, start, end.max(start));
        let raw = self.text.get(range).unwrap_or_default().to_owned();
        let (lead, length) = (raw.len() - raw.trim_start().len(), raw.trim().len());
        let straight = (outer.end - outer.start) as usize == raw.len() && length > 0;
        let span =
            if straight { Span::new(file, start + lead, start + lead + length) } else { outer };
        Text::new(raw, span, outer, outer, Syntax::Verbatim)
    }

    fn push_dynamic_part(&mut self) {
        if !self.text.ends_with(DYNAMIC_PART) {
            self.text.push(DYNAMIC_PART);
        }
    }

    /// Whether a literal fits: alone, or with what is there.
    fn has_room_for(&self, literal: &str, depth: usize) -> bool {
        (self.text.is_empty() && depth == 0) || self.text.len() + literal.len() <= MAX_LENGTH
    }

    fn literal(&mut self, text: &str, token: &Token, exact: bool) {
        self.pieces.push((self.text.len(), token.range(), exact));
        self.text.push_str(text);
    }
}

impl Variables {
    /// Reads all assignments in a range of tokens.
    pub fn read(&mut self, code: Code<'_>, range: Range<usize>) {
        for at in range.clone() {
            let Some(name) = code.tokens[at].word(code.text) else { continue };
            let Some(next) = code.tokens.get(at + 1).filter(|_| at + 1 < range.end) else {
                continue;
            };
            let qualified = at > range.start
                && (code.tokens[at - 1].is_operator(code.text, ".")
                    || code.tokens[at - 1].is_operator(code.text, "?."));
            let name = name.to_ascii_lowercase();
            if next.is_operator(code.text, "=") && !qualified {
                let value = at + 2..code.end_of_expression(at + 2, range.end);
                self.own.entry(name).and_modify(|known| *known = None).or_insert(Some(value));
            } else if [":", "+=", "-=", "*=", "/=", "++", "--"]
                .iter()
                .any(|operator| next.is_operator(code.text, operator))
                && !next.is_operator(code.text, ":")
            {
                self.own.insert(name, None);
            }
        }
    }

    /// Sets the variables of the enclosing scope; own variables take precedence.
    pub fn inside(&mut self, outer: &Arc<Assigned>) {
        self.outer = Arc::clone(outer);
    }

    /// Turns these variables into the enclosing scope of others.
    pub fn into_outer(self) -> Arc<Assigned> {
        Arc::new(self.own)
    }

    pub fn get(&self, name: &str) -> Option<Range<usize>> {
        let name = name.to_ascii_lowercase();
        self.own.get(&name).or_else(|| self.outer.get(&name)).cloned().flatten()
    }
}

impl Code<'_> {
    pub fn is_operator_at(&self, at: usize, operator: &str) -> bool {
        work::step();
        self.tokens.get(at).is_some_and(|token| token.is_operator(self.text, operator))
    }

    fn operator_at(&self, at: usize) -> Option<&str> {
        work::step();
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Operator)?;
        self.text.get(token.range())
    }

    pub fn is_word(&self, at: usize, word: &str) -> bool {
        work::step();
        self.tokens.get(at).is_some_and(|token| token.is_word(self.text, word))
    }

    pub fn span(&self, tokens: Range<usize>) -> Option<Span> {
        let (first, last) =
            (self.tokens.get(tokens.start)?, self.tokens.get(tokens.end.checked_sub(1)?)?);
        let quote = |token: &Token| usize::from(token.literal().is_some());
        Some(Span::new(
            self.file,
            first.range().start - quote(first),
            (last.range().end + quote(last)).min(self.text.len()),
        ))
    }

    /// The token that ends an expression: `;`, `,`, or the closing bracket around it.
    pub fn end_of_expression(&self, start: usize, limit: usize) -> usize {
        let end = self.structure.ends.get(start).copied().unwrap_or(limit);
        end.min(limit).max(start)
    }

    /// The next token; if a bracket opens at `at`, the token after its closing bracket.
    fn next_token(&self, at: usize) -> usize {
        let opens = self.operator_at(at).is_some_and(|operator| OPENING.contains(&operator));
        1 + if opens { self.structure.closing.get(at).copied().unwrap_or(at) } else { at }
    }

    /// The arguments of a call with its `(` at `open`.
    pub fn arguments(&self, open: usize, limit: usize) -> Vec<Range<usize>> {
        let mut arguments = Vec::new();
        let mut at = open + 1;
        while at < limit {
            let end = self.end_of_expression(at, limit);
            if end > at {
                arguments.push(at..end);
            }
            if !self.is_operator_at(end, ",") {
                break;
            }
            at = end + 1;
        }
        arguments
    }

    /// The value of an expression.
    pub fn value(&self, range: Range<usize>, variables: &Variables) -> Value {
        let mut value = Value::default();
        self.add(range, variables, 0, &mut value);
        value
    }

    fn add(&self, range: Range<usize>, variables: &Variables, depth: usize, value: &mut Value) {
        if value.tokens > MAX_TOKENS {
            return value.push_dynamic_part();
        }
        for operand in self.operands(range, &mut value.tokens) {
            value.operands += 1;
            if value.pieces.len() > MAX_PIECES || value.operands > MAX_OPERANDS {
                return value.push_dynamic_part();
            }
            self.add_operand(operand, variables, depth, value);
        }
    }

    fn add_operand(
        &self,
        operand: Range<usize>,
        variables: &Variables,
        depth: usize,
        value: &mut Value,
    ) {
        let tokens = &self.tokens[operand.clone()];
        match tokens {
            [Token { kind: TokenKind::Literal(literal), .. }]
                if value.has_room_for(&literal.value, depth) =>
            {
                value.literal(&literal.value, &tokens[0], literal.exact)
            }
            [word] if depth < MAX_DEPTH && word.word(self.text).is_some() => {
                match word.word(self.text).and_then(|name| variables.get(name)) {
                    Some(assigned) if !assigned.contains(&operand.start) => {
                        self.add(assigned, variables, depth + 1, value)
                    }
                    _ => value.push_dynamic_part(),
                }
            }
            [open, .., close]
                if open.is_operator(self.text, "(")
                    && close.is_operator(self.text, ")")
                    && self.end_of_expression(operand.start + 1, operand.end)
                        == operand.end - 1
                    && depth < MAX_DEPTH =>
            {
                self.add(operand.start + 1..operand.end - 1, variables, depth + 1, value);
            }
            [class, dot, method, open, pattern, ..]
                if class.is_word(self.text, "String")
                    && dot.is_operator(self.text, ".")
                    && method.is_word(self.text, "format")
                    && open.is_operator(self.text, "(")
                    && self.end_of_call(operand.start + 3, operand.end) == operand.end =>
            {
                match pattern.literal() {
                    Some(text)
                        if self.is_operator_at(operand.start + 5, ",")
                            && value.has_room_for(text, depth) =>
                    {
                        add_pattern(text, pattern, value)
                    }
                    _ => value.push_dynamic_part(),
                }
            }
            _ => value.push_dynamic_part(),
        }
    }

    /// The token after the bracket that closes the one at `open`.
    fn end_of_call(&self, open: usize, limit: usize) -> usize {
        let mut at = open + 1;
        loop {
            at = self.end_of_expression(at, limit);
            if at >= limit {
                return limit;
            }
            at += 1;
            if !self.is_operator_at(at - 1, ",") && !self.is_operator_at(at - 1, ";") {
                return at;
            }
        }
    }

    /// The operands of `+`; the whole expression if it contains another operator. `tokens` counts what is read.
    fn operands(&self, range: Range<usize>, tokens: &mut usize) -> Vec<Range<usize>> {
        let mut operands = Vec::new();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end && operands.len() <= MAX_PIECES && *tokens <= MAX_TOKENS {
            *tokens += 1;
            match self.operator_at(at) {
                Some("?" | ":" | "??" | "&&" | "||" | "==" | "!=" | "=>" | "=") => {
                    return vec![range];
                }
                Some("+") => {
                    operands.push(start..at);
                    start = at + 1;
                }
                Some(_) | None => {}
            }
            at = self.next_token(at);
        }
        operands.push(start..range.end);
        operands.retain(|operand| !operand.is_empty());
        operands
    }
}

/// `String.format` reads `''` as one quote and `{0}` as an argument.
fn add_pattern(pattern: &str, token: &Token, value: &mut Value) {
    let exact = matches!(&token.kind, TokenKind::Literal(literal) if literal.exact);
    let mut at = 0;
    let base = token.range().start;
    let piece = |text: &str, from: usize, value: &mut Value| {
        if !text.is_empty() {
            let range = if exact { base + from..base + from + text.len() } else { token.range() };
            value.pieces.push((value.text.len(), range, exact));
            value.text.push_str(text);
        }
    };
    while let Some(open) = pattern[at..].find('{').map(|open| at + open) {
        let Some(close) = pattern[open..].find('}').map(|close| open + close) else { break };
        if !pattern[open + 1..close].bytes().all(|byte| byte.is_ascii_digit()) || close == open + 1
        {
            piece(&pattern[at..=close], at, value);
        } else {
            piece(&pattern[at..open], at, value);
            value.push_dynamic_part();
        }
        at = close + 1;
    }
    piece(&pattern[at..], at, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::apex::lexer;

    /// The value of the expression after the last `=`, with the variables of all assignments.
    fn value(text: &str) -> Value {
        let tokens = lexer::tokens(text);
        let structure = Structure::new(text, &tokens);
        let code = Code { file: FileId(0), text, tokens: &tokens, structure: &structure };
        let mut variables = Variables::default();
        variables.read(code, 0..tokens.len());
        let last = tokens.iter().rposition(|token| token.is_operator(text, "=")).unwrap();
        code.value(last + 1..code.end_of_expression(last + 1, tokens.len()), &variables)
    }

    #[test]
    fn strings_that_are_doubled_do_not_grow_without_limit() {
        let base = "a".repeat(5_000);
        let doubled = |times: usize| {
            let lines = (0..times).map(|n| format!("s{} = s{n} + s{n};", n + 1));
            format!("s0 = '{base}'; {} last = s{times};", lines.collect::<String>())
        };
        assert_eq!(value(&doubled(1)).text.len(), 10_000);
        for times in 2..8 {
            let text = value(&doubled(times)).text;
            assert!(text.len() <= MAX_LENGTH + DYNAMIC_PART.len_utf8(), "{times}: {}", text.len());
            assert!(text.contains(DYNAMIC_PART), "{times}");
        }
        assert_eq!(value("s = 'a'; s = s + s; last = s;").text, DYNAMIC_PART.to_string());
    }

    #[test]
    fn a_long_literal_is_read_alone() {
        let long = "a".repeat(3 * MAX_LENGTH);
        assert_eq!(value(&format!("s = '{long}';")).text.len(), long.len());
        let joined = value(&format!("s = '{long}' + 'b';")).text;
        assert_eq!(joined.len(), long.len() + DYNAMIC_PART.len_utf8());
        let through = value(&format!("long = '{long}'; s = 'b' + long;")).text;
        assert_eq!(through, format!("b{DYNAMIC_PART}"));
    }

    #[test]
    fn few_tokens_are_read_for_one_string() {
        let many = " * x".repeat(2 * MAX_TOKENS);
        assert!(value(&format!("s = 'a' + x{many} + 'b';")).text.starts_with("a"));
        let read = value(&format!("x = y{many}; s = x + x + x + x;"));
        assert!(read.tokens <= MAX_TOKENS + 10, "{}", read.tokens);
    }

    #[test]
    fn conditions_are_unknown_and_what_surrounds_them_is_known() {
        assert_eq!(value("s = c ? 'a' : d ? 'b' : 'c';").text, DYNAMIC_PART.to_string());
        let joined = value("s = 'a' + (c ? 'b' : 'c') + 'd';").text;
        assert_eq!(joined, format!("a{DYNAMIC_PART}d"));
        let chain = "(c ? 'b' : 'c') + ".repeat(50);
        assert_eq!(value(&format!("s = 'a' + {chain}'d';")).text, joined);
    }
}
