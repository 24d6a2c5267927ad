//! Finds in a log what Salesforce said when something failed, and ranks what may have led to it: by the answer pages, and by what was found in the project.

mod book;
mod causes;
mod collect;
mod look;
mod normal;
mod reading;
mod sight;
mod words;

use std::ops::Range;

use crate::explain::{self, Answer};
use crate::pipeline::Report;
use crate::settings::Settings;
use book::BOOK;
pub use causes::{Causes, Ranked, State, causes};
pub use look::Tried;
pub use reading::read;

/// What was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// In the order of lines; equal ones are one.
    pub answers: Vec<Recognised>,
    /// What only shows how a tool works.
    pub dropped: Vec<Dropped>,
    /// Errors about credentials that no page knows.
    pub unrecognized: Vec<Passage>,
    /// Answers and errors beyond what is kept.
    pub more: usize,
    pub more_unrecognized: usize,
    pub bytes: u64,
}

/// An answer, and where it was given first.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// The page's name.
    pub answer: &'static str,
    pub passage: Passage,
    /// How often it was given.
    pub count: usize,
    /// The named or external credential that it is about, as the log or the message names it.
    pub credential: Option<String>,
    /// Only a try that nobody asked for got this answer.
    pub is_fallback: bool,
}

/// An answer to a try that nobody asked for.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub answer: &'static str,
    pub passage: Passage,
    pub tried: Tried,
}

/// Words of a log, with what stands around them. They may hold anything, secrets too: only a report knows how to show them.
#[derive(Clone, Debug)]
pub struct Passage {
    pub line: u64,
    pub text: String,
    /// What was recognised of it.
    pub mark: Range<usize>,
}

impl Passage {
    fn new(line: u64, before: &str, said: &str, after: &str) -> Passage {
        let before = before.trim_start();
        let text = format!("{before}{said}{}", after.trim_end());
        Passage { line, mark: before.len()..before.len() + said.len(), text }
    }

    /// What was recognised.
    pub fn said(&self) -> &str {
        self.text.get(self.mark.clone()).unwrap_or(&self.text)
    }
}

/// A log, and what a project shows about what was read in it.
#[derive(Debug)]
pub struct Diagnosis<'o> {
    /// What was read, for people: `debug.log`.
    pub name: String,
    pub reading: Reading,
    /// One for each answer.
    pub causes: Vec<Causes>,
    pub report: Option<&'o Report>,
    /// Why there is no project, for people.
    pub without: Option<String>,
}

impl<'o> Diagnosis<'o> {
    /// Ranks the causes of everything that was read. `credential` is the one that a person names, whatever the log says.
    pub fn of(
        name: String,
        mut reading: Reading,
        credential: Option<&str>,
        project: Option<(&'o Report, &Settings)>,
    ) -> Diagnosis<'o> {
        if let Some(named) = credential {
            reading
                .answers
                .iter_mut()
                .for_each(|answer| answer.credential = Some(named.to_owned()));
        }
        let causes = reading
            .answers
            .iter()
            .filter_map(|found| {
                found.page().map(|page| causes(&page, found.credential.as_deref(), project))
            })
            .collect();
        Diagnosis {
            name,
            reading,
            causes,
            report: project.map(|(report, _)| report),
            without: None,
        }
    }
}

impl Recognised {
    /// Its page.
    pub fn page(&self) -> Option<Answer> {
        explain::answer(self.answer)
    }
}

/// The answer that a message holds; the first where there are several.
pub fn answer_in(message: &str) -> Option<&'static Answer> {
    let reading = read(&mut message.as_bytes()).ok()?;
    let first = reading.answers.first()?;
    BOOK.answers.iter().find(|answer| answer.name == first.answer)
}
