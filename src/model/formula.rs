//! Formulas in the headers and bodies of callouts: literal text with `{!…}` in it.
//!
//! Outside the braces everything is literal. Inside, strings have single or double quotes, and `&` or `+` joins.

use std::ops::Range;

/// Deeper formulas are not judged.
const MAX_DEPTH: usize = 40;

/// A part of a header value or body.
#[derive(Clone, Debug)]
pub enum Piece {
    Literal(Range<usize>),
    Formula(Formula),
}

/// One `{!…}`.
#[derive(Clone, Debug)]
pub struct Formula {
    /// With its braces.
    pub outer: Range<usize>,
    pub inner: Range<usize>,
    pub expression: Expression,
}

#[derive(Clone, Debug)]
pub struct Expression {
    /// Its bytes in the value.
    pub range: Range<usize>,
    pub kind: ExpressionKind,
}

#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// A string, without its quotes.
    Text(String),
    /// `$Credential.Spoke_Org.ApiKey`, `$User.Email`.
    Field(String),
    Call {
        name: String,
        arguments: Vec<Expression>,
    },
    /// Operands of `&` or `+`.
    Joined(Vec<Expression>),
    /// Operands of other operators, and parts that cannot be parsed.
    Other(Vec<Expression>),
}

/// What a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    Text,
    Blob,
    Unknown,
}

/// A misused function in a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// The argument of this function is text, and the function takes bytes.
    NeedsBlob { function: String, place: Range<usize> },
    /// The function knows `SHA-256` only.
    Algorithm { function: String, place: Range<usize> },
    /// The function gives bytes, and a header or body takes text.
    GivesBlob { function: String, place: Range<usize> },
}

/// Splits a value. An unclosed formula is literal.
pub fn pieces(value: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut literal = 0;
    while let Some(start) = value[literal..].find("{!").map(|at| literal + at) {
        let Some(end) = closing_brace(value, start + 2) else { break };
        if start > literal {
            found.push(Piece::Literal(literal..start));
        }
        let mut parser = Parser { value, at: start + 2, end };
        let expression = parser.expression(0);
        found.push(Piece::Formula(Formula {
            outer: start..end + 1,
            inner: start + 2..end,
            expression,
        }));
        literal = end + 1;
    }
    if literal < value.len() {
        found.push(Piece::Literal(literal..value.len()));
    }
    found
}

/// The formulas of a value.
pub fn formulas(value: &str) -> impl Iterator<Item = Formula> {
    pieces(value).into_iter().filter_map(|piece| match piece {
        Piece::Formula(formula) => Some(formula),
        Piece::Literal(_) => None,
    })
}

/// The merge fields of credentials whose name is written with a hyphen: `$Credential.Spoke_Org.x-api-key`.
pub fn hyphenated_fields(value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for formula in formulas(value) {
        for (name, range) in formula.expression.fields() {
            let mut parts = name.split('.');
            let is_credential =
                parts.next().is_some_and(|global| global.eq_ignore_ascii_case("$Credential"));
            // A subtraction of two fields has its own `$`, and one of a number a digit.
            let rest = &value[range.end..formula.inner.end];
            let length = rest
                .find(|next: char| !(next.is_ascii_alphanumeric() || matches!(next, '-' | '_')))
                .unwrap_or(rest.len());
            let hyphen = rest.starts_with('-')
                && rest[1..].starts_with(|next: char| next.is_ascii_alphabetic());
            if is_credential && parts.count() == 2 && hyphen {
                found.push(range.start..range.end + length);
            }
        }
    }
    found
}

/// The brace that closes a formula; those in strings do not count.
fn closing_brace(value: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in value.bytes().enumerate().skip(start) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if byte == b'\\' => escaped = true,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'\'' | b'"') => quote = Some(byte),
            None if byte == b'}' => return Some(at),
            None => {}
        }
    }
    None
}

