//! What Apex writes into requests: headers and bodies that read from a credential, encoded merge fields, password grants.

use std::ops::Range;

use super::blocks::Method;
use super::values::Code;
use crate::model::{ApexUnit, EncodedMergeField, RequestText};
use crate::source::{FileId, Span};

/// Methods that make other bytes of a string, so that a merge field in it is never recognized: class and name.
const ENCODING: &[(&str, &str, &str)] = &[
    ("EncodingUtil", "base64Encode", "EncodingUtil.base64Encode"),
    ("EncodingUtil", "urlEncode", "EncodingUtil.urlEncode"),
    ("EncodingUtil", "convertToHex", "EncodingUtil.convertToHex"),
    ("Crypto", "generateDigest", "Crypto.generateDigest"),
    ("Crypto", "generateMac", "Crypto.generateMac"),
    ("Crypto", "sign", "Crypto.sign"),
    ("Crypto", "signWithCertificate", "Crypto.signWithCertificate"),
    ("Crypto", "encrypt", "Crypto.encrypt"),
    ("Crypto", "encryptWithManagedIV", "Crypto.encryptWithManagedIV"),
];

/// Variables of variables.
const MAX_DEPTH: usize = 5;

/// Reads what one method writes into requests.
pub fn read(code: &Code<'_>, method: &Method, unit: &mut ApexUnit) {
    // Few methods have one of the two.
    if !method.range.clone().any(|at| code.tokens[at].literal().is_some_and(names_credential)) {
        let reads_constant = |at: usize| {
            code.tokens[at].word(code.text).is_some_and(|word| is_encoding(word) || is_setter(word))
        };
        if !method.range.clone().any(reads_constant) {
            return;
        }
    }
    for at in method.range.clone() {
        if !code.is_operator_at(at + 1, "(") || !code.is_operator_at(at.wrapping_sub(1), ".") {
            continue;
        }
        let Some(name) = code.tokens[at].word(code.text) else { continue };
        if is_setter(name) {
            let arguments = code.arguments(at + 1, method.range.end);
            let (header, text) = match arguments.as_slice() {
                [header, text] if name.eq_ignore_ascii_case("setHeader") => {
                    (Some(code.value(header.clone(), &method.variables).text), text)
                }
                [text] if name.eq_ignore_ascii_case("setBody") => (None, text),
                _ => continue,
            };
            let value = code.value(text.clone(), &method.variables);
            if names_credential(&value.text) {
                let text = value.part(code.file, 0..value.text.len());
                unit.request_texts.push(RequestText { header, text });
            }
        } else if let Some(encoding) = encoding(code, at, name) {
            let arguments = code.arguments(at + 1, method.range.end);
            let literal = arguments
                .iter()
                .find_map(|argument| merge_field(code, method, argument.clone(), 0));
            if let (Some((literal, is_legacy)), Some(call)) = (literal, code.span(at - 2..at + 1)) {
                unit.encoded_merge_fields.push(EncodedMergeField {
                    method: encoding,
                    call,
                    literal,
                    is_legacy,
                });
            }
        }
    }
}

fn is_setter(word: &str) -> bool {
    word.eq_ignore_ascii_case("setHeader") || word.eq_ignore_ascii_case("setBody")
}

fn is_encoding(word: &str) -> bool {
    ENCODING.iter().any(|(_, name, _)| name.eq_ignore_ascii_case(word))
}

fn names_credential(text: &str) -> bool {
    text.contains('{') && text.to_ascii_lowercase().contains("$credential.")
}

fn is_merge_field(text: &str) -> bool {
    text.contains("{!") && names_credential(text)
}

/// Whether the first merge field has one name after `$Credential`, and not that of an external credential before it.
fn is_of_legacy_credential(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((_, rest)) = lower.split_once("$credential.") else { return false };
    let end = rest.find(|other: char| !other.is_ascii_alphanumeric() && other != '_');
    !rest[end.unwrap_or(rest.len())..].starts_with('.')
}

