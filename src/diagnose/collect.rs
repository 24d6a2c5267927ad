//! Puts together what was met in a log: equal answers are one, each is given the credential that it is about, and artefacts are dropped.

use super::book::BOOK;
use super::look::{Event, Tried};
use super::{Dropped, Passage, Reading, Recognised};

/// Answers, and texts of errors, that are told apart: a log can be made to hold any number.
const MOST: usize = 60;
const MOST_UNKNOWN: usize = 10;

/// Lines between the tries of one login.
const TRIES: u64 = 3;

#[derive(Debug, Default)]
pub(super) struct Collector {
    reading: Reading,
    /// What the current transaction called last.
    called: Option<String>,
    /// The answer to the first try of a login, and the line of the last one.
    login: Option<(usize, u64)>,
}

impl Collector {
    pub fn add(&mut self, event: Event) {
        match event {
            Event::Transaction => self.called = None,
            Event::Callout(name) => self.called = Some(name),
            Event::Answer { answer, credential, passage, tried } => {
                let is_fallback = match tried {
                    Some(tried) => {
                        let later = self.login.is_some_and(|(first, line)| {
                            passage.line.saturating_sub(line) <= TRIES && first != answer
                        });
                        let first = self
                            .login
                            .filter(|(_, line)| passage.line.saturating_sub(*line) <= TRIES)
                            .map_or(answer, |(first, _)| first);
                        self.login = Some((first, passage.line));
                        if later {
                            self.drop(answer, passage, tried);
                            return;
                        }
                        tried.is_mixed()
                    }
                    None => {
                        self.login = None;
                        false
                    }
                };
                self.recognise(answer, credential, passage, is_fallback);
            }
            Event::Unknown(passage) => self.unknown(passage),
        }
    }

    fn recognise(
        &mut self,
        answer: usize,
        credential: Option<String>,
        passage: Passage,
        is_fallback: bool,
    ) {
        let Some(name) = BOOK.answers.get(answer).map(|answer| answer.name) else { return };
        let credential = credential.or_else(|| self.called.clone());
        let same = |known: &&mut Recognised| {
            let alike = match (&known.credential, &credential) {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                (None, _) | (_, None) => true,
            };
            known.answer == name && alike
        };
        if let Some(known) = self.reading.answers.iter_mut().find(same) {
            known.count += 1;
            known.credential = known.credential.take().or(credential);
            known.is_fallback &= is_fallback;
        } else if self.reading.answers.len() < MOST {
            self.reading.answers.push(Recognised {
                answer: name,
                passage,
                count: 1,
                credential,
                is_fallback,
            });
        } else {
            self.reading.more += 1;
        }
    }

    fn drop(&mut self, answer: usize, passage: Passage, tried: Tried) {
        let Some(name) = BOOK.answers.get(answer).map(|answer| answer.name) else { return };
        let known =
            self.reading.dropped.iter().any(|known| known.answer == name && known.tried == tried);
        if !known && self.reading.dropped.len() < MOST {
            self.reading.dropped.push(Dropped { answer: name, passage, tried });
        }
    }

    fn unknown(&mut self, passage: Passage) {
        if self.reading.unrecognized.iter().any(|known| known.said() == passage.said()) {
            return;
        }
        if self.reading.unrecognized.len() < MOST_UNKNOWN {
            self.reading.unrecognized.push(passage);
        } else {
            self.reading.more_unrecognized += 1;
        }
    }

    pub fn finish(mut self, bytes: u64) -> Reading {
        self.reading.bytes = bytes;
        self.reading
    }
}

impl Tried {
    /// A login host of production with the audience of sandboxes, or the reverse, which nobody asks for.
    pub fn is_mixed(&self) -> bool {
        let class = |text: &str| {
            let host = text
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            match host.as_str() {
                "login.salesforce.com" => Some(true),
                "test.salesforce.com" => Some(false),
                _ => None,
            }
        };
        matches!((class(&self.audience), class(&self.login)), (Some(one), Some(other)) if one != other)
    }
}