struct Parser<'a> {
    value: &'a str,
    at: usize,
    end: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.value.as_bytes().get(self.at).copied().filter(|_| self.at < self.end)
    }

    fn skip_whitespace(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Up to `,`, the bracket that closes around it, or the end.
    fn expression(&mut self, depth: usize) -> Expression {
        self.skip_whitespace();
        let start = self.at;
        let mut operands = Vec::new();
        let mut joins = true;
        let mut last = start;
        loop {
            self.skip_whitespace();
            match self.peek() {
                None | Some(b',' | b')') => break,
                Some(b'&' | b'+') => {
                    self.at += 1;
                    // `&&` is a logical operator.
                    if self.value.as_bytes()[self.at - 1] == b'&' && self.peek() == Some(b'&') {
                        self.at += 1;
                        joins = false;
                    }
                }
                Some(_) => match self.operand(depth) {
                    Some(operand) => operands.push(operand),
                    None => joins = false,
                },
            }
            last = self.at;
        }
        let range = start..last.max(start);
        match operands.len() {
            1 if joins => operands.remove(0),
            _ if joins && !operands.is_empty() => {
                Expression { range, kind: ExpressionKind::Joined(operands) }
            }
            _ => Expression { range, kind: ExpressionKind::Other(operands) },
        }
    }

    /// `None` for an operator or a byte that begins no operand.
    fn operand(&mut self, depth: usize) -> Option<Expression> {
        let start = self.at;
        let kind = match self.peek()? {
            quote @ (b'\'' | b'"') => self.string(quote),
            b'(' if depth < MAX_DEPTH => {
                self.at += 1;
                let inner = self.expression(depth + 1);
                self.close();
                inner.kind
            }
            byte if byte.is_ascii_alphabetic() || matches!(byte, b'$' | b'_') => {
                let name = self.name();
                let after = self.at;
                self.skip_whitespace();
                if self.peek() == Some(b'(') && depth < MAX_DEPTH {
                    ExpressionKind::Call { arguments: self.arguments(depth), name }
                } else {
                    self.at = after;
                    ExpressionKind::Field(name)
                }
            }
            byte if byte.is_ascii_digit() => {
                self.name();
                ExpressionKind::Other(Vec::new())
            }
            _ => {
                let rest = &self.value[start..];
                self.at += rest.chars().next().map_or(1, char::len_utf8);
                return None;
            }
        };
        Some(Expression { range: start..self.at, kind })
    }

    fn string(&mut self, quote: u8) -> ExpressionKind {
        let start = self.at + 1;
        self.at = start;
        while let Some(byte) = self.peek() {
            if byte == quote {
                let text = self.value[start..self.at].to_owned();
                self.at += 1;
                return ExpressionKind::Text(text);
            }
            self.at += if byte == b'\\' && self.at + 1 < self.end { 2 } else { 1 };
        }
        self.at = self.end;
        ExpressionKind::Other(Vec::new())
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_' | b'.'))
        {
            self.at += 1;
        }
        self.value[start..self.at].to_owned()
    }

    fn arguments(&mut self, depth: usize) -> Vec<Expression> {
        self.at += 1;
        let mut arguments = Vec::new();
        loop {
            self.skip_whitespace();
            if matches!(self.peek(), None | Some(b')')) {
                break;
            }
            arguments.push(self.expression(depth + 1));
            if self.peek() != Some(b',') {
                break;
            }
            self.at += 1;
        }
        self.close();
        arguments
    }

    fn close(&mut self) {
        if self.peek() == Some(b')') {
            self.at += 1;
        }
    }
}

impl Expression {
    pub fn data_type(&self) -> DataType {
        match &self.kind {
            ExpressionKind::Text(_) => DataType::Text,
            ExpressionKind::Field(name) => field_type(name),
            ExpressionKind::Call { name, .. } => match name.to_ascii_uppercase().as_str() {
                "BLOB" | "BASE64DECODE" | "HASH" | "HMAC" | "SIGN" | "SIGN_WITH_CERTIFICATE" => {
                    DataType::Blob
                }
                "HEX" | "BASE64ENCODE" | "TEXT" => DataType::Text,
                _ => DataType::Unknown,
            },
            ExpressionKind::Joined(operands) => {
                let is_text = |operand: &Expression| operand.data_type() == DataType::Text;
                if operands.iter().any(is_text) { DataType::Text } else { DataType::Unknown }
            }
            ExpressionKind::Other(_) => DataType::Unknown,
        }
    }

    fn children(&self) -> &[Expression] {
        match &self.kind {
            ExpressionKind::Call { arguments: children, .. }
            | ExpressionKind::Joined(children)
            | ExpressionKind::Other(children) => children,
            ExpressionKind::Text(_) | ExpressionKind::Field(_) => &[],
        }
    }

    /// The strings that name a certificate: the third argument of `SIGN_WITH_CERTIFICATE`.
    pub fn certificates(&self) -> Vec<(&str, Range<usize>)> {
        let mut found = Vec::new();
        self.visit(&mut |expression| {
            if let ExpressionKind::Call { name, arguments } = &expression.kind
                && name.eq_ignore_ascii_case("SIGN_WITH_CERTIFICATE")
                && let [_, _, Expression { kind: ExpressionKind::Text(certificate), range }] =
                    arguments.as_slice()
            {
                found.push((certificate.as_str(), range.start + 1..range.end - 1));
            }
        });
        found
    }

