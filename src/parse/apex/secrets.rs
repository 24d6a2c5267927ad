//! Secrets in the literals of Apex, recognized by what they are assigned to or sent as.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::blocks::Method;
use super::values::{Code, Value, Variables};
use crate::model::{
    Component, DYNAMIC_PART, LeakedSecret, SecretEvidence, SecretName, SentLabel, bare_secret,
    evidence_of, is_secret_header,
};
use crate::source::Span;

/// Methods that set a named value: `map.put('client_secret', …)`.
const SETTERS: &[&str] = &[
    "put",
    "add",
    "set",
    "addParameter",
    "setParameter",
    "addParam",
    "setParam",
    "addField",
    "writeStringField",
];
/// Methods that set a header.
const HEADER_SETTERS: &[&str] = &["setHeader", "addHeader"];
/// Methods with a key, and the position of that argument.
const WITH_KEY: &[(&str, usize)] = &[
    ("generateMac", 2),
    ("verifyHMac", 2),
    ("sign", 2),
    ("encrypt", 1),
    ("decrypt", 1),
    ("encryptWithManagedIV", 1),
    ("decryptWithManagedIV", 1),
];
/// Variables of variables.
const MAX_DEPTH: usize = 4;
/// The longest header expression that is searched for an encoded password, in tokens.
const MAX_HEADER: usize = 60;
/// The longest expression that is evaluated, in tokens: each literal of a long one is read by itself.
const MAX_EXPRESSION: usize = 100;
/// The shortest key of a map whose meaning is clear.
const MIN_KEY: usize = 3;
/// The longest operand that is searched for a label, in tokens: `EncodingUtil.urlEncode(System.Label.X, 'UTF-8')`.
const MAX_OPERAND: usize = 12;

/// Named values inside of a literal: a form or a query, JSON, XML.
static PAIRS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        r#"(?:^|[?&;\s"'])([A-Za-z][A-Za-z0-9_.-]{1,60})=([^&\s"'<>{}\u{FFFC}]{4,})"#,
        r#""([A-Za-z][A-Za-z0-9_.-]{1,60})"\s*:\s*"([^"\s\u{FFFC}]{4,})"#,
        r"<(?:[A-Za-z0-9_]+:)?([A-Za-z][A-Za-z0-9_.-]{1,60})(?:\s[^<>]{0,200})?>([^<>\s\u{FFFC}]{4,})</",
    ]
    .map(|pattern| Regex::new(pattern).expect("a constant pattern"))
});

/// A name at the end of a literal, whose value is the next operand.
static OPEN_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z][A-Za-z0-9_.-]{1,60})(?:=|"\s*:\s*"?)$"#).expect("a constant pattern")
});

/// The secrets of a class, and the labels that it sends as secrets.
#[derive(Default)]
pub struct Found {
    pub secrets: Vec<LeakedSecret>,
    pub labels: Vec<SentLabel>,
}

struct Reader<'a> {
    code: Code<'a>,
    class: &'a str,
    replaced: &'a [Range<usize>],
    found: Found,
}

/// Reads the tokens of a file. `in_test` says which belong to tests and mocks.
pub fn read(
    code: Code<'_>,
    class: &str,
    methods: &[Method],
    in_test: &[bool],
    replaced: &[Range<usize>],
) -> Found {
    let none = Variables::default();
    let mut reader = Reader { code, class, replaced, found: Found::default() };
    let mut methods = methods.iter().peekable();
    for (at, token) in code.tokens.iter().enumerate() {
        while methods.next_if(|method| method.range.end <= at).is_some() {}
        let method = methods.peek().filter(|method| method.range.contains(&at));
        let scope = Scope {
            variables: method.map_or(&none, |method| &method.variables),
            end: method.map_or(code.tokens.len(), |method| method.range.end),
            test: in_test.get(at).copied().unwrap_or(false),
        };
        if let Some(literal) = token.literal() {
            reader.literal(at, literal, &scope);
        } else if let Some(word) = token.word(code.text) {
            reader.word(at, word, &scope);
        }
    }
    reader.found
}

