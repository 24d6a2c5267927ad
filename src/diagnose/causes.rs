//! Ranks the causes of an answer: first what the project's files show, then what they cannot show,
//! then what was checked and is clear.

use std::collections::HashSet;

use super::coverage;
use crate::check;
use crate::explain::{Answer, Cause};
use crate::finding::Finding;
use crate::model::RelatedComponents;
use crate::options::Options;
use crate::pipeline::Report;
use crate::source::{FileId, Kind};

/// The causes of one answer.
#[derive(Debug)]
pub struct Causes {
    pub ranked: Vec<Ranked>,
    /// The number of findings of the same rules about other credentials.
    pub elsewhere: usize,
    /// Whether the files contain the credential in question; `None` if none is named.
    pub credential_known: Option<bool>,
}

/// A cause, and what the project shows about it.
#[derive(Debug)]
pub struct Ranked {
    pub cause: Cause,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The files show it. Indexes of the report's findings, and of its allowed findings.
    Found { findings: Vec<usize>, allowed: Vec<usize> },
    /// No file can show it.
    NotInFiles,
    /// A rule checks it, but needs an input that the files do not contain.
    Missing(&'static str),
    /// A rule checks it, but is turned off in the settings.
    Off,
    /// A rule checks it, but there is no project.
    NoProject,
    /// A rule checked it and found nothing.
    Clear,
}

/// A project, and the credential that an answer is about.
struct Scope<'o> {
    report: &'o Report,
    settings: &'o Options,
    /// `None` if no credential is named, or the files do not contain it.
    related: Option<RelatedComponents<'o>>,
    /// The files that define the credential.
    files: HashSet<FileId>,
}

/// Ranks the causes of an answer about a credential.
pub fn causes(
    answer: &Answer,
    credential: Option<&str>,
    project: Option<(&Report, &Options)>,
) -> Causes {
    let scope = project.map(|(report, settings)| Scope::new(report, settings, credential));
    let mut elsewhere = 0;
    let mut ranked: Vec<Ranked> = answer
        .head
        .causes
        .iter()
        .map(|cause| {
            let state = match (cause, &scope) {
                (Cause::What(_), _) => State::NotInFiles,
                (Cause::Rule(_), None) => State::NoProject,
                (Cause::Rule(rule), Some(scope)) => scope.state(rule, &mut elsewhere),
            };
            Ranked { cause: cause.clone(), state }
        })
        .collect();
    // The sort is stable: each group keeps the order of the page.
    ranked.sort_by_key(|ranked| match ranked.state {
        State::Found { .. } => 0,
        State::NotInFiles | State::Missing(_) | State::Off | State::NoProject => 1,
        State::Clear => 2,
    });
    let credential_known = credential.and(scope.as_ref()).map(|scope| scope.related.is_some());
    Causes { ranked, elsewhere, credential_known }
}

impl<'o> Scope<'o> {
    fn new(report: &'o Report, settings: &'o Options, credential: Option<&str>) -> Scope<'o> {
        let related = credential.and_then(|name| report.workspace.related(name));
        // The description is about all credentials.
        let files = related
            .iter()
            .flat_map(|related| {
                let named = related.named_credentials.iter().map(|(_, named)| &named.component);
                let external =
                    related.external_credentials.iter().map(|(_, external)| &external.component);
                named.chain(external)
            })
            .map(|component| component.place.file)
            .filter(|file| report.sources.get(*file).kind != Kind::Description)
            .collect();
        Scope { report, settings, related, files }
    }

    /// What the project shows about a rule. Adds its findings about other credentials to `elsewhere`.
    fn state(&self, rule: &str, elsewhere: &mut usize) -> State {
        let of_rule = |all: &[Finding]| -> (Vec<usize>, Vec<usize>) {
            all.iter()
                .enumerate()
                .filter(|(_, finding)| finding.rule == rule)
                .map(|(index, _)| index)
                .partition(|index| self.concerns(&all[*index]))
        };
        let (findings, others) = of_rule(&self.report.findings);
        let (allowed, _) = of_rule(&self.report.allowed);
        *elsewhere += others.len();
        if !findings.is_empty() || !allowed.is_empty() {
            return State::Found { findings, allowed };
        }
        let is_on = check::rule(rule).is_some_and(|known| {
            self.settings.severity(rule, known.page().head.severity).is_some()
        });
        if !is_on {
            return State::Off;
        }
        match coverage::missing_input(rule, &self.report.workspace, self.related.as_ref()) {
            Some(input) => State::Missing(input),
            None => State::Clear,
        }
    }

    /// Whether a finding is about the credential or about none in particular. Without a credential,
    /// all findings are relevant.
    fn concerns(&self, finding: &Finding) -> bool {
        let Some(related) = &self.related else { return true };
        // A finding about another component may point at the credential's file.
        related.may_contain(&finding.component)
            || finding.related.iter().any(|label| self.files.contains(&label.span.file))
    }
}

impl Ranked {
    /// Whether the files show it; `None` if they cannot.
    pub fn found(&self) -> Option<bool> {
        match self.state {
            State::Found { .. } => Some(true),
            State::Clear => Some(false),
            State::NotInFiles | State::Missing(_) | State::Off | State::NoProject => None,
        }
    }
}