    /// The merge fields and their places.
    pub fn fields(&self) -> Vec<(&str, Range<usize>)> {
        let mut found = Vec::new();
        self.visit(&mut |expression| {
            if let ExpressionKind::Field(name) = &expression.kind {
                found.push((name.as_str(), expression.range.clone()));
            }
        });
        found
    }

    fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Expression)) {
        visitor(self);
        for child in self.children() {
            child.visit(visitor);
        }
    }
}

/// `$Credential.Spoke_Org.Body` is the request body as bytes, unless a parameter has that name.
fn field_type(name: &str) -> DataType {
    let mut parts = name.split('.');
    let is_credential = parts.next().is_some_and(|part| part.eq_ignore_ascii_case("$Credential"));
    let is_body = parts.next_back().is_some_and(|part| part.eq_ignore_ascii_case("Body"));
    if is_credential && !is_body { DataType::Text } else { DataType::Unknown }
}

impl Formula {
    /// Functions whose arguments or result have the wrong type, and algorithms that do not exist.
    pub fn misuses(&self) -> Vec<Misuse> {
        let mut found = Vec::new();
        self.expression.visit(&mut |expression| misused_call(expression, &mut found));
        let outermost: &[Expression] = match &self.expression.kind {
            ExpressionKind::Joined(operands) => operands,
            _ => std::slice::from_ref(&self.expression),
        };
        for operand in outermost {
            if let ExpressionKind::Call { name, .. } = &operand.kind
                && operand.data_type() == DataType::Blob
            {
                found.push(Misuse::GivesBlob {
                    function: name.clone(),
                    place: operand.range.clone(),
                });
            }
        }
        found
    }
}

fn misused_call(expression: &Expression, found: &mut Vec<Misuse>) {
    let ExpressionKind::Call { name, arguments } = &expression.kind else { return };
    let blobs: &[usize] = match name.to_ascii_uppercase().as_str() {
        "BASE64ENCODE" | "HEX" => &[0],
        "HASH" => &[1],
        "HMAC" => &[1, 2],
        _ => return,
    };
    for argument in blobs.iter().filter_map(|&position| arguments.get(position)) {
        if argument.data_type() == DataType::Text {
            found.push(Misuse::NeedsBlob { function: name.clone(), place: argument.range.clone() });
        }
    }
    if blobs[0] == 1
        && let Some(Expression { kind: ExpressionKind::Text(algorithm), range }) = arguments.first()
        && !algorithm.eq_ignore_ascii_case("SHA-256")
    {
        found.push(Misuse::Algorithm { function: name.clone(), place: range.clone() });
    }
}

/// Why a header is not sent as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderFlaw {
    /// There is no value, and the header is one that carries a credential.
    Empty,
    /// `Bearer` and nothing after it.
    SchemeOnly,
    /// `{$Credential…}`: without `!`, it is plain text.
    MissingMark(Range<usize>),
    /// `'Bearer ' & {!…}`: the string and the operator are outside the braces.
    OutsideBraces(Range<usize>),
    /// The value begins with the name of its header.
    HeaderName(Range<usize>),
}

impl HeaderFlaw {
    /// The first flaw of a value, the gravest first. Literal text, formulas, and a bare `$Credential.X.Y` have none.
    pub fn find(header: &str, value: &str) -> Option<HeaderFlaw> {
        if let Some(place) = missing_mark(value) {
            return Some(HeaderFlaw::MissingMark(place));
        }
        if let Some(place) = outside_braces(value) {
            return Some(HeaderFlaw::OutsideBraces(place));
        }
        if let Some(length) = header_name(header, value) {
            return Some(HeaderFlaw::HeaderName(0..length));
        }
        let is_authorization = header.to_ascii_lowercase().ends_with("authorization");
        let is_scheme = ["bearer", "basic"].iter().any(|word| value.eq_ignore_ascii_case(word));
        (is_authorization && is_scheme).then_some(HeaderFlaw::SchemeOnly)
    }

    /// The value that was meant, if that is certain.
    pub fn fixed(&self, header: &str, value: &str) -> Option<String> {
        match self {
            HeaderFlaw::Empty | HeaderFlaw::SchemeOnly => None,
            HeaderFlaw::MissingMark(_) => {
                let mut fixed = value.to_owned();
                // One by one: each fix shifts the next.
                while let Some(place) = missing_mark(&fixed) {
                    fixed.insert(place.start + 1, '!');
                }
                Some(fixed)
            }
            HeaderFlaw::OutsideBraces(_) => joined(header, value),
            HeaderFlaw::HeaderName(place) => Some(value.get(place.end..)?.trim_start().to_owned())
                .filter(|rest| !rest.is_empty() && place.start == 0),
        }
    }
}