/// Where an expression is.
struct Scope<'a> {
    variables: &'a Variables,
    /// The token after the last one of the method.
    end: usize,
    test: bool,
}

impl Reader<'_> {
    fn word(&mut self, at: usize, word: &str, scope: &Scope<'_>) {
        if self.code.is_operator_at(at + 1, "=") {
            return self.named(word, self.expression(at + 2, scope), scope);
        }
        if !self.code.is_operator_at(at + 1, "(")
            || !self.code.is_operator_at(at.wrapping_sub(1), ".")
        {
            return;
        }
        let is = |known: &&str| known.eq_ignore_ascii_case(word);
        let is_header = HEADER_SETTERS.iter().any(is);
        if is_header || SETTERS.iter().any(is) {
            let arguments = self.code.arguments(at + 1, scope.end);
            let [name, value] = arguments.as_slice() else { return };
            let name = self.code.value(name.clone(), scope.variables).text;
            if is_header {
                self.header(&name, value.clone(), scope);
            } else {
                self.named(&name, value.clone(), scope);
            }
        } else if word.eq_ignore_ascii_case("setPassword") {
            let arguments = self.code.arguments(at + 1, scope.end);
            if let [_, password] = arguments.as_slice() {
                self.named("password", password.clone(), scope);
            }
        } else if let Some((method, position)) =
            WITH_KEY.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))
            && self.code.is_word(at.wrapping_sub(2), "Crypto")
        {
            let arguments = self.code.arguments(at + 1, scope.end);
            let Some(argument) = arguments.get(*position) else { return };
            if let Some(key) = self.bytes(argument.clone(), scope, 0) {
                let what = format!("the key of `Crypto.{method}`");
                self.whole(&key, what, method, SecretName::Password, scope);
            }
        }
    }

    fn literal(&mut self, at: usize, literal: &str, scope: &Scope<'_>) {
        if self.code.is_operator_at(at + 1, "=>") {
            // Keys such as `PW` are also codes of a picklist.
            if literal.len() >= MIN_KEY {
                self.named(literal, self.expression(at + 2, scope), scope);
            }
            return;
        }
        if !literal.contains(['=', ':', '>']) || !mentions_secret(literal) {
            return;
        }
        self.label_after(at, literal, scope);
        let value = self.code.value(self.expression(at, scope), scope.variables);
        for pattern in PAIRS.iter() {
            for found in pattern.captures_iter(&value.text) {
                let (Some(name), Some(secret)) = (found.get(1), found.get(2)) else { continue };
                // A pair that starts in a later literal is found when that literal is read.
                if name.start() >= literal.len() {
                    break;
                }
                let Some(kind) = SecretName::of_parameter(name.as_str()) else { continue };
                let what = format!("the value of `{}`", name.as_str());
                self.add(&value, secret.range(), what, name.as_str(), kind, scope);
            }
        }
    }

    fn expression(&self, start: usize, scope: &Scope<'_>) -> Range<usize> {
        start..self.code.end_of_expression(start, scope.end.min(start + MAX_EXPRESSION))
    }

    /// A value that is assigned to a name.
    fn named(&mut self, name: &str, value: Range<usize>, scope: &Scope<'_>) {
        let Some(kind) = SecretName::of(name) else { return };
        if kind > SecretName::Vague && !scope.test {
            self.sent_labels(value.clone(), &format!("used as `{}`", name.trim()), false);
        }
        let value = self.code.value(value, scope.variables);
        self.whole(&value, format!("the value of `{name}`"), name, kind, scope);
    }

    fn whole(
        &mut self,
        value: &Value,
        what: String,
        field: &str,
        kind: SecretName,
        scope: &Scope<'_>,
    ) {
        if value.starts_known() && !value.text.contains(DYNAMIC_PART) {
            self.add(value, 0..value.text.len(), what, field, kind, scope);
        }
    }

    fn header(&mut self, name: &str, argument: Range<usize>, scope: &Scope<'_>) {
        if !is_secret_header(name) {
            return;
        }
        let what = format!("the value of the header `{}`", name.trim());
        let value = self.code.value(argument.clone(), scope.variables);
        let mut start = 0;
        for piece in value.text.split(DYNAMIC_PART) {
            let range = start..start + piece.len();
            start = range.end + DYNAMIC_PART.len_utf8();
            if is_encoded_dummy(piece) {
                continue;
            }
            self.add(&value, range, what.clone(), name, SecretName::Key, scope);
        }
        self.sent_labels(argument.clone(), &format!("sent as the header `{}`", name.trim()), true);
        if let Some(login) = self.encoded(argument, scope, 0)
            && let Some((user, password)) = login.text.split_once(':')
        {
            let range = user.len() + 1..user.len() + 1 + password.len();
            self.add(&login, range, what, name, SecretName::Password, scope);
        }
    }

    /// The labels in an expression whose value is sent.
    fn sent_labels(&mut self, expression: Range<usize>, how: &str, is_header: bool) {
        for at in expression.take(MAX_HEADER) {
            if !self.code.is_word(at, "Label") || !self.code.is_operator_at(at + 1, ".") {
                continue;
            }
            let label = self.code.tokens.get(at + 2).and_then(|token| token.word(self.code.text));
            let place = self.code.span(at..at + 3);
            if let (Some(label), Some(place)) = (label, place) {
                let (label, how) = (label.to_owned(), how.to_owned());
                self.found.labels.push(SentLabel { label, how, is_header, place });
            }
        }
    }

    /// The label that follows a literal such as `'…&client_secret='`.
    fn label_after(&mut self, at: usize, literal: &str, scope: &Scope<'_>) {
        let name = OPEN_PAIR.captures(literal).and_then(|found| found.get(1));
        let Some(name) = name.filter(|_| !scope.test && self.code.is_operator_at(at + 1, "+"))
        else {
            return;
        };
        if SecretName::of_parameter(name.as_str()).is_none_or(|kind| kind == SecretName::Vague) {
            return;
        }
        let operand = at + 2..scope.end.min(at + 2 + MAX_OPERAND);
        let end = operand
            .clone()
            .find(|&at| [";", "+"].iter().any(|mark| self.code.is_operator_at(at, mark)))
            .unwrap_or(operand.end);
        self.sent_labels(operand.start..end, &format!("sent as `{}`", name.as_str()), false);
    }

    /// The bytes that a header encodes: `'Basic ' + EncodingUtil.base64Encode(…)`, directly or through variables.
    fn encoded(&self, expression: Range<usize>, scope: &Scope<'_>, depth: usize) -> Option<Value> {
        for at in expression.clone().take(MAX_HEADER) {
            if self.code.is_word(at, "base64Encode") && self.code.is_operator_at(at + 1, "(") {
                let argument = self.code.arguments(at + 1, expression.end).into_iter().next()?;
                return self.bytes(argument, scope, 0);
            }
        }
        // Only the last operand can be one more variable.
        let last = expression.end.checked_sub(1).filter(|_| depth < MAX_DEPTH)?;
        let assigned = scope
            .variables
            .get(self.code.tokens.get(last)?.word(self.code.text)?)
            .filter(|assigned| !assigned.contains(&last))?;
        self.encoded(assigned, scope, depth + 1)
    }

    /// The text whose bytes an expression is: `Blob.valueOf('…')` and the like, directly or through variables.
    fn bytes(&self, expression: Range<usize>, scope: &Scope<'_>, depth: usize) -> Option<Value> {
        let start = expression.start;
        let call = ["valueOf", "base64Decode", "convertFromHex"].iter().any(|name| {
            self.code.is_operator_at(start + 1, ".") && self.code.is_word(start + 2, name)
        });
        if call && self.code.is_operator_at(start + 3, "(") {
            let inner = self.code.arguments(start + 3, expression.end).into_iter().next()?;
            return Some(self.code.value(inner, scope.variables));
        }
        let name = self.code.tokens.get(start).filter(|_| expression.len() == 1)?;
        let assigned = scope
            .variables
            .get(name.word(self.code.text)?)
            .filter(|assigned| depth < MAX_DEPTH && !assigned.contains(&start))?;
        self.bytes(assigned, scope, depth + 1)
    }

    /// Reports a part of a value, if it is a secret.
    fn add(
        &mut self,
        value: &Value,
        range: Range<usize>,
        what: String,
        field: &str,
        kind: SecretName,
        scope: &Scope<'_>,
    ) {
        let text = &value.text[range.clone()];
        let bare = bare_secret(text);
        let start = range.start + (bare.as_ptr() as usize - text.as_ptr() as usize);
        let part = value.part(self.code.file, start..start + bare.len()).replaced_in(self.replaced);
        let Some(secret) = part.known() else { return };
        let Some(evidence) = evidence_of(kind, secret) else { return };
        let evidence = match evidence {
            SecretEvidence::Value if scope.test => SecretEvidence::Test,
            SecretEvidence::Name if scope.test => return,
            evidence => evidence,
        };
        let component = Component::new("ApexClass", self.class, part.span);
        let field = field.trim();
        self.found
            .secrets
            .push(LeakedSecret::setting(&component, what, field, part.span, secret, evidence));
    }
}

