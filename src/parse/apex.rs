//! Callouts in Apex: endpoints, headers, assertions. Parts that are computed at run time are unknown.

mod assertions;
mod blocks;
mod lexer;
mod requests;
mod secrets;
mod values;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use blocks::Method;
pub use requests::login_secrets;
pub use secrets::{Found, spans};
use values::{Code, Structure, Value, Variables};

use crate::model::{
    ApexCertificate, ApexEndpoint, ApexUnit, Callout, Component, DYNAMIC_PART, PasswordGrant,
};
use crate::source::{FileId, Span, Text};

const SCHEME: &str = "callout:";

/// Methods that compare or split strings: their arguments are not endpoints.
const COMPARING: &[&str] = &[
    "startsWith",
    "startsWithIgnoreCase",
    "contains",
    "containsIgnoreCase",
    "indexOf",
    "indexOfIgnoreCase",
    "remove",
    "removeStart",
    "removeStartIgnoreCase",
    "replace",
    "replaceFirst",
    "substringAfter",
    "split",
    "debug",
    "assert",
    "assertEquals",
    "areEqual",
];

/// Methods that return the URL of the org that the code runs in.
const OWN_URL: &[&str] = &["getOrgDomainUrl", "getSalesforceBaseUrl", "getOrgMyDomainHostname"];

/// Calls that name a certificate, and the position of that argument: `new Auth.JWS(jwt, name)`,
/// `Crypto.signWithCertificate(algorithm, input, name)`, `Crypto.signXml(algorithm, node, idAttribute, name)`,
/// `request.setClientCertificateName(name)`.
const WITH_CERTIFICATE: &[(&str, usize)] =
    &[("JWS", 1), ("signWithCertificate", 2), ("signXml", 3), (SET_CLIENT_CERTIFICATE, 0)];
const SET_CLIENT_CERTIFICATE: &str = "setClientCertificateName";

/// The XML namespaces of the APIs that have `login()`.
const SOAP_NAMESPACES: &[&str] = &["urn:partner.soap.sforce.com", "urn:enterprise.soap.sforce.com"];

/// Whether a literal contains the start tag `<login>`, with or without a prefix.
fn opens_login(literal: &str) -> bool {
    literal.split('<').skip(1).any(|tag| {
        let name = tag.split(['>', ' ', '\t', '\r', '\n']).next().unwrap_or_default();
        let is_closed = tag.len() > name.len();
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        is_closed && local == "login"
    })
}

/// The parts of a class or trigger that concern callouts.
pub struct Apex {
    /// Excludes names that do not end in a literal, such as `'callout:' + name`.
    pub callouts: Vec<Callout>,
    /// Its other endpoints, and its assertions.
    pub unit: ApexUnit,
    /// The byte ranges of all string literals, without their quotes.
    pub literals: Vec<Range<usize>>,
    pub secrets: Found,
}

/// Reads one class or trigger.
pub fn read(file: FileId, class: &str, text: &str, replaced: &[Range<usize>]) -> Apex {
    let tokens = lexer::tokens(text);
    let structure = Structure::new(text, &tokens);
    let code = Code { file, text, tokens: &tokens, structure: &structure };
    let (methods, in_test) = blocks::methods(&code);
    let secrets = secrets::read(code, class, &methods, &in_test, replaced);
    let reader = Reader { code, class, replaced, methods, in_test, branches: branches(&code) };
    let literals =
        tokens.iter().filter(|token| token.literal().is_some()).map(lexer::Token::range).collect();
    Apex { callouts: reader.callouts(), unit: reader.unit(), literals, secrets }
}

/// How many bytes are before `callout:` in a string: quotes, whitespace, slashes and another scheme, which do not belong
/// there. `None` if the string is not a callout.
fn before_scheme(text: &str) -> Option<usize> {
    let is_stray = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '/' | '\\' | '<' | '(' | '[')
    };
    let mut rest = text.trim_start_matches(is_stray);
    for scheme in ["https://", "http://"] {
        if rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            rest = &rest[scheme.len()..];
        }
    }
    rest.get(..SCHEME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
        .then(|| text.len() - rest.len())
}

