//! Ranks the causes of an answer: what the project's own files show first, then what no file can show, then what was checked and is clear.

use super::sight;
use crate::check;
use crate::explain::{Answer, Cause};
use crate::finding::Finding;
use crate::model::RelatedComponents;
use crate::pipeline::Report;
use crate::settings::Settings;
use crate::source::Kind;

/// What may have led to one answer.
#[derive(Debug)]
pub struct Causes {
    pub ranked: Vec<Ranked>,
    /// Findings of the same rules about other credentials.
    pub elsewhere: usize,
    /// Whether the credential in question is in the files; `None` where none was named.
    pub credential_known: Option<bool>,
}

/// A cause, and what is known of it.
#[derive(Debug)]
pub struct Ranked {
    pub cause: Cause,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The project's files show it: numbers of the outcome's findings, and of those that an allow covers.
    Found { findings: Vec<usize>, allowed: Vec<usize> },
    /// Only a person can look.
    NotInFiles,
    /// A rule could tell, but this is not in the files.
    Missing(&'static str),
    /// A rule could tell, but the settings turn it off.
    Off,
    /// A rule could tell, but there is no project.
    NoProject,
    /// A rule looked, and found nothing.
    Clear,
}

/// Ranks the causes of an answer about a credential, with what a project shows.
pub fn causes(
    answer: &Answer,
    credential: Option<&str>,
    project: Option<(&Report, &Settings)>,
) -> Causes {
    let mut result = Causes { ranked: Vec::new(), elsewhere: 0, credential_known: None };
    let related = match (credential, project) {
        (Some(name), Some((report, _))) => {
            let related = report.workspace.related(name);
            result.credential_known = Some(related.is_some());
            related
        }
        _ => None,
    };
    for cause in &answer.head.causes {
        let state = match (cause, project) {
            (Cause::What(_), _) => State::NotInFiles,
            (Cause::Rule(_), None) => State::NoProject,
            (Cause::Rule(rule), Some((report, settings))) => {
                let about = |finding: &Finding| finding.rule == rule.as_str();
                let of = |all: &[Finding]| -> (Vec<usize>, usize) {
                    let numbers: Vec<usize> = (0..all.len())
                        .filter(|number| all.get(*number).is_some_and(about))
                        .collect();
                    let mine: Vec<usize> = numbers
                        .iter()
                        .copied()
                        .filter(|number| {
                            all.get(*number)
                                .is_some_and(|finding| concerns(finding, related.as_ref(), report))
                        })
                        .collect();
                    let others = numbers.len() - mine.len();
                    (mine, others)
                };
                let (findings, others) = of(&report.findings);
                let (allowed, _) = of(&report.allowed);
                result.elsewhere += others;
                analysis(rule, findings, allowed, report, settings, related.as_ref())
            }
        };
        result.ranked.push(Ranked { cause: cause.clone(), state });
    }
    // The order of the page stays inside each group.
    result.ranked.sort_by_key(|ranked| match ranked.state {
        State::Found { .. } => 0,
        State::NotInFiles | State::Missing(_) | State::Off | State::NoProject => 1,
        State::Clear => 2,
    });
    result
}

fn analysis(
    rule: &str,
    findings: Vec<usize>,
    allowed: Vec<usize>,
    report: &Report,
    settings: &Settings,
    related: Option<&RelatedComponents<'_>>,
) -> State {
    if !findings.is_empty() || !allowed.is_empty() {
        return State::Found { findings, allowed };
    }
    let on = check::rule(rule)
        .is_some_and(|known| settings.severity(rule, known.page().head.severity).is_some());
    if !on {
        return State::Off;
    }
    match sight::missing(rule, &report.workspace, related) {
        Some(what) => State::Missing(what),
        None => State::Clear,
    }
}

/// Whether a finding is about the credential, or about none in particular. All are where none is named, or the files do not hold it.
fn concerns(finding: &Finding, related: Option<&RelatedComponents<'_>>, report: &Report) -> bool {
    let Some(related) = related else { return true };
    if related.may_contain(&finding.component) {
        return true;
    }
    // A finding about another component may point at this one: at its file, where it has one to itself.
    let own = related.named_credentials.iter().map(|(_, named)| named.component.place.file).chain(
        related.external_credentials.iter().map(|(_, external)| external.component.place.file),
    );
    let files: Vec<_> =
        own.filter(|file| report.sources.get(*file).kind != Kind::Description).collect();
    finding.related.iter().any(|label| files.contains(&label.span.file))
}

impl Ranked {
    /// `true`: the files show it. `false`: they were looked at and do not. `None`: they cannot tell.
    pub fn found(&self) -> Option<bool> {
        match self.state {
            State::Found { .. } => Some(true),
            State::Clear => Some(false),
            State::NotInFiles | State::Missing(_) | State::Off | State::NoProject => None,
        }
    }
}