/// `Basic dXNlcjpwYXNzd29yZA==`: a user and a password that are dummies.
fn is_encoded_dummy(header: &str) -> bool {
    let decoded = STANDARD.decode(bare_secret(header)).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let login = decoded.as_deref().and_then(|login| login.split_once(':'));
    login.is_some_and(|(_, password)| evidence_of(SecretName::Password, password).is_none())
}

fn mentions_secret(literal: &str) -> bool {
    let folded = literal.to_ascii_lowercase();
    ["secret", "passw", "pwd", "token", "key"].iter().any(|word| folded.contains(word))
}

/// The places of the secrets, to conceal them.
pub fn spans(found: &Found) -> Vec<Span> {
    found.secrets.iter().map(|secret| secret.place).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::SecretEvidence;
    use crate::source::FileId;

    const SECRET: &str = "1pKfF9n1vGISRv0gu4mzMaHp";

    /// What is found in a class: its description, its text, and the evidence.
    fn found(members: &str) -> Vec<(String, String, SecretEvidence)> {
        let text = format!("class X {{ {members} }}").replace("SECRET", SECRET);
        super::super::read(FileId(0), "X", &text, &[])
            .secrets
            .secrets
            .iter()
            .map(|secret| {
                (secret.what.clone(), text[secret.place.range()].to_owned(), secret.evidence)
            })
            .collect()
    }

    fn method(body: &str) -> Vec<String> {
        let mut all: Vec<String> = found(&format!("void m() {{ {body} }}"))
            .into_iter()
            .map(|(what, secret, _)| what + " " + &secret)
            .collect();
        all.dedup();
        all
    }

    #[test]
    fn a_secret_is_known_by_what_it_is_assigned_to() {
        for (body, name) in [
            ("String clientSecret = 'SECRET';", "the value of `clientSecret`"),
            ("config.Api_Key__c = 'SECRET';", "the value of `Api_Key__c`"),
            ("insert new Setting__c(Api_Key__c = 'SECRET');", "the value of `Api_Key__c`"),
            ("m.put('client_secret', 'SECRET');", "the value of `client_secret`"),
            ("m = new Map<String, String>{ 'apiKey' => 'SECRET' };", "the value of `apiKey`"),
            ("r.setBody('a=b&client_secret=SECRET&c=d');", "the value of `client_secret`"),
            ("r.setEndpoint('https://a.example/x?api_key=' + 'SECRET');", "the value of `api_key`"),
            ("r.setBody('{\"access_token\": \"SECRET\"}');", "the value of `access_token`"),
            ("r.setEndpoint('https://a.example/x?q=' + q + '&key=SECRET');", "the value of `key`"),
            ("b = '<ns:password>SECRET</ns:password>';", "the value of `password`"),
            ("r.setHeader('X-Api-Key', 'SECRET');", "the value of the header `X-Api-Key`"),
            (
                "r.setHeader('Authorization', 'Bearer ' + 'SECRET');",
                "the value of the header `Authorization`",
            ),
            (
                "String h = 'SECRET'; r.setHeader('Authorization', 'Bearer ' + h);",
                "the value of the header `Authorization`",
            ),
            (
                "r.setHeader('Authorization', 'Basic ' + EncodingUtil.base64Encode(Blob.valueOf('u:SECRET')));",
                "the value of the header `Authorization`",
            ),
            (
                "Blob b = Blob.valueOf('u:SECRET'); String h = 'Basic ' + EncodingUtil.base64Encode(b); r.setHeader('Authorization', h);",
                "the value of the header `Authorization`",
            ),
            (
                "Crypto.generateMac('HmacSHA256', Blob.valueOf(x), Blob.valueOf('SECRET'));",
                "the key of `Crypto.generateMac`",
            ),
            (
                "Blob k = EncodingUtil.base64Decode('SECRET'); Crypto.encrypt('AES256', k, iv, data);",
                "the key of `Crypto.encrypt`",
            ),
            ("System.setPassword(id, 'SECRET');", "the value of `password`"),
        ] {
            assert_eq!(method(body), [format!("{name} {SECRET}")], "{body}");
        }
    }

    #[test]
    fn names_references_and_computed_values_are_not_secrets() {
        for body in [
            "String tokenUrl = 'https://a.example/services/oauth2/token1234';",
            "String apiKey = setting.Api_Key__c;",
            "String apiKey = '{!$Credential.Weather.Key}';",
            "String secretName = 'SECRET';",
            "String commitId = 'SECRET';",
            "if (token == 'SECRET') {}",
            "r.setHeader('Content-Type', 'SECRET');",
            "r.setHeader('Authorization', 'Bearer ' + token);",
            "r.setHeader('Authorization', 'Bearer {!$Credential.Weather.Key}');",
            "r.setHeader('Authorization', 'Basic dXNlcm5hbWU6cGFzc3dvcmQ=');",
            "r.setHeader('X-Api-Key', 'YOUR_API_KEY_1234');",
            "r.setBody('grant_type=password&client_secret=' + secret);",
            "r.setBody('client_secret={0}&password={1}');",
            "String tokenField = 'Weather_Token_2024__c';",
            "String password = 'Password';",
            "System.assertEquals('SECRET', token);",
            "Crypto.generateDigest('SHA-256', Blob.valueOf('SECRET'));",
            "// String clientSecret = 'SECRET';",
        ] {
            assert_eq!(method(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn a_secret_in_a_test_is_only_likely_to_be_invented() {
        let secret = "String apiKey = 'SECRET'; String password = 'tulip4711';";
        let evidence =
            |text: &str| found(text).into_iter().map(|(.., evidence)| evidence).collect::<Vec<_>>();
        assert_eq!(
            evidence(&format!("@IsTest static void m() {{ {secret} }}")),
            [SecretEvidence::Test]
        );
        assert_eq!(
            evidence(&format!("class M implements HttpCalloutMock {{ void m() {{ {secret} }} }}")),
            [SecretEvidence::Test]
        );
        assert_eq!(
            evidence(&format!("void m() {{ {secret} }}")),
            [SecretEvidence::Value, SecretEvidence::Name]
        );
    }
}