struct Reader<'a> {
    code: Code<'a>,
    class: &'a str,
    replaced: &'a [Range<usize>],
    methods: Vec<Method>,
    /// Whether each token belongs to a test or a mock.
    in_test: Vec<bool>,
    /// The number of blocks and conditions that begin or end before each token.
    branches: Vec<usize>,
}

fn branches(code: &Code<'_>) -> Vec<usize> {
    let mut count = 0;
    let mut branches = Vec::with_capacity(code.tokens.len() + 1);
    branches.push(0);
    for at in 0..code.tokens.len() {
        let is_branch = ["{", "}"].iter().any(|mark| code.is_operator_at(at, mark))
            || ["if", "else"].iter().any(|word| code.is_word(at, word));
        count += usize::from(is_branch);
        branches.push(count);
    }
    branches
}

impl Reader<'_> {
    fn unit(&self) -> ApexUnit {
        let component = Component::new("ApexClass", self.class, Span::new(self.code.file, 0, 0));
        let mut unit = ApexUnit {
            component,
            endpoints: Vec::new(),
            own_org_paths: Vec::new(),
            certificates: Vec::new(),
            soap_login: self.soap_login(),
            audiences: Vec::new(),
            expiries: Vec::new(),
            exchange: None,
            identities: Vec::new(),
            request_texts: Vec::new(),
            encoded_merge_fields: Vec::new(),
            password_grants: Vec::new(),
        };
        for method in self.methods.iter().filter(|method| !method.test) {
            self.endpoints(method, &mut unit);
            self.certificates(method, &mut unit);
            assertions::read(&self.code, method, &mut unit);
            requests::read(&self.code, method, &mut unit);
            self.password_grants(method, &mut unit);
        }
        if unit.exchange.is_some() {
            unit.identities = self.identities();
        }
        let known = |text: Text| text.replaced_in(self.replaced);
        unit.endpoints = unit
            .endpoints
            .into_iter()
            .map(|endpoint| ApexEndpoint { url: known(endpoint.url), ..endpoint })
            .collect();
        unit.certificates.iter_mut().for_each(|certificate| {
            certificate.name = certificate.name.clone().replaced_in(self.replaced);
        });
        unit.own_org_paths = unit.own_org_paths.into_iter().map(known).collect();
        unit.request_texts.iter_mut().for_each(|request| {
            request.text = request.text.clone().replaced_in(self.replaced);
        });
        unit.audiences =
            unit.audiences.into_iter().map(|(text, argument)| (known(text), argument)).collect();
        if let Some(place) = unit
            .endpoints
            .first()
            .map(|endpoint| endpoint.url.span)
            .or(unit.expiries.first().copied())
            .or(unit.audiences.first().map(|(text, _)| text.span))
            .or(unit.own_org_paths.first().map(|text| text.span))
            .or(unit.certificates.first().map(|certificate| certificate.name.span))
            .or(unit.soap_login)
            .or(unit.request_texts.first().map(|request| request.text.span))
            .or(unit.encoded_merge_fields.first().map(|field| field.literal))
            .or(unit.password_grants.first().map(|grant| grant.place))
        {
            unit.component.place = place;
        }
        unit
    }

    /// Literals that are consumer keys or usernames.
    fn identities(&self) -> Vec<String> {
        let is_identity = |text: &str| {
            let text = text.trim();
            !text.contains(char::is_whitespace) && (text.starts_with("3MVG9") || text.contains('@'))
        };
        let tokens = self.code.tokens.iter().zip(&self.in_test);
        let literals = tokens.filter(|(_, in_test)| !**in_test);
        literals
            .filter_map(|(token, _)| token.literal())
            .filter(|text| is_identity(text))
            .map(|text| text.trim().to_ascii_lowercase())
            .collect()
    }

    fn callouts(&self) -> Vec<Callout> {
        let mut found = Vec::new();
        let mut taken = HashSet::new();
        for method in &self.methods {
            for sent in self.sent(method) {
                if let Some(first) = sent.value.first()
                    && let Some(callout) = self.callout(&sent.value, Some(&sent), method.test)
                {
                    taken.insert(first.start);
                    found.push(callout);
                }
            }
        }
        let none = Variables::default();
        for (at, token) in self.code.tokens.iter().enumerate() {
            let begins = token.literal().is_some_and(|text| before_scheme(text) == Some(0));
            if !begins
                || taken.contains(&token.range().start)
                || self.is_compared(at)
                || self.code.is_operator_at(at.wrapping_sub(1), "+")
            {
                continue;
            }
            let variables = self.method_of(at).map_or(&none, |method| &method.variables);
            let value = self
                .code
                .value(at..self.code.end_of_expression(at, self.code.tokens.len()), variables);
            let value =
                if value.starts_known() { value } else { self.code.value(at..at + 1, variables) };
            let test = self.in_test[at];
            found.extend(self.callout(&value, None, test));
        }
        found.sort_by_key(|callout| callout.name.span);
        found
    }

    /// Methods do not overlap.
    fn method_of(&self, at: usize) -> Option<&Method> {
        let next = self.methods.partition_point(|method| method.range.start <= at);
        self.methods[..next].last().filter(|method| method.range.contains(&at))
    }

    /// Splits `callout:Name/path`.
    fn callout(&self, value: &Value, sent: Option<&Sent>, in_test: bool) -> Option<Callout> {
        let text = value.text.as_str();
        // What is before the scheme is a mistake, which only a request proves: other strings quote callouts.
        let before = before_scheme(text).filter(|&before| before == 0 || sent.is_some())?;
        let start = before + SCHEME.len();
        let rest = &text[start..];
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (name, path) = rest.split_at(end);
        if name.trim().is_empty() || name.contains(['{', '\\', DYNAMIC_PART]) {
            return None;
        }
        let known = path.split(DYNAMIC_PART).next().unwrap_or_default();
        let split = start + end;
        let part =
            |range: Range<usize>| value.part(self.code.file, range).replaced_in(self.replaced);
        let name = part(start..split);
        Some(Callout {
            class: Component::new("ApexClass", self.class, name.span),
            path: known.to_owned(),
            path_text: (split < text.len()).then(|| part(split..text.len())),
            before_scheme: (before > 0).then(|| part(0..before)),
            sent: sent.is_some(),
            in_test,
            authorization: sent.and_then(|sent| sent.authorization),
            namespace: None,
            name,
        })
    }

    fn endpoints(&self, method: &Method, unit: &mut ApexUnit) {
        let url = |value: &Value| {
            let end = value.text.find(DYNAMIC_PART).unwrap_or(value.text.len());
            (value.starts_known() && before_scheme(&value.text).is_none())
                .then(|| value.part(self.code.file, 0..end))
        };
        for sent in self.sent(method) {
            unit.endpoints
                .extend(url(&sent.value).map(|url| ApexEndpoint { url, of_exchange: false }));
            unit.own_org_paths.extend(self.own_org_path(&sent, method));
        }
        for at in method.range.clone().filter(|&at| {
            self.code.is_word(at, "JWTBearerTokenExchange") && self.code.is_operator_at(at + 1, "(")
        }) {
            unit.exchange = unit.exchange.or(self.code.span(at..at + 1));
            let first = self.code.arguments(at + 1, method.range.end).into_iter().next();
            unit.endpoints.extend(
                first
                    .and_then(|first| url(&self.code.value(first, &method.variables)))
                    .map(|url| ApexEndpoint { url, of_exchange: true }),
            );
        }
    }

    /// The names of certificates in calls that sign or present one.
    fn certificates(&self, method: &Method, unit: &mut ApexUnit) {
        for at in method.range.clone().filter(|&at| self.code.is_operator_at(at + 1, "(")) {
            let Some((called, position)) =
                WITH_CERTIFICATE.iter().find(|(name, _)| self.code.is_word(at, name))
            else {
                continue;
            };
            let is_call = self.code.is_operator_at(at.wrapping_sub(1), ".");
            let arguments = self.code.arguments(at + 1, method.range.end);
            let Some(argument) = arguments.get(*position).filter(|_| is_call) else { continue };
            let value = self.code.value(argument.clone(), &method.variables);
            if value.starts_known() && !value.text.contains(DYNAMIC_PART) {
                unit.certificates.push(ApexCertificate {
                    name: value.part(self.code.file, 0..value.text.len()),
                    is_client: *called == SET_CLIENT_CERTIFICATE,
                });
            }
        }
    }

    /// The path after the URL of the own org: `URL.getOrgDomainUrl().toExternalForm() + '/services/…'`.
    fn own_org_path(&self, sent: &Sent, method: &Method) -> Option<Text> {
        let rest = sent.value.text.strip_prefix(DYNAMIC_PART)?;
        if !rest.starts_with('/') || !self.reads_own_url(&sent.argument, &method.variables) {
            return None;
        }
        let start = DYNAMIC_PART.len_utf8();
        let end = rest.find(DYNAMIC_PART).unwrap_or(rest.len());
        Some(sent.value.part(self.code.file, start..start + end))
    }

    /// Whether an expression starts with the URL of the own org, directly or through one variable.
    fn reads_own_url(&self, expression: &Range<usize>, variables: &Variables) -> bool {
        let first = |range: &Range<usize>| {
            range.start
                ..range.clone().find(|&at| self.code.is_operator_at(at, "+")).unwrap_or(range.end)
        };
        let reads = |range: &Range<usize>| {
            first(range).any(|at| OWN_URL.iter().any(|name| self.code.is_word(at, name)))
        };
        let operand = first(expression);
        let assigned = (operand.len() == 1)
            .then(|| self.code.tokens[operand.start].word(self.code.text))
            .flatten()
            .and_then(|name| variables.get(name));
        reads(expression) || assigned.is_some_and(|range| reads(&range))
    }

    /// The `<login>` element of a SOAP request to the partner or enterprise API.
    fn soap_login(&self) -> Option<Span> {
        memchr::memmem::find(self.code.text.as_bytes(), b".soap.sforce.com")?;
        let (mut in_soap, mut place) = (false, None);
        for (at, token) in self.code.tokens.iter().enumerate() {
            let Some(literal) = token.literal().filter(|_| !self.in_test[at]) else { continue };
            in_soap |= SOAP_NAMESPACES.iter().any(|namespace| {
                literal.match_indices(namespace).any(|(at, _)| literal[..at].ends_with(['"', '\'']))
            });
            if place.is_none() && opens_login(literal) {
                place = self.code.span(at..at + 1);
            }
        }
        place.filter(|_| in_soap)
    }

    /// `grant_type=password` in a method, with the endpoint that the method sets.
    fn password_grants(&self, method: &Method, unit: &mut ApexUnit) {
        let places = requests::password_grants(&self.code, method);
        if places.is_empty() {
            return;
        }
        let endpoint = match self.sent(method).as_slice() {
            [sent] if sent.value.starts_known() => {
                let end = sent.value.text.find(DYNAMIC_PART).unwrap_or(sent.value.text.len());
                Some(sent.value.part(self.code.file, 0..end).replaced_in(self.replaced))
            }
            _ => None,
        };
        let grants =
            places.into_iter().map(|place| PasswordGrant { place, endpoint: endpoint.clone() });
        unit.password_grants.extend(grants);
    }

    /// Every endpoint that is set in a method.
    fn sent(&self, method: &Method) -> Vec<Sent> {
        let calls = |name: &'static str| {
            method.range.clone().filter(move |&at| {
                self.code.is_word(at, name)
                    && self.code.is_operator_at(at + 1, "(")
                    && self.code.is_operator_at(at.wrapping_sub(1), ".")
            })
        };
        let receiver = |at: usize| {
            at.checked_sub(2)
                .and_then(|at| self.code.tokens[at].word(self.code.text))
                .map(str::to_ascii_lowercase)
        };
        let mut found: Vec<Sent> = Vec::new();
        // A variable can be reused for several requests, so a header is matched only if there is one `setEndpoint` for it.
        let mut of_request: HashMap<Option<String>, Option<usize>> = HashMap::new();
        for at in calls("setEndpoint") {
            let arguments = self.code.arguments(at + 1, method.range.end);
            let [argument] = arguments.as_slice() else { continue };
            let only = of_request.entry(receiver(at));
            only.and_modify(|only| *only = None).or_insert(Some(found.len()));
            found.push(Sent {
                value: self.code.value(argument.clone(), &method.variables),
                argument: argument.clone(),
                at,
                authorization: None,
            });
        }
        for at in calls("setHeader") {
            let arguments = self.code.arguments(at + 1, method.range.end);
            let Some(name) = arguments.first() else { continue };
            if !self
                .code
                .value(name.clone(), &method.variables)
                .text
                .trim()
                .eq_ignore_ascii_case("Authorization")
            {
                continue;
            }
            let request = receiver(at).filter(|_| !found.is_empty());
            let only =
                request.and_then(|request| of_request.get(&Some(request)).copied().flatten());
            if let Some(sent) = only.and_then(|only| found.get_mut(only))
                && self.same_block(sent.at, at, method)
            {
                sent.authorization = self.code.span(name.clone());
            }
        }
        found
    }

    /// Whether two tokens are in the same block, with no condition between them.
    fn same_block(&self, left: usize, right: usize, method: &Method) -> bool {
        let (start, end) = (left.min(right), left.max(right).min(method.range.end));
        start >= end || self.branches[start] == self.branches[end]
    }

    fn is_compared(&self, at: usize) -> bool {
        let word = |back: usize| {
            at.checked_sub(back).and_then(|at| self.code.tokens[at].word(self.code.text))
        };
        let call = self.code.is_operator_at(at.wrapping_sub(1), "(")
            && word(2)
                .is_some_and(|name| COMPARING.iter().any(|other| other.eq_ignore_ascii_case(name)));
        let operator = ["==", "!="].iter().any(|operator| {
            self.code.is_operator_at(at.wrapping_sub(1), operator)
                || self.code.is_operator_at(at + 1, operator)
        });
        call || operator
    }
}

