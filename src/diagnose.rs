//! Finds the errors of Salesforce in a log, and ranks their causes by the answer pages and by what
//! was found in the project.

mod aggregate;
mod causes;
mod coverage;
mod matcher;
mod normalize;
mod patterns;
mod prefilter;
mod scanner;
mod spans;
mod utf16;

use std::ops::Range;

use crate::explain::{self, Answer};
use crate::options::Options;
use crate::pipeline::Report;
pub use causes::{Causes, Ranked, State, causes};
pub use matcher::LoginAttempt;
pub use scanner::read;

/// What a log contains.
#[derive(Debug, Default)]
pub struct Reading {
    /// In the order of their first lines, each once per credential.
    pub answers: Vec<Recognized>,
    /// Answers to attempts that the user did not make.
    pub dropped: Vec<Dropped>,
    /// Errors about credentials that no page covers.
    pub unrecognized: Vec<Excerpt>,
    /// The number of answers and of unknown errors that are not kept.
    pub more: usize,
    pub more_unrecognized: usize,
    /// The length of the log, in UTF-8.
    pub bytes: u64,
    /// Bytes that were searched and matches that were compared: a measure that grows with the log
    /// in the same way as the time, but is the same on every machine.
    pub work: u64,
}

/// An answer, with its first occurrence.
#[derive(Clone, Debug)]
pub struct Recognized {
    /// The name of the page.
    pub answer: &'static str,
    pub excerpt: Excerpt,
    /// The number of occurrences.
    pub count: usize,
    /// The named or external credential that the log mentions.
    pub credential: Option<String>,
    /// Whether only fallback attempts of the Salesforce CLI got this answer.
    pub is_fallback: bool,
}

/// The answer to a fallback attempt of the Salesforce CLI.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub answer: &'static str,
    pub excerpt: Excerpt,
    pub attempt: LoginAttempt,
}

/// A matched part of a log, with the rest of its line. It can contain secrets: only
/// [`crate::report`] shows it, redacted.
#[derive(Clone, Debug)]
pub struct Excerpt {
    pub line: u64,
    pub text: String,
    /// Where in the text the match is.
    pub mark: Range<usize>,
}

impl Excerpt {
    fn new(line: u64, before: &str, matched: &str, after: &str) -> Excerpt {
        let before = before.trim_start();
        let text = format!("{before}{matched}{}", after.trim_end());
        Excerpt { line, mark: before.len()..before.len() + matched.len(), text }
    }
}

/// The errors in a log, and what a project shows about their causes.
#[derive(Debug)]
pub struct Diagnosis<'o> {
    /// The name of the log, as shown to the user.
    pub name: String,
    pub reading: Reading,
    /// One for each answer.
    pub causes: Vec<Causes>,
    pub report: Option<&'o Report>,
    /// Why there is no project, as shown to the user.
    pub without: Option<String>,
}

impl<'o> Diagnosis<'o> {
    /// Ranks the causes of all answers. A `credential` that the user names overrides what the log
    /// mentions.
    pub fn new(
        name: String,
        mut reading: Reading,
        credential: Option<&str>,
        project: Option<(&'o Report, &Options)>,
    ) -> Diagnosis<'o> {
        if let Some(named) = credential {
            for answer in &mut reading.answers {
                answer.credential = Some(named.to_owned());
            }
        }
        let causes = reading
            .answers
            .iter()
            .filter_map(|found| Some(causes(found.page()?, found.credential.as_deref(), project)))
            .collect();
        let report = project.map(|(report, _)| report);
        Diagnosis { name, reading, causes, report, without: None }
    }
}

impl Recognized {
    /// The answer's page.
    pub fn page(&self) -> Option<&'static Answer> {
        explain::answer(self.answer)
    }
}

/// The first answer in a message.
pub fn answer_in(message: &str) -> Option<&'static Answer> {
    let reading = read(&mut message.as_bytes()).ok()?;
    reading.answers.first()?.page()
}
