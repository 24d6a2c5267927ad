//! One step of a trace: what is known, what is not, and what stops the callout there.

use crate::finding::Finding;
use crate::rule::{Step as Kind, TokenCheck};
use crate::source::{Span, Spanned};

/// What comes of a step, as far as files tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    Fails,
    Unknown,
}

/// Something that was read, and where.
#[derive(Clone, Debug)]
pub struct Fact {
    pub text: String,
    pub place: Option<Span>,
}

/// What cannot be said, and what would make it known.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Goes on from "cannot be said: ".
    pub what: String,
    pub how: Option<String>,
    /// Whether the verdict hangs on it.
    pub decides: bool,
}

/// A finding that concerns the callout.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    pub finding: &'a Finding,
    /// An allow covers it: it is not reported, and fails all the same.
    pub allowed: bool,
    /// Whether the callout surely ends there.
    pub certain: bool,
}

/// One step.
#[derive(Debug)]
pub struct Step<'a> {
    pub kind: Kind,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub stops: Vec<Failure<'a>>,
    /// Of the answering org only.
    pub checks: Vec<Check<'a>>,
}

/// One of the checks of the answering org.
#[derive(Debug)]
pub struct Check<'a> {
    pub kind: TokenCheck,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub stops: Vec<Failure<'a>>,
}

fn state(stops: &[Failure<'_>], unknowns: &[Unknown]) -> State {
    if stops.iter().any(|stop| stop.certain) {
        State::Fails
    } else if !stops.is_empty() || !unknowns.is_empty() {
        State::Unknown
    } else {
        State::Ok
    }
}

impl Check<'_> {
    pub fn state(&self) -> State {
        state(&self.stops, &self.unknowns)
    }
}

impl<'a> Step<'a> {
    pub(super) fn new(kind: Kind, stops: Vec<Failure<'a>>) -> Step<'a> {
        Step { kind, facts: Vec::new(), unknowns: Vec::new(), stops, checks: Vec::new() }
    }

    pub fn state(&self) -> State {
        let own = state(&self.stops, &self.unknowns);
        let checks = || self.checks.iter().map(Check::state);
        if own == State::Fails || checks().any(|state| state == State::Fails) {
            State::Fails
        } else if own == State::Unknown || checks().any(|state| state == State::Unknown) {
            State::Unknown
        } else {
            State::Ok
        }
    }

    /// Everything that concerns it, the checks' included.
    pub fn all_stops(&self) -> impl Iterator<Item = &Failure<'a>> {
        self.stops.iter().chain(self.checks.iter().flat_map(|check| &check.stops))
    }

    pub fn all_unknowns(&self) -> impl Iterator<Item = &Unknown> {
        self.unknowns.iter().chain(self.checks.iter().flat_map(|check| &check.unknowns))
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Spanned) {
        self.facts.push(Fact { text: text.into(), place: Some(place.span()) });
    }

    /// What follows from no one place.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.facts.push(Fact { text: text.into(), place: None });
    }

    /// What the verdict hangs on.
    pub(super) fn unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.unknowns.push(Unknown { what: what.into(), how: some(how), decides: true });
    }

    /// What would be good to know.
    pub(super) fn note_unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.unknowns.push(Unknown { what: what.into(), how: some(how), decides: false });
    }
}

impl<'a> Check<'a> {
    pub(super) fn new(kind: TokenCheck, stops: Vec<Failure<'a>>) -> Check<'a> {
        Check { kind, facts: Vec::new(), unknowns: Vec::new(), stops }
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Spanned) {
        self.facts.push(Fact { text: text.into(), place: Some(place.span()) });
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.facts.push(Fact { text: text.into(), place: None });
    }

    /// What a finding already says need not be said again.
    pub(super) fn unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        if self.stops.is_empty() {
            self.unknowns.push(Unknown { what: what.into(), how: some(how), decides: true });
        }
    }
}

fn some(how: impl Into<String>) -> Option<String> {
    Some(how.into()).filter(|how| !how.is_empty())
}