/// One call of `setEndpoint`.
struct Sent {
    value: Value,
    /// The tokens of the argument.
    argument: Range<usize>,
    at: usize,
    /// `'Authorization'`, if the same request sets that header.
    authorization: Option<Span>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callouts(file: FileId, class: &str, text: &str, replaced: &[Range<usize>]) -> Vec<Callout> {
        read(file, class, text, replaced).callouts
    }

    fn unit(file: FileId, class: &str, text: &str, replaced: &[Range<usize>]) -> ApexUnit {
        read(file, class, text, replaced).unit
    }

    fn names(text: &str) -> Vec<String> {
        callouts(FileId(0), "X", text, &[])
            .into_iter()
            .map(|callout| format!("{}|{}", callout.name, callout.path))
            .collect()
    }

    #[test]
    fn literals_count_and_comments_do_not() {
        assert_eq!(
            names(
                "r.setEndpoint('callout:A/x'); // 'callout:B'\n/* 'callout:C' */ r.setEndpoint('CALLOUT:D?e=f');"
            ),
            ["A|/x", "D|?e=f"]
        );
    }

    #[test]
    fn names_that_are_put_together_are_left_out() {
        assert_eq!(names("'callout:' + name + '/x'"), [""; 0]);
        assert_eq!(names("'callout:A' + suffix"), [""; 0]);
        assert_eq!(names("'callout:{0}/x'"), [""; 0]);
        assert_eq!(names("'callout:A/' + path"), ["A|/"]);
        assert_eq!(names("String.format('callout:{0}/x', a)"), [""; 0]);
    }

