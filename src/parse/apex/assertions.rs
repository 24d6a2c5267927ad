//! Assertions that Apex builds itself: audience, lifetime, grant type.

use std::ops::Range;

use super::blocks::Method;
use super::values::Code;
use crate::model::{ApexUnit, DYNAMIC_PART};

/// Methods that set a claim by name.
const PUTS: &[&str] = &["put", "writeStringField", "writeNumberField", "writeObjectField"];

/// Methods that do not convert milliseconds to another unit.
const KEEPING: &[&str] = &[
    "now",
    "getTime",
    "currentTimeMillis",
    "valueOf",
    "addSeconds",
    "addMinutes",
    "addHours",
    "addDays",
    "longValue",
    "format",
    "toString",
    "newInstance",
];

/// The maximum number of tokens that are read for one time.
const MAX_TOKENS: usize = 200;

/// The grant type of RFC 7523 2.1, plain and percent-encoded.
const GRANTS: &[&str] = &[
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn%3aietf%3aparams%3aoauth%3agrant-type%3ajwt-bearer",
];

/// Reads the assertions that one method builds.
pub fn read(code: &Code<'_>, method: &Method, unit: &mut ApexUnit) {
    let end = method.range.end;
    let mentions_assertion = method.range.clone().any(|at| mentions_assertion(code, at));
    for at in method.range.clone() {
        let token = &code.tokens[at];
        if let Some(literal) = token.literal() {
            let lower = literal.to_ascii_lowercase();
            if GRANTS.iter().any(|grant| lower.contains(grant)) {
                unit.exchange = unit.exchange.or(code.span(at..at + 1));
            }
            let value = at + 2..code.end_of_expression(at + 2, end);
            match literal {
                "aud" if code.is_operator_at(at + 1, "=>") => audience(code, method, value, unit),
                "exp" if code.is_operator_at(at + 1, "=>") && mentions_assertion => {
                    expiry(code, method, value, unit)
                }
                _ if ends_with_expiry(literal)
                    && code.is_operator_at(at + 1, "+")
                    && mentions_assertion =>
                {
                    let next = (value.start..value.end)
                        .find(|&at| code.tokens[at].literal().is_some())
                        .map_or(value.end, |next| next.saturating_sub(1));
                    expiry(code, method, value.start..next.max(value.start), unit);
                }
                _ => {}
            }
        }
        if !code.is_operator_at(at + 1, "(") || !code.is_operator_at(at.wrapping_sub(1), ".") {
            continue;
        }
        let arguments = code.arguments(at + 1, end);
        if code.is_word(at, "setAud") {
            if let [argument] = arguments.as_slice() {
                audience(code, method, argument.clone(), unit);
            }
        } else if let [name, value] = arguments.as_slice()
            && PUTS.iter().any(|put| code.is_word(at, put))
        {
            match code.value(name.clone(), &method.variables).text.as_str() {
                "aud" => audience(code, method, value.clone(), unit),
                "exp" if mentions_assertion => expiry(code, method, value.clone(), unit),
                _ => {}
            }
        }
    }
}

fn audience(code: &Code<'_>, method: &Method, argument: Range<usize>, unit: &mut ApexUnit) {
    let value = code.value(argument.clone(), &method.variables);
    if value.starts_known()
        && !value.text.contains(DYNAMIC_PART)
        && let Some(place) = code.span(argument)
    {
        unit.audiences.push((value.part(code.file, 0..value.text.len()), place));
    }
}

fn expiry(code: &Code<'_>, method: &Method, value: Range<usize>, unit: &mut ApexUnit) {
    if in_milliseconds(code, method, value.clone(), 0, &mut 0) {
        unit.expiries.extend(code.span(value));
    }
}

/// Whether an expression reads a clock in milliseconds and nothing in it could turn them into seconds. `read` counts the
/// tokens, through all variables.
fn in_milliseconds(
    code: &Code<'_>,
    method: &Method,
    value: Range<usize>,
    depth: usize,
    read: &mut usize,
) -> bool {
    let mut reads_clock = false;
    for at in value {
        *read += 1;
        if *read > MAX_TOKENS {
            return false;
        }
        let token = &code.tokens[at];
        if ["/", "?", "[", "{", "??"].iter().any(|operator| token.is_operator(code.text, operator))
        {
            return false;
        }
        let Some(word) = token.word(code.text) else { continue };
        if code.is_operator_at(at + 1, "(") {
            if !KEEPING.iter().any(|keeping| keeping.eq_ignore_ascii_case(word)) {
                return false;
            }
            reads_clock |= word.eq_ignore_ascii_case("getTime")
                || word.eq_ignore_ascii_case("currentTimeMillis");
        } else if let Some(assigned) =
            method.variables.get(word).filter(|assigned| depth < 4 && !assigned.contains(&at))
        {
            let divided = assigned.clone().take(MAX_TOKENS).any(|at| code.is_operator_at(at, "/"));
            if divided {
                return false;
            }
            reads_clock |= in_milliseconds(code, method, assigned, depth + 1, read);
        }
    }
    reads_clock
}

/// Whether a literal ends with `"exp":`, with or without an opening quote after it.
fn ends_with_expiry(literal: &str) -> bool {
    let start = literal.trim_end().trim_end_matches(['"', '\\']).trim_end();
    start.strip_suffix(':').map(str::trim_end).is_some_and(|key| key.ends_with("\"exp\""))
}

/// Whether a token shows that the code builds an assertion, by an issuer or the word "jwt": `exp` alone can mean other
/// things.
fn mentions_assertion(code: &Code<'_>, at: usize) -> bool {
    let token = &code.tokens[at];
    let says = |text: &str| {
        text.to_ascii_lowercase().contains("jwt") || text.contains("\"iss\"") || text == "iss"
    };
    token.literal().is_some_and(says) || token.word(code.text).is_some_and(says)
}
