//! The words and signs of a trace, and what keeps secrets out of it: shared by its formats.

use std::sync::LazyLock;

use regex::Regex;

use super::Style;
use super::harmless::without_secrets;
use crate::rule::Step as Kind;
use crate::source::{Sources, Span};
use crate::trace::{Entry, Reason, State, TokenCheck, Value, Verdict};

/// What keeps secrets out of anything that is shown.
pub(super) struct Cover<'s> {
    pub sources: &'s Sources,
}

/// Name and password before a host.
static USER_INFO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(://)[^/\s@]+@").expect("a constant pattern"));

impl Cover<'_> {
    /// A text without secrets: those of the file at `place`, and what has their shape.
    pub fn text(&self, text: &str, place: Option<Span>) -> String {
        let mut text = text.to_owned();
        for span in place.iter().flat_map(|place| self.sources.concealed(place.file)) {
            let secret = self
                .sources
                .get(span.file)
                .text()
                .get(span.range())
                .map(str::trim)
                .filter(|secret| secret.len() >= 4);
            if let Some(secret) = secret.filter(|secret| text.contains(secret)) {
                text = text.replace(secret, "••••••");
            }
        }
        let text = without_secrets(&text);
        USER_INFO.replace_all(&text, "$1••••••@").into_owned()
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

/// The name of a step for machines.
pub(super) fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "caller",
        Kind::NamedCredential => "named-credential",
        Kind::Access => "access",
        Kind::ExternalCredential => "external-credential",
        Kind::SigningUse => "signing",
        Kind::Request => "request",
        Kind::TargetOrg => "target-org",
        Kind::Call => "call",
        Kind::Component => "component",
    }
}

pub(super) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Caller => "what calls, and as whom",
        Kind::NamedCredential => "the named credential",
        Kind::Access => "the running user may use it",
        Kind::ExternalCredential => "the external credential",
        Kind::SigningUse => "the signature",
        Kind::Request => "the request for a token",
        Kind::TargetOrg => "the answering org",
        Kind::Call => "the token, and the call",
        Kind::Component => "",
    }
}

pub(super) fn number(kind: Kind) -> usize {
    match kind {
        Kind::Caller => 1,
        Kind::NamedCredential => 2,
        Kind::Access => 3,
        Kind::ExternalCredential => 4,
        Kind::SigningUse => 5,
        Kind::Request => 6,
        Kind::TargetOrg => 7,
        Kind::Call | Kind::Component => 8,
    }
}

/// What comes of it, in one line.
pub(super) fn headline(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Issued => "a token would be issued, as far as files can tell".to_owned(),
        Verdict::NoExchange => {
            "no token is exchanged in this flow, and nothing in these files stops the call"
                .to_owned()
        }
        Verdict::Unknown { reasons } => {
            let whats: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
            format!("cannot be said: {}", whats.join("; "))
        }
        Verdict::Fails { step, check, answer, before, .. } => {
            let failure = failure(*step, *check, before);
            match answer {
                Some(answer) => {
                    format!("{failure}: \"{}\"", answer.head.says.trim_end_matches('.'))
                }
                None => failure,
            }
        }
    }
}

pub(super) fn failure(step: Kind, check: Option<TokenCheck>, before: &[Reason]) -> String {
    let check = check.map_or(String::new(), |check| format!(" ({})", check.name()));
    let far = if before.is_empty() { "" } else { "if it gets that far, " };
    format!("{far}it fails at step {}, {}{check}", number(step), title(step))
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

pub(super) fn color(state: State) -> &'static str {
    match state {
        State::Ok => "32",
        State::Fails => "31",
        State::Unknown => "33",
    }
}

pub(super) fn bold(state: State) -> &'static str {
    match state {
        State::Ok => "1;32",
        State::Fails => "1;31",
        State::Unknown => "1;33",
    }
}