    #[test]
    fn broken_apex_ends_quietly() {
        assert_eq!(names("'callout:A"), ["A|"]);
        assert_eq!(names("'\\"), [""; 0]);
        assert_eq!(names("/* never closed 'callout:A'"), [""; 0]);
        assert_eq!(names("'it\\'s' + 'callout:A/'"), [""; 0]);
        for text in [
            "class X { void m() { r.setEndpoint(",
            "}}}}",
            "((((",
            "class X { @IsTest",
            "= = =",
            "new Auth.JWTBearerTokenExchange(",
        ] {
            names(text);
            unit(FileId(0), "X", text, &[]);
        }
    }

    #[test]
    fn literals_and_variables_are_joined() {
        assert_eq!(
            names(
                "class X { void m() { String base = 'callout:' + 'A'; r.setEndpoint(base + '/x/' + id); } }"
            ),
            ["A|/x/"]
        );
        assert_eq!(
            names(
                "class X { static final String BASE = 'callout:A'; void m() { r.setEndpoint(BASE + '/x'); } }"
            ),
            ["A|/x"]
        );
        assert_eq!(
            names(
                "class X { void m() { String b = 'callout:A'; b = 'callout:B'; r.setEndpoint(b + 'C/x'); } }"
            ),
            ["A|", "B|"]
        );
        assert_eq!(
            names("class X { void m() { r.setEndpoint(String.format('callout:A/{0}/b', x)); } }"),
            ["A|/"]
        );
    }

