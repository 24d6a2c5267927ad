//! Finds the errors of Salesforce in a log, and ranks their causes by the answer pages and by what
//! was found in the project.

mod aggregate;
mod causes;
mod coverage;
mod flow;
mod matcher;
mod normalize;
mod patterns;
mod prefilter;
mod scanner;
mod spans;
mod utf16;

use std::ops::Range;

use crate::explain::{self, Answer, FlowFamily};
use crate::options::Options;
use crate::pipeline::Report;
pub use crate::pull::FailedLogin;
pub use causes::{Causes, Ranked, Reason, State, causes};
pub use matcher::LoginAttempt;
pub use scanner::{follow, read};

/// What a log contains.
#[derive(Debug, Default)]
pub struct Reading {
    /// In the order of their first lines, each once per credential.
    pub answers: Vec<Recognized>,
    /// Answers to attempts that the user did not make.
    pub dropped: Vec<Dropped>,
    /// Results of the connection, as opposed to answers of Salesforce; each kind once.
    pub transport: Vec<Transport>,
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
    /// The flows that the log names for it; empty if it names none.
    pub flows: Vec<FlowFamily>,
    /// Whether only fallback attempts of the Salesforce CLI got this answer.
    pub is_fallback: bool,
}

/// A result of the connection, which says nothing about settings by itself.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    pub kind: TransportKind,
    /// The line of the first one.
    pub line: u64,
    pub count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    Unauthorized,
    Timeout,
}

impl TransportKind {
    /// What it means, for the user.
    pub fn meaning(self) -> &'static str {
        match self {
            TransportKind::Unauthorized => {
                "status 401 (Unauthorized) by itself: the server did not accept the access token, or received none; the body of the response contains the reason"
            }
            TransportKind::Timeout => {
                "a timeout: the server did not respond in time, which says nothing about the credential; call it again, or raise the timeout of the request"
            }
        }
    }
}

/// The answer to a fallback attempt of the Salesforce CLI.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub answer: &'static str,
    pub excerpt: Excerpt,
    pub attempt: LoginAttempt,
}

/// A matched part of a log, with the rest of its line. It can contain secrets: only
/// [`crate::report`] shows it, masked.
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
    /// Whether every cause is shown in full.
    pub all: bool,
    /// Failed logins at the orgs that answered, each with the answer that it matches.
    pub logins: Vec<(FailedLogin, Option<&'static Answer>)>,
    /// Whether answers are shown while the log is still being read.
    pub streamed: bool,
    /// The credential that the user names, which overrides what the log mentions.
    credential: Option<String>,
    project: Option<(&'o Report, &'o Options)>,
}

impl<'o> Diagnosis<'o> {
    /// Ranks the causes of all answers. A `credential` that the user names overrides what the log
    /// mentions.
    pub fn new(
        name: String,
        mut reading: Reading,
        credential: Option<&str>,
        project: Option<(&'o Report, &'o Options)>,
    ) -> Diagnosis<'o> {
        let mut diagnosis = Diagnosis::begin(name, credential, project);
        for answer in std::mem::take(&mut reading.answers) {
            diagnosis.add(answer);
        }
        diagnosis.complete(reading);
        diagnosis
    }

    /// A diagnosis of a log of which nothing has been read yet.
    pub fn begin(
        name: String,
        credential: Option<&str>,
        project: Option<(&'o Report, &'o Options)>,
    ) -> Diagnosis<'o> {
        Diagnosis {
            name,
            reading: Reading::default(),
            causes: Vec::new(),
            report: project.map(|(report, _)| report),
            without: None,
            all: false,
            logins: Vec::new(),
            streamed: false,
            credential: credential.map(str::to_owned),
            project,
        }
    }

    /// Adds failed logins, with what is known about their status.
    pub fn add_logins(&mut self, logins: Vec<FailedLogin>) {
        self.logins.extend(logins.into_iter().map(|login| {
            let answer = answer_in(&login.line());
            (login, answer)
        }));
    }

    /// Adds an answer, and ranks its causes.
    pub fn add(&mut self, mut answer: Recognized) {
        let Some(page) = answer.page() else { return };
        if let Some(named) = &self.credential {
            answer.credential = Some(named.clone());
        }
        self.causes.push(causes(page, answer.credential.as_deref(), &answer.flows, self.project));
        self.reading.answers.push(answer);
    }

    /// Adds what is known only at the end of the log: everything but the answers, and how often each
    /// of them occurred if `reading` contains them.
    pub fn complete(&mut self, reading: Reading) {
        let mut answers = std::mem::take(&mut self.reading.answers);
        for (answer, read) in answers.iter_mut().zip(&reading.answers) {
            answer.count = read.count;
        }
        self.reading = Reading { answers, ..reading };
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