fn encoding(code: &Code<'_>, at: usize, name: &str) -> Option<&'static str> {
    let class = at.checked_sub(2)?;
    ENCODING
        .iter()
        .find(|(owner, method, _)| method.eq_ignore_ascii_case(name) && code.is_word(class, owner))
        .map(|(_, _, whole)| *whole)
}

/// The literal with a merge field that an argument is made of, directly or as the bytes of `Blob.valueOf`.
fn merge_field(
    code: &Code<'_>,
    method: &Method,
    argument: Range<usize>,
    depth: usize,
) -> Option<(Span, bool)> {
    let value = code.value(argument.clone(), &method.variables);
    if is_merge_field(&value.text) {
        let place = value.part(code.file, 0..value.text.len()).span;
        return Some((place, is_of_legacy_credential(&value.text)));
    }
    if depth >= MAX_DEPTH {
        return None;
    }
    let start = argument.start;
    let is_blob = code.is_word(start, "Blob")
        && code.is_operator_at(start + 1, ".")
        && code.is_word(start + 2, "valueOf")
        && code.is_operator_at(start + 3, "(");
    if is_blob {
        let inner = code.arguments(start + 3, argument.end).into_iter().next()?;
        return merge_field(code, method, inner, depth + 1);
    }
    let variable = code.tokens.get(start).filter(|_| argument.len() == 1)?.word(code.text)?;
    let assigned = method.variables.get(variable).filter(|assigned| !assigned.contains(&start))?;
    merge_field(code, method, assigned, depth + 1)
}

/// The places in a method that select the password grant (RFC 6749 4.3).
pub fn password_grants(code: &Code<'_>, method: &Method) -> Vec<Span> {
    let mut found = Vec::new();
    for at in method.range.clone() {
        let Some(literal) = code.tokens[at].literal() else { continue };
        let whole = is_password_grant(literal);
        let pair = literal.eq_ignore_ascii_case("grant_type")
            && ["=>", ","].iter().any(|mark| code.is_operator_at(at + 1, mark))
            && code
                .tokens
                .get(at + 2)
                .and_then(|token| token.literal())
                .is_some_and(|value| value.eq_ignore_ascii_case("password"));
        if whole || pair {
            found.extend(code.span(at..at + 1));
        }
    }
    found
}

/// `grant_type=password` in a form body, and not `grant_type=password-reset`.
fn is_password_grant(literal: &str) -> bool {
    const GRANT: &str = "grant_type=password";
    let lower = literal.to_ascii_lowercase();
    lower.match_indices(GRANT).any(|(at, _)| {
        let rest = &lower[at + GRANT.len()..];
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '-' | '_'))
    })
}