    #[test]
    fn tests_mocks_and_comparisons_are_known() {
        let found = callouts(
            FileId(0),
            "X",
            "@IsTest class X { void m() { r.setEndpoint('callout:A'); } }",
            &[],
        );
        assert!(found.iter().all(|callout| callout.in_test && callout.sent));
        let found = callouts(
            FileId(0),
            "X",
            "class X { class M implements HttpCalloutMock { void m() { r.setEndpoint('callout:A'); } } void n() { r.setEndpoint('callout:B'); } }",
            &[],
        );
        assert_eq!(found.iter().map(|callout| callout.in_test).collect::<Vec<_>>(), [true, false]);
        assert_eq!(
            names("if (url.startsWith('callout:A')) {} if (url == 'callout:B') {}"),
            [""; 0]
        );
    }

    #[test]
    fn parts_of_a_name_know_their_bytes() {
        let text = "r.setEndpoint('callout: A /x');";
        let found = callouts(FileId(0), "X", text, &[]);
        assert_eq!(
            (&text[found[0].name.outer.range()], &text[found[0].name.span.range()]),
            (" A ", "A")
        );
        assert_eq!(found[0].path_text.as_ref().map(|path| &text[path.span.range()]), Some("/x"));
    }

    #[test]
    fn an_authorization_header_belongs_to_its_request() {
        let sent = |text: &str| {
            callouts(FileId(0), "X", &format!("class X {{ void m() {{ {text} }} }}"), &[])
                .iter()
                .filter(|callout| callout.authorization.is_some())
                .count()
        };
        assert_eq!(sent("r.setEndpoint('callout:A'); r.setHeader('authorization', x);"), 1);
        assert_eq!(sent("r.setEndpoint('callout:A'); s.setHeader('Authorization', x);"), 0);
        assert_eq!(
            sent("r.setEndpoint('callout:A'); if (b) { r.setHeader('Authorization', x); }"),
            0
        );
        assert_eq!(sent("r.setEndpoint('callout:A'); r.setHeader('Accept', x);"), 0);
    }

