//! One step of a trace: its facts, its unknowns, and the findings that make it fail.

use std::fmt::Display;

use crate::finding::Finding;
use crate::rule::{Step as Kind, TokenCheck};
use crate::source::{Span, Spanned, Text};

/// The maximum number of entries of a list, and of findings of one rule, that a step shows; the others are counted. A
/// component can be shared by many callouts, and each of their traces repeats its lists.
pub const MAX_LISTED: usize = 20;

/// So many of the others are counted.
const MAX_COUNTED: usize = 100;
/// The number of users to list; the rest are only counted.
pub const MAX_USERS: usize = 20;

/// `3 more headers`, for what is left of a list.
fn more(rest: impl Iterator) -> Option<String> {
    match rest.take(MAX_COUNTED + 1).count() {
        0 => None,
        count if count > MAX_COUNTED => Some(format!("more than {MAX_COUNTED} more")),
        count => Some(format!("{count} more")),
    }
}

/// The entries of a list, joined.
pub fn listed(entries: impl IntoIterator<Item: Display>, separator: &str) -> String {
    let mut entries = entries.into_iter();
    let mut text = String::new();
    for (index, entry) in entries.by_ref().take(MAX_LISTED).enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(&entry.to_string());
    }
    match more(entries) {
        None => text,
        Some(more) => format!("{text}, and {more}"),
    }
}

/// The result of a step or check, as far as the files show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    Fails,
    Unknown,
    /// An earlier step or check fails.
    NotReached,
    /// The flow does not have this step.
    NotApplicable,
}

/// Something the files state, with its place.
#[derive(Clone, Debug)]
pub struct Fact {
    pub text: String,
    pub place: Option<Span>,
}

/// Something the files do not determine, and how to find out.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Printed after "unknown: ".
    pub what: String,
    pub how: Option<String>,
    /// Whether the verdict depends on it.
    pub decides: bool,
}

/// A finding that concerns the callout.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    pub finding: &'a Finding,
    /// An allow or the baseline suppresses the finding. The callout fails all the same.
    pub allowed: bool,
    /// Whether the callout certainly fails because of it, rather than possibly.
    pub certain: bool,
    /// Further findings like it that are not listed: of the same rule, with the same effect on the callout.
    pub more: usize,
}

/// One of the eight steps of a callout.
#[derive(Debug)]
pub struct Step<'a> {
    pub kind: Kind,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub failures: Vec<Failure<'a>>,
    /// The checks of the target org; empty for every other step.
    pub checks: Vec<Check<'a>>,
    /// Whether the flow has this step.
    pub applies: bool,
    /// Whether no earlier step fails.
    pub reached: bool,
}

/// One of the checks that the target org makes before it issues a token.
#[derive(Debug)]
pub struct Check<'a> {
    pub kind: TokenCheck,
    pub facts: Vec<Fact>,
    pub unknowns: Vec<Unknown>,
    pub failures: Vec<Failure<'a>>,
    /// Whether no earlier check fails.
    pub reached: bool,
}

/// The state of a part without a failing part before it. `Ok` needs evidence: at least one fact.
fn state_of(failures: &[Failure<'_>], unknowns: &[Unknown], has_evidence: bool) -> State {
    if failures.iter().any(|failure| failure.certain) {
        State::Fails
    } else if !failures.is_empty() || !unknowns.is_empty() || !has_evidence {
        State::Unknown
    } else {
        State::Ok
    }
}

impl Check<'_> {
    pub fn state(&self) -> State {
        match state_of(&self.failures, &self.unknowns, !self.facts.is_empty()) {
            State::Fails => State::Fails,
            _ if !self.reached => State::NotReached,
            state => state,
        }
    }

    /// Whether the verdict depends on something that the files do not determine.
    fn is_undecided(&self) -> bool {
        !self.failures.is_empty() || self.unknowns.iter().any(|unknown| unknown.decides)
    }
}

impl<'a> Step<'a> {
    /// The state of the step without its checks.
    pub fn own_state(&self) -> State {
        match state_of(&self.failures, &self.unknowns, !self.facts.is_empty()) {
            State::Fails => State::Fails,
            _ if !self.reached => State::NotReached,
            _ if !self.applies => State::NotApplicable,
            state => state,
        }
    }