/// `{$Credential.`, which only lacks its `!`.
fn missing_mark(value: &str) -> Option<Range<usize>> {
    const FIELD: &str = "$credential.";
    let mut from = 0;
    while let Some(open) = value[from..].find('{').map(|at| from + at) {
        let rest = value[open + 1..].trim_start();
        let start = value.len() - rest.len();
        let is_field =
            rest.get(..FIELD.len()).is_some_and(|field| field.eq_ignore_ascii_case(FIELD));
        if is_field {
            let end = rest.find('}').map_or(value.len(), |end| start + end + 1);
            return Some(open..end);
        }
        from = open + 1;
    }
    None
}

/// A quoted string and an operator right before or after a formula.
fn outside_braces(value: &str) -> Option<Range<usize>> {
    let pieces = pieces(value);
    let joins = |byte: char| matches!(byte, '&' | '+');
    let is_quote = |byte: char| matches!(byte, '\'' | '"');
    pieces.iter().enumerate().find_map(|(at, piece)| {
        let Piece::Literal(range) = piece else { return None };
        let text = &value[range.clone()];
        let is_formula = |at: Option<usize>| {
            at.is_some_and(|at| matches!(pieces.get(at), Some(Piece::Formula(_))))
        };
        let before = text
            .trim_end()
            .strip_suffix(joins)
            .is_some_and(|rest| rest.trim_end().ends_with(is_quote));
        let after = text
            .trim_start()
            .strip_prefix(joins)
            .is_some_and(|rest| rest.trim_start().starts_with(is_quote));
        (before && is_formula(at.checked_add(1)) || after && is_formula(at.checked_sub(1)))
            .then(|| range.clone())
    })
}

/// The length of `Authorization:` at the start of a value. `localhost:8080` has a port, not a header.
fn header_name(header: &str, value: &str) -> Option<usize> {
    let start = value.get(..header.len()).filter(|start| !start.is_empty())?;
    if !start.eq_ignore_ascii_case(header) {
        return None;
    }
    let rest = value[header.len()..].trim_start().strip_prefix(':')?;
    let is_port = rest.starts_with(|first: char| first.is_ascii_digit());
    (!is_port).then(|| value.len() - rest.len())
}

