//! Labels of a trace, and the redaction of its texts: shared by its formats.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::Style;
use super::paint::{GREEN, RED, YELLOW};
use super::redact::redact;
use crate::rule::Step as Kind;
use crate::source::{FileId, Sources, Span};
use crate::trace::{Entry, Reason, Rungs, State, Value, Verdict};

/// Keeps secrets out of a trace.
pub(super) struct Redactor<'s> {
    pub sources: &'s Sources,
    /// The secrets of each file, searched together.
    secrets: RefCell<HashMap<FileId, Option<Rc<AhoCorasick>>>>,
}

/// The password before a host.
static USER_INFO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(://)[^/\s@]+@").expect("a constant pattern"));

/// Bytes of a secret that is looked for in other texts; a shorter one may be an ordinary word.
const SHORTEST_SECRET: usize = 4;

impl<'s> Redactor<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Redactor { sources, secrets: RefCell::new(HashMap::new()) }
    }

    /// Text without secrets: those of the file at `place`, and those recognized by shape.
    pub fn text(&self, text: &str, place: Option<Span>) -> String {
        let known = place.and_then(|place| self.secrets_of(place.file));
        let text = match known {
            Some(secrets) => {
                let mut result = String::with_capacity(text.len());
                secrets.replace_all_with(text, &mut result, |_, _, result| {
                    result.push_str("••••••");
                    true
                });
                result
            }
            None => text.to_owned(),
        };
        USER_INFO.replace_all(&redact(&text), "$1••••••@").into_owned()
    }

    fn secrets_of(&self, file: FileId) -> Option<Rc<AhoCorasick>> {
        let mut secrets = self.secrets.borrow_mut();
        secrets
            .entry(file)
            .or_insert_with(|| {
                let values: Vec<&str> = self
                    .sources
                    .concealed(file)
                    .iter()
                    .filter_map(|span| self.sources.get(span.file).text().get(span.range()))
                    .map(str::trim)
                    .filter(|secret| secret.len() >= SHORTEST_SECRET)
                    .collect();
                let mut builder = AhoCorasick::builder();
                let builder = builder.match_kind(MatchKind::LeftmostLongest);
                (!values.is_empty()).then(|| builder.build(values).ok().map(Rc::new)).flatten()
            })
            .clone()
    }

    /// The value of a claim.
    pub fn value(&self, entry: &Entry) -> Value {
        match &entry.value {
            Value::Text(text) => Value::Text(self.text(text, entry.place)),
            Value::List(list) => {
                Value::List(list.iter().map(|text| self.text(text, entry.place)).collect())
            }
            Value::Number(number) => Value::Number(*number),
        }
    }
}

/// The name of a step in JSON.
pub(super) fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "caller",
        Kind::NamedCredential => "named-credential",
        Kind::Access => "access",
        Kind::ExternalCredential => "external-credential",
        Kind::Signing => "signing",
        Kind::Request => "request",
        Kind::Spoke => "spoke",
        Kind::Call => "call",
        Kind::Component => "component",
    }
}

pub(super) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "caller and running user",
        Kind::NamedCredential => "named credential",
        Kind::Access => "access to the principal",
        Kind::ExternalCredential => "external credential",
        Kind::Signing => "signature",
        Kind::Request => "token request",
        Kind::Spoke => "target org",
        Kind::Call => "callout",
        Kind::Component => "",
    }
}

pub(super) fn number(kind: Kind) -> usize {
    match kind {
        Kind::Caller => 1,
        Kind::NamedCredential => 2,
        Kind::Access => 3,
        Kind::ExternalCredential => 4,
        Kind::Signing => 5,
        Kind::Request => 6,
        Kind::Spoke => 7,
        Kind::Call | Kind::Component => 8,
    }
}

/// The verdict in one line.
pub(super) fn headline(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Issued => "A token would be issued, as far as the files show".to_owned(),
        Verdict::NoExchange => {
            "This flow exchanges no token, and nothing in the files stops the callout".to_owned()
        }
        Verdict::Unknown { reasons } => {
            let unknown: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
            format!("Unknown: {}", unknown.join("; "))
        }
        Verdict::Fails { step, rung, answer, before, .. } => {
            let failure = failure(*step, *rung, before);
            match answer {
                Some(answer) => {
                    format!("{failure}: \"{}\"", answer.head.says.trim_end_matches('.'))
                }
                None => failure,
            }
        }
    }
}

/// `Fails at step 7 (target org: audience), if steps 1 and 3 pass`.
pub(super) fn failure(step: Kind, check: Option<Rungs>, unknown: &[Reason]) -> String {
    let check = check.map_or(String::new(), |check| format!(": {}", check.name()));
    let mut steps: Vec<usize> = unknown
        .iter()
        .map(|reason| number(reason.step))
        .filter(|earlier| *earlier != number(step))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let condition = match steps.as_slice() {
        [] if unknown.is_empty() => String::new(),
        [] => ", if the checks before it pass".to_owned(),
        [one] => format!(", if step {one} passes"),
        [several @ .., last] => format!(", if steps {} and {last} pass", several.join(", ")),
    };
    format!("Fails at step {} ({}{check}){condition}", number(step), title(step))
}

pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Fails => "fails",
        State::Unknown => "unknown",
    }
}

pub(super) fn sign(state: State, style: Style) -> &'static str {
    match (state, style.unicode) {
        (State::Ok, true) => "✓",
        (State::Ok, false) => "+",
        (State::Fails, true) => "✗",
        (State::Fails, false) => "x",
        (State::Unknown, _) => "?",
    }
}

pub(super) fn color(state: State) -> anstyle::Style {
    match state {
        State::Ok => GREEN,
        State::Fails => RED,
        State::Unknown => YELLOW,
    }
}