    #[test]
    fn milliseconds_and_audiences_are_seen() {
        let read =
            |text: &str| unit(FileId(0), "X", &format!("class X {{ void m() {{ {text} }} }}"), &[]);
        let count = |text: &str| read(text).expiries.len();
        assert_eq!(count("jwt.put('exp', System.now().getTime() + 300000);"), 1);
        assert_eq!(count("jwt.put('exp', System.now().getTime() / 1000 + 300);"), 0);
        assert_eq!(
            count(
                "Long exp = Datetime.now().addMinutes(3).getTime(); jwt.put('exp', String.valueOf(exp));"
            ),
            1
        );
        assert_eq!(
            count("Long exp = Datetime.now().getTime(); exp = exp / 1000; jwt.put('exp', exp);"),
            0
        );
        assert_eq!(
            count("jwt.put('exp', String.valueOf(System.now().getTime()).substring(0, 10));"),
            0
        );
        assert_eq!(count("jwt.put('exp', seconds(System.now().getTime()));"), 0);
        assert_eq!(
            count(
                "Map<String, Object> jwt = new Map<String, Object>{ 'iss' => key, 'exp' => System.now().getTime() };"
            ),
            1
        );
        assert_eq!(
            count("String jwt = '{\"iss\":\"a\",\"exp\":' + System.currentTimeMillis() + '}';"),
            1
        );
        assert_eq!(
            count(
                "String jwt = '{\"iss\":\"a\",\"exp\":' + (System.now().getTime() / 1000) + '}';"
            ),
            0
        );
        assert_eq!(count("m.put('exp', System.now().getTime());"), 0);
        let unit = read(
            "Auth.JWT jwt = new Auth.JWT(); jwt.setAud('https://login.salesforce.com/services/oauth2/token');",
        );
        assert_eq!(unit.audiences.len(), 1);
        assert!(read("new Auth.JWTBearerTokenExchange('https://a.my.salesforce.com/services/oauth2/token', jws);").exchange.is_some());
    }

