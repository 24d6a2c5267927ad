//! One step of a trace: what is known, what is not, and what stops the callout there.

use crate::finding::Finding;
use crate::rule::{Rungs, Step as Kind};
use crate::source::{Place, Span};

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
pub struct Stop<'a> {
    pub finding: &'a Finding,
    /// An allow covers it: it is not reported, and fails all the same.
    pub allowed: bool,
    /// Whether the callout surely ends there.
    pub surely: bool,
}

/// One step.
#[derive(Debug)]
pub struct Step<'a> {
    pub kind: Kind,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub stops: Vec<Stop<'a>>,
    /// Of the answering org only.
    pub rungs: Vec<Rung<'a>>,
}

/// One of the checks of the answering org.
#[derive(Debug)]
pub struct Rung<'a> {
    pub kind: Rungs,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub stops: Vec<Stop<'a>>,
}

fn state(stops: &[Stop<'_>], unknowns: &[Unknown]) -> State {
    if stops.iter().any(|stop| stop.surely) {
        State::Fails
    } else if !stops.is_empty() || !unknowns.is_empty() {
        State::Unknown
    } else {
        State::Ok
    }
}

impl Rung<'_> {
    pub fn state(&self) -> State {
        state(&self.stops, &self.unknowns)
    }
}

impl<'a> Step<'a> {
    pub(super) fn new(kind: Kind, stops: Vec<Stop<'a>>) -> Step<'a> {
        Step { kind, facts: Vec::new(), unknowns: Vec::new(), stops, rungs: Vec::new() }
    }

    pub fn state(&self) -> State {
        let own = state(&self.stops, &self.unknowns);
        let rungs = || self.rungs.iter().map(Rung::state);
        if own == State::Fails || rungs().any(|state| state == State::Fails) {
            State::Fails
        } else if own == State::Unknown || rungs().any(|state| state == State::Unknown) {
            State::Unknown
        } else {
            State::Ok
        }
    }

    /// Everything that concerns it, the rungs' included.
    pub fn all_stops(&self) -> impl Iterator<Item = &Stop<'a>> {
        self.stops.iter().chain(self.rungs.iter().flat_map(|rung| &rung.stops))
    }

    pub fn all_unknowns(&self) -> impl Iterator<Item = &Unknown> {
        self.unknowns.iter().chain(self.rungs.iter().flat_map(|rung| &rung.unknowns))
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Place) {
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
    pub(super) fn unsaid(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.unknowns.push(Unknown { what: what.into(), how: some(how), decides: false });
    }
}

impl<'a> Rung<'a> {
    pub(super) fn new(kind: Rungs, stops: Vec<Stop<'a>>) -> Rung<'a> {
        Rung { kind, facts: Vec::new(), unknowns: Vec::new(), stops }
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Place) {
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
