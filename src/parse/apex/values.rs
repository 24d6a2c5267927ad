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
    /// The number of operands so far, through all variables.
    operands: usize,
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

    fn literal(&mut self, text: &str, token: &Token, exact: bool) {
        self.pieces.push((self.text.len(), token.range.clone(), exact));
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
            first.range.start - quote(first),
            (last.range.end + quote(last)).min(self.text.len()),
        ))
    }

    /// The token that ends an expression: `;`, `,`, or the closing bracket around it.
    pub fn end_of_expression(&self, start: usize, limit: usize) -> usize {
        let end = self.structure.ends.get(start).copied().unwrap_or(limit);
        end.min(limit).max(start)
    }

    /// The next token; if a bracket opens at `at`, the token after its closing bracket.
    fn next_token(&self, at: usize) -> usize {
        let opens = OPENING.iter().any(|open| self.is_operator_at(at, open));
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
        for operand in self.operands(range) {
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
            [Token { kind: TokenKind::Literal { value: text, exact }, .. }] => {
                value.literal(text, &tokens[0], *exact)
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
                    Some(text) if self.is_operator_at(operand.start + 5, ",") => {
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

    /// The operands of `+`; the whole expression if it contains another operator.
    fn operands(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut operands = Vec::new();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end && operands.len() <= MAX_PIECES {
            if ["?", ":", "??", "&&", "||", "==", "!=", "=>", "="]
                .iter()
                .any(|operator| self.is_operator_at(at, operator))
            {
                return vec![range];
            }
            if self.is_operator_at(at, "+") {
                operands.push(start..at);
                start = at + 1;
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
    let exact = matches!(token.kind, TokenKind::Literal { exact: true, .. });
    let mut at = 0;
    let base = token.range.start;
    let piece = |text: &str, from: usize, value: &mut Value| {
        if !text.is_empty() {
            let range =
                if exact { base + from..base + from + text.len() } else { token.range.clone() };
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