    #[test]
    fn soap_logins_are_told_from_other_elements() {
        let login = |text: &str| {
            unit(FileId(0), "X", &format!("class X {{ String s = '{text}'; }}"), &[]).soap_login
        };
        for text in [
            "<login xmlns=\"urn:partner.soap.sforce.com\">",
            "<e:Body xmlns:u=\"urn:enterprise.soap.sforce.com\"><u:login>",
        ] {
            assert!(login(text).is_some(), "{text}");
        }
        for text in [
            "<login xmlns=\"urn:shop.example\"> see urn:partner.soap.sforce.com",
            "<loginResponse xmlns=\"urn:partner.soap.sforce.com\">",
            "</login> xmlns=\"urn:partner.soap.sforce.com\"",
            "login xmlns=\"urn:partner.soap.sforce.com\" <login",
        ] {
            assert!(login(text).is_none(), "{text}");
        }
    }

    #[test]
    fn paths_of_the_own_org_and_certificates_are_read() {
        let read =
            |text: &str| unit(FileId(0), "X", &format!("class X {{ void m() {{ {text} }} }}"), &[]);
        let paths = |text: &str| {
            read(text).own_org_paths.iter().map(|path| path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            paths("r.setEndpoint(URL.getOrgDomainUrl().toExternalForm() + '/services/a/' + id);"),
            ["/services/a/"]
        );
        assert_eq!(
            paths(
                "String b = Url.getSalesforceBaseUrl().toExternalForm(); r.setEndpoint(b + '/x');"
            ),
            ["/x"]
        );
        assert_eq!(paths("r.setEndpoint(base + '/x');"), [""; 0]);
        let certificates = |text: &str| {
            let names = |certificate: &ApexCertificate| certificate.name.to_string();
            read(text).certificates.iter().map(names).collect::<Vec<_>>()
        };
        assert_eq!(
            certificates(
                "new Auth.JWS(jwt, 'A'); Crypto.signWithCertificate('RSA-SHA256', x, 'B'); r.setClientCertificateName('C');"
            ),
            ["A", "B", "C"]
        );
        assert_eq!(certificates("new Auth.JWS(jwt, name); new JWS(jwt, 'A');"), [""; 0]);
    }
}
