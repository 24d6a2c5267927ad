//! Summarizes the events of a log: counts equal answers, finds the credential that each is about,
//! and separates the answers to attempts that the user did not make.

use std::collections::{HashMap, HashSet};

use super::matcher::{Event, EventKind, LoginAttempt, Message};
use super::patterns::PATTERNS;
use super::{Dropped, Reading, Recognized, Transport, TransportKind};
use crate::explain::FlowFamily;

/// How many different answers are kept: a log can be made to contain any number.
const MAX_ANSWERS: usize = 60;
const MAX_UNKNOWN_ERRORS: usize = 10;

/// Lines between the attempts of one login.
const ATTEMPT_DISTANCE: u64 = 3;

/// Lines between a request or command and its error.
const FLOW_DISTANCE: u64 = 40;

#[derive(Debug, Default)]
pub(super) struct Aggregate {
    reading: Reading,
    /// The entries of each answer.
    known: HashMap<usize, Known>,
    /// The text of each unknown error.
    unknown: HashSet<String>,
    /// The last callout of the current transaction.
    called: Option<String>,
    /// The answer to the first attempt of a login, and the line of the last attempt.
    login: Option<(usize, u64)>,
    /// The last flow that was named in the current transaction, and the line.
    flow: Option<(FlowFamily, u64)>,
}

/// The positions in the reading of the entries for one answer.
#[derive(Debug)]
struct Known {
    first: usize,
    /// By credential, in lowercase.
    by_credential: HashMap<String, usize>,
}

impl Aggregate {
    pub fn add(&mut self, event: Event<'_>) {
        match event.kind {
            EventKind::Transaction => {
                self.called = None;
                self.flow = None;
            }
            EventKind::Callout(name) => self.called = Some(name.to_owned()),
            EventKind::Flow(flow) => self.flow = Some((flow, event.line)),
            EventKind::Answer { answer, credential, attempt, flows, message } => {
                let is_fallback = match attempt {
                    Some(attempt) => {
                        let previous = self.login.filter(|(_, line)| {
                            event.line.saturating_sub(*line) <= ATTEMPT_DISTANCE
                        });
                        let first = previous.map_or(answer, |(first, _)| first);
                        self.login = Some((first, event.line));
                        if first != answer {
                            self.drop(answer, attempt, &message);
                            return;
                        }
                        attempt.is_mixed()
                    }
                    None => {
                        self.login = None;
                        false
                    }
                };
                let credential = credential.or_else(|| self.called.clone());
                let flows = if flows.is_empty() { self.nearby_flow(event.line) } else { flows };
                self.recognize(answer, credential, &flows, is_fallback, &message);
            }
            EventKind::Transport(kind) => self.transport(kind, event.line),
            EventKind::UnknownError(message) => self.unknown_error(&message),
        }
    }

    fn recognize(
        &mut self,
        answer: usize,
        credential: Option<String>,
        flows: &[FlowFamily],
        is_fallback: bool,
        message: &Message<'_>,
    ) {
        if let Some(index) = self.find(answer, credential.as_deref()) {
            let known = &mut self.reading.answers[index];
            known.count += 1;
            known.is_fallback &= is_fallback;
            let more = flows.iter().filter(|flow| !known.flows.contains(flow)).copied();
            let more: Vec<FlowFamily> = more.collect();
            known.flows.extend(more);
            if known.credential.is_none() {
                known.credential = credential;
                self.register(answer, index);
            }
        } else if self.reading.answers.len() < MAX_ANSWERS {
            self.reading.answers.push(Recognized {
                answer: PATTERNS.answers[answer].name,
                excerpt: message.excerpt(),
                count: 1,
                credential,
                flows: flows.to_vec(),
                is_fallback,
            });
            self.register(answer, self.reading.answers.len() - 1);
        } else {
            self.reading.more += 1;
        }
    }

    /// The flow of the last request or command, unless it is too far away.
    fn nearby_flow(&self, line: u64) -> Vec<FlowFamily> {
        let near = |seen: &(FlowFamily, u64)| line.saturating_sub(seen.1) <= FLOW_DISTANCE;
        self.flow.filter(near).map(|(flow, _)| flow).into_iter().collect()
    }

    /// The entry for an answer about a credential. An answer without a credential may be about any.
    fn find(&self, answer: usize, credential: Option<&str>) -> Option<usize> {
        let known = self.known.get(&answer)?;
        match credential {
            Some(name) if self.reading.answers[known.first].credential.is_some() => {
                known.by_credential.get(&name.to_ascii_lowercase()).copied()
            }
            _ => Some(known.first),
        }
    }

    fn register(&mut self, answer: usize, index: usize) {
        let known = self
            .known
            .entry(answer)
            .or_insert_with(|| Known { first: index, by_credential: HashMap::new() });
        if let Some(name) = &self.reading.answers[index].credential {
            known.by_credential.insert(name.to_ascii_lowercase(), index);
        }
    }

    fn drop(&mut self, answer: usize, attempt: LoginAttempt, message: &Message<'_>) {
        let answer = PATTERNS.answers[answer].name;
        let dropped = &mut self.reading.dropped;
        let is_known =
            dropped.iter().any(|known| known.answer == answer && known.attempt == attempt);
        if !is_known && dropped.len() < MAX_ANSWERS {
            dropped.push(Dropped { answer, excerpt: message.excerpt(), attempt });
        }
    }

    fn transport(&mut self, kind: TransportKind, line: u64) {
        match self.reading.transport.iter_mut().find(|known| known.kind == kind) {
            Some(known) => known.count += 1,
            None => self.reading.transport.push(Transport { kind, line, count: 1 }),
        }
    }

    fn unknown_error(&mut self, message: &Message<'_>) {
        if self.unknown.contains(message.text()) {
            return;
        }
        if self.unknown.len() < MAX_UNKNOWN_ERRORS {
            self.unknown.insert(message.text().to_owned());
            self.reading.unrecognized.push(message.excerpt());
        } else {
            self.reading.more_unrecognized += 1;
        }
    }

    /// The answers so far, in the order of their first lines. The first ones never change places.
    pub fn answers(&self) -> &[Recognized] {
        &self.reading.answers
    }

    pub fn finish(self, bytes: u64, work: u64) -> Reading {
        Reading { bytes, work, ..self.reading }
    }
}

impl LoginAttempt {
    /// Whether it combines the login host of production with the audience of sandboxes, or the
    /// other way around. Only the Salesforce CLI does that, as a fallback.
    pub fn is_mixed(&self) -> bool {
        #[derive(PartialEq)]
        enum Environment {
            Production,
            Sandbox,
        }
        let environment = |url: &str| {
            let host = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            match host.to_ascii_lowercase().as_str() {
                "login.salesforce.com" => Some(Environment::Production),
                "test.salesforce.com" => Some(Environment::Sandbox),
                _ => None,
            }
        };
        match (environment(&self.audience), environment(&self.login)) {
            (Some(audience), Some(login)) => audience != login,
            _ => false,
        }
    }
}