    pub(super) fn new(kind: Kind, failures: Vec<Failure<'a>>) -> Step<'a> {
        Step {
            kind,
            facts: Vec::new(),
            unknowns: Vec::new(),
            failures,
            checks: Vec::new(),
            applies: true,
            reached: true,
        }
    }

    pub fn state(&self) -> State {
        let has_evidence =
            !self.facts.is_empty() || self.checks.iter().any(|check| check.state() == State::Ok);
        let own_state = state_of(&self.failures, &self.unknowns, has_evidence);
        if own_state == State::Fails
            || self.checks.iter().any(|check| check.state() == State::Fails)
        {
            State::Fails
        } else if !self.reached {
            State::NotReached
        } else if !self.applies {
            State::NotApplicable
        } else if own_state == State::Unknown || self.checks.iter().any(Check::is_undecided) {
            State::Unknown
        } else {
            State::Ok
        }
    }

    /// Marks what comes after a failing check of the step as not reached. What its own evidence proves stays, unless the
    /// app itself is not found.
    pub(super) fn stop_after_failing_check(&mut self) {
        let Some(failing) = self.checks.iter().position(|check| check.state() == State::Fails)
        else {
            return;
        };
        let stops_all = self.checks[failing].kind == TokenCheck::App;
        for check in &mut self.checks[failing + 1..] {
            check.reached = check.state() == State::Ok && !stops_all;
        }
    }

    /// Marks the step as not reached.
    pub(super) fn stop(&mut self) {
        self.reached = false;
        for check in &mut self.checks {
            check.reached = false;
        }
    }

    /// Says that the flow does not have this step.
    pub(super) fn does_not_apply(mut self, text: impl Into<String>) -> Self {
        if self.failures.is_empty() {
            self.note(text);
            self.applies = false;
        }
        self
    }

    /// The failures of the step and of its checks.
    pub fn all_failures(&self) -> impl Iterator<Item = &Failure<'a>> {
        self.failures.iter().chain(self.checks.iter().flat_map(|check| &check.failures))
    }

    /// The unknowns of the step and of its checks.
    pub fn all_unknowns(&self) -> impl Iterator<Item = &Unknown> {
        self.unknowns.iter().chain(self.checks.iter().flat_map(|check| &check.unknowns))
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Spanned) {
        self.facts.push(Fact { text: text.into(), place: Some(place.span()) });
    }

    /// Adds the facts of a list.
    pub(super) fn facts<'t>(
        &mut self,
        plural: &str,
        facts: impl IntoIterator<Item = (String, &'t Text)>,
    ) {
        let mut facts = facts.into_iter();
        for (text, place) in facts.by_ref().take(MAX_LISTED) {
            self.fact(text, place);
        }
        if let Some(more) = more(facts) {
            self.note(format!("and {more} {plural}"));
        }
    }

    /// Adds a fact that has no single place.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.facts.push(Fact { text: text.into(), place: None });
    }

    /// Adds an unknown that the verdict depends on.
    pub(super) fn unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.unknowns.push(Unknown { what: what.into(), how: non_empty(how), decides: true });
    }

    /// Adds an unknown that does not affect the verdict.
    pub(super) fn note_unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.unknowns.push(Unknown { what: what.into(), how: non_empty(how), decides: false });
    }
}

impl<'a> Check<'a> {
    pub(super) fn new(kind: TokenCheck, failures: Vec<Failure<'a>>) -> Check<'a> {
        Check { kind, facts: Vec::new(), unknowns: Vec::new(), failures, reached: true }
    }

    pub(super) fn fact(&mut self, text: impl Into<String>, place: &impl Spanned) {
        self.facts.push(Fact { text: text.into(), place: Some(place.span()) });
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.facts.push(Fact { text: text.into(), place: None });
    }

    /// Adds an unknown that does not affect the verdict.
    pub(super) fn note_unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        if self.failures.is_empty() {
            self.unknowns.push(Unknown { what: what.into(), how: non_empty(how), decides: false });
        }
    }

    /// Adds an unknown, unless a finding already explains why the check fails.
    pub(super) fn unknown(&mut self, what: impl Into<String>, how: impl Into<String>) {
        if self.failures.is_empty() {
            self.unknowns.push(Unknown { what: what.into(), how: non_empty(how), decides: true });
        }
    }
}

fn non_empty(how: impl Into<String>) -> Option<String> {
    Some(how.into()).filter(|how| !how.is_empty())
}