/// One formula of all that is there, if nothing is there but strings, operators and formulas.
fn joined(header: &str, value: &str) -> Option<String> {
    let mut all = String::new();
    for piece in pieces(value) {
        all.push_str(match piece {
            Piece::Literal(range) => &value[range],
            Piece::Formula(formula) => &value[formula.inner],
        });
    }
    let whole = format!("{{!{}}}", all.trim());
    let formula = formulas(&whole).next().filter(|formula| formula.outer == (0..whole.len()))?;
    let ExpressionKind::Joined(operands) = &formula.expression.kind else { return None };
    let first = operands.first()?;
    let ExpressionKind::Text(text) = &first.kind else { return Some(whole) };
    match header_name(header, text) {
        Some(length) => {
            let (start, text) = (first.range.start + 1, text[length..].trim_start());
            let end = first.range.end - 1;
            Some(format!("{}{text}{}", &whole[..start], &whole[end..]))
        }
        None => Some(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misuses(value: &str) -> Vec<String> {
        formulas(value)
            .flat_map(|formula| formula.misuses())
            .map(|misuse| match misuse {
                Misuse::NeedsBlob { function, place } => format!("{function} < {}", &value[place]),
                Misuse::Algorithm { function, place } => format!("{function} = {}", &value[place]),
                Misuse::GivesBlob { function, place } => format!("{function} > {}", &value[place]),
            })
            .collect()
    }

    #[test]
    fn braces_in_strings_do_not_close_a_formula() {
        let value = "a {!'}' & \"{!\"} b {!$User.Id} {!open";
        let texts: Vec<&str> = pieces(value)
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(range) => &value[range],
                Piece::Formula(formula) => &value[formula.outer],
            })
            .collect();
        assert_eq!(texts, ["a ", "{!'}' & \"{!\"}", " b ", "{!$User.Id}", " {!open"]);
    }

    #[test]
    fn functions_take_bytes_and_text() {
        for right in [
            "{!'Basic ' & BASE64ENCODE(BLOB($Credential.E.Username & ':' & $Credential.E.Password))}",
            "{!HEX(HASH('SHA-256', BLOB($Credential.E.Username)))}",
            "{!HEX(HMAC('SHA-256', $Credential.E.Body, BLOB($Credential.E.Secret)))}",
            "{!base64encode(HMAC(\"SHA-256\", BLOB('a'), BASE64DECODE($Credential.E.Secret)))}",
            "{!TEXT(FLOOR(NOW()))}",
            "{!$Credential.E.Key}",
            "Bearer {!$Credential.E.Token}",
            "{!HEX(UNKNOWN($User.Id))}",
        ] {
            assert_eq!(misuses(right), [""; 0], "{right}");
        }
        for (wrong, expected) in [
            ("{!BASE64ENCODE('a' & $Credential.E.P)}", "BASE64ENCODE < 'a' & $Credential.E.P"),
            ("{!HEX(HASH('MD5', BLOB('a')))}", "HASH = 'MD5'"),
            ("{!HEX(HMAC('SHA-256', BLOB('a'), $Credential.E.S))}", "HMAC < $Credential.E.S"),
            (
                "{!'v1=' & HMAC('SHA-256', BLOB('a'), BLOB('b'))}",
                "HMAC > HMAC('SHA-256', BLOB('a'), BLOB('b'))",
            ),
        ] {
            assert_eq!(misuses(wrong), [expected], "{wrong}");
        }
    }

    #[test]
    fn a_hyphen_in_a_name_is_found() {
        let fields = |value: &str| {
            let found = hyphenated_fields(value);
            found.into_iter().map(|range| value[range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(fields("{!$Credential.E.x-api-key}"), ["$Credential.E.x-api-key"]);
        assert_eq!(fields("{!'Key ' & $credential.E.api-key & 'x'}"), ["$credential.E.api-key"]);
        for value in [
            "{!$Credential.E.x_api_key}",
            "{!$Credential.E.a - $Credential.E.b}",
            "{!$Credential.E.a-1}",
            "{!$Credential.Password}-{!$Credential.E.b}-x",
            "{!'$Credential.E.x-api-key'}",
        ] {
            assert_eq!(fields(value), [""; 0], "{value}");
        }
    }

    #[test]
    fn a_certificate_is_named_in_a_formula() {
        let value = "{!BASE64ENCODE(SIGN_WITH_CERTIFICATE('RSA-SHA256', BLOB('a'), 'Hub_Org'))}";
        let formula = formulas(value).next().unwrap();
        let found = formula.expression.certificates();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, &value[found[0].1.clone()]), ("Hub_Org", "Hub_Org"));
    }

    #[test]
    fn flaws_of_headers_are_found_and_fixed() {
        let fixed = |header: &str, value: &str| {
            HeaderFlaw::find(header, value).map(|flaw| flaw.fixed(header, value))
        };
        for (value, right) in [
            ("{$Credential.E.Key}", "{!$Credential.E.Key}"),
            ("Bearer { $credential.E.Key}", "Bearer {! $credential.E.Key}"),
            ("'Bearer '&{!$Credential.E.Key}", "{!'Bearer '&$Credential.E.Key}"),
            ("{!$Credential.E.Key} + \"x\"", "{!$Credential.E.Key + \"x\"}"),
            ("'Authorization: Bearer ' & {!$Credential.E.Key}", "{!'Bearer ' & $Credential.E.Key}"),
            ("authorization: Bearer {!$Credential.E.Key}", "Bearer {!$Credential.E.Key}"),
        ] {
            assert_eq!(fixed("Authorization", value), Some(Some(right.to_owned())), "{value}");
        }
        assert_eq!(fixed("Authorization", "bearer"), Some(None));
        for value in [
            "{!$Credential.E.Key}",
            "$Credential.E.Key",
            "application/json",
            "Bearer {!$Credential.E.Token}",
            "{!'Bearer ' & $Credential.E.Token}",
            "a=b&{!$Credential.E.Token}",
            "{!$Credential.E.A} & {!$Credential.E.B}",
            "${TOKEN}",
            "{\"a\": \"b\"}",
        ] {
            assert_eq!(fixed("Authorization", value), None, "{value}");
        }
        assert_eq!(fixed("Host", "host:8080"), None);
        assert_eq!(fixed("X-Mode", "Basic"), None);
    }

    #[test]
    fn broken_formulas_end_quietly() {
        let deep = format!("{{!{}}}", "(".repeat(100_000));
        let calls = format!("{{!{}}}", "F(".repeat(100_000));
        for value in [
            "{!",
            "{!}",
            "{!'",
            "{!)}",
            "{!(}",
            "{!F(,)}",
            "{!é}",
            "{!'é' é}",
            "{!\\}",
            "{!a..b(}",
            &deep,
            &calls,
        ] {
            pieces(value);
            misuses(value);
            HeaderFlaw::find("X", value);
        }
    }
}