/// The secrets in the literals of a class that logs in with a password: `password=…` in a form body, and the literal after
/// `'client_secret'` or `'password='`.
pub fn login_secrets(file: FileId, text: &str, literals: &[Range<usize>]) -> Vec<Span> {
    const NAMES: [&str; 2] = ["password", "client_secret"];
    /// What is between two literals that belong together: `' => '`, `', '`.
    const GAP: usize = 10;
    let mut found = Vec::new();
    let mut follows: Option<usize> = None;
    for literal in literals {
        let Some(body) = text.get(literal.clone()) else { continue };
        if follows.is_some_and(|end| literal.start <= end + GAP) && !body.is_empty() {
            found.push(Span::new(file, literal.start, literal.end));
        }
        follows = None;
        let mut at = literal.start;
        for pair in body.split('&') {
            let name = pair.split('=').next().unwrap_or_default();
            if NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                let value = at + (name.len() + 1).min(pair.len());
                if value < at + pair.len() {
                    found.push(Span::new(file, value, at + pair.len()));
                } else {
                    follows = Some(literal.end);
                }
            }
            at += pair.len() + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::model::ApexUnit;
    use crate::source::FileId;

    fn unit(body: &str) -> (String, ApexUnit) {
        let text = format!("class X {{ void m() {{ {body} }} }}");
        let unit = super::super::read(FileId(0), "X", &text, &[]).unit;
        (text, unit)
    }

    fn encoded(body: &str) -> Vec<String> {
        let (text, unit) = unit(body);
        let show = |field: &super::EncodedMergeField| {
            format!("{} {}", field.method, &text[field.literal.range()])
        };
        unit.encoded_merge_fields.iter().map(show).collect()
    }

    #[test]
    fn a_merge_field_is_followed_into_the_call_that_encodes_it() {
        let expected = ["EncodingUtil.base64Encode {!$Credential.E.P}"];
        for body in [
            "r.setHeader('A', 'Basic ' + EncodingUtil.base64Encode(Blob.valueOf('{!$Credential.E.P}')));",
            "String s = '{!$Credential.E.P}'; Blob b = Blob.valueOf(s); String h = encodingutil.base64encode(b);",
        ] {
            assert_eq!(encoded(body), expected, "{body}");
        }
        assert_eq!(
            encoded(
                "Crypto.generateMac('HmacSHA256', Blob.valueOf(x), Blob.valueOf('{!$Credential.E.P}'));"
            ),
            ["Crypto.generateMac {!$Credential.E.P}"]
        );
        for body in [
            "r.setBodyAsBlob(Blob.valueOf('{!$Credential.E.P}'));",
            "EncodingUtil.base64Encode(Blob.valueOf('{!$User.Id}'));",
            "EncodingUtil.urlEncode(name, 'UTF-8'); r.setHeader('A', '{!$Credential.E.P}');",
            "Other.base64Encode('{!$Credential.E.P}');",
            "EncodingUtil.base64Encode(",
        ] {
            assert_eq!(encoded(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn headers_and_bodies_are_joined() {
        let (_, unit) = unit(
            "String key = '{$Credential.E.P}'; r.setHeader('X-Key', key); r.setBody('k=' + '{!$Credential.E.P}'); r.setHeader('Accept', 'a/b');",
        );
        let texts: Vec<(Option<&str>, &str)> = unit
            .request_texts
            .iter()
            .map(|request| (request.header.as_deref(), request.text.as_str()))
            .collect();
        assert_eq!(texts, [(Some("X-Key"), "{$Credential.E.P}"), (None, "k={!$Credential.E.P}")]);
    }

    #[test]
    fn passwords_in_a_login_are_concealed() {
        let text = "m.put('password', 'p1'); b = 'grant_type=password&password=p2&client_secret=' + 's1' + '&username=u';";
        let literals = super::super::read(FileId(0), "X", text, &[]).literals;
        let found: Vec<&str> = super::login_secrets(FileId(0), text, &literals)
            .iter()
            .map(|span| &text[span.range()])
            .collect();
        assert_eq!(found, ["p1", "p2", "s1"]);
    }

    #[test]
    fn a_password_grant_belongs_to_the_endpoint_of_its_method() {
        let grants = |body: &str| {
            let (_, unit) = unit(body);
            let show = |grant: &crate::model::PasswordGrant| {
                grant.endpoint.as_ref().map(|text| text.as_str().to_owned())
            };
            unit.password_grants.iter().map(show).collect::<Vec<_>>()
        };
        let url = "https://test.salesforce.com/services/oauth2/token";
        assert_eq!(
            grants(&format!(
                "r.setEndpoint('{url}'); r.setBody('grant_type=password&username=' + u);"
            )),
            [Some(url.to_owned())]
        );
        assert_eq!(
            grants("r.setEndpoint('callout:A/x'); m.put('grant_type', 'password');"),
            [Some("callout:A/x".to_owned())]
        );
        assert_eq!(grants("r.setBody('grant_type=password');"), [None]);
        assert_eq!(grants("r.setBody('grant_type=password-realm'); m.put('grant_type', 'x');"), []);
    }
}
