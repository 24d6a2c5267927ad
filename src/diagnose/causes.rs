//! Ranks the causes of an answer: first what the project's files show, then what they cannot show,
//! then what was checked and is clear.

use std::collections::HashSet;

use super::{coverage, flow};
use crate::check;
use crate::explain::{Answer, Cause, FlowFamily, Stage};
use crate::finding::{Finding, Severity};
use crate::model::{Flow, RelatedComponents};
use crate::options::Options;
use crate::pipeline::Report;
use crate::rule::{self, Input, Step, TokenCheck};
use crate::source::{FileId, Kind};

/// The greatest number of passed checks that an answer page can have.
const MAX_PASSED: u8 = 9;

/// The causes of one answer.
#[derive(Debug)]
pub struct Causes {
    pub ranked: Vec<Ranked>,
    /// The number of findings of the same rules about other credentials.
    pub elsewhere: usize,
    /// Indexes of the report's findings that stop the callout with another error than this one, if
    /// the files show no cause of this one.
    pub other_findings: Vec<usize>,
    /// Whether the files contain the credential in question; `None` if none is named.
    pub credential_known: Option<bool>,
    /// The flows in which the answer may have appeared: those that the log names or the credential
    /// uses, else all that are possible.
    pub flows: Vec<FlowFamily>,
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
    /// A rule checks it, but did not check it here.
    NotChecked(Reason),
    /// A rule checks it for this flow, had what it needs, and found nothing.
    Clear,
}

/// Why a rule says nothing about a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It needs an input that the files do not contain.
    Missing(&'static str),
    /// It is turned off in the settings.
    Off,
    /// It is about credentials with other flows.
    OtherFlow,
    /// The credential that failed is not among the files.
    OtherCredential,
    /// There is no project.
    NoProject,
    /// This version has no such rule.
    NoRule,
}

/// A project, and the credential that an answer is about.
struct Scope<'o> {
    report: &'o Report,
    settings: &'o Options,
    /// `None` if no credential is named, or the files do not contain it.
    related: Option<RelatedComponents<'o>>,
    /// The files that define the credential.
    files: HashSet<FileId>,
    /// The flows of the credential; empty if they are unknown.
    credential_flows: Vec<Flow>,
    /// The flows of all credentials of the project.
    project_flows: Vec<Flow>,
    /// The flows in which the answer may have appeared.
    flows: Vec<FlowFamily>,
}

/// Ranks the causes of an answer about a credential. `named_flows` are those that the log names.
pub fn causes(
    answer: &Answer,
    credential: Option<&str>,
    named_flows: &[FlowFamily],
    project: Option<(&Report, &Options)>,
) -> Causes {
    let scope = project
        .map(|(report, settings)| Scope::new(report, settings, answer, credential, named_flows));
    let credential_known = credential.and(scope.as_ref()).map(|scope| scope.related.is_some());
    let mut elsewhere = 0;
    let mut ranked: Vec<Ranked> = answer
        .head
        .causes
        .iter()
        .map(|cause| {
            let state = match (cause, &scope) {
                (Cause::What(_), _) => State::NotInFiles,
                (Cause::Rule(_), None) => State::NotChecked(Reason::NoProject),
                (Cause::Rule(_), Some(_)) if credential_known == Some(false) => {
                    State::NotChecked(Reason::OtherCredential)
                }
                (Cause::Rule(rule), Some(scope)) => scope.state(answer, rule, &mut elsewhere),
            };
            Ranked { cause: cause.clone(), state }
        })
        .collect();
    // The sort is stable: each group keeps the order of the page.
    ranked.sort_by_key(|ranked| match ranked.state {
        State::Found { .. } => 0,
        State::NotInFiles | State::NotChecked(_) => 1,
        State::Clear => 2,
    });
    let is_explained = ranked.iter().any(|ranked| ranked.found() == Some(true));
    let other_findings = match &scope {
        Some(scope) if !is_explained && credential_known != Some(false) => {
            scope.other_findings(answer, &ranked)
        }
        Some(_) | None => Vec::new(),
    };
    let flows = scope.map_or_else(|| answer.head.flows_among(named_flows), |scope| scope.flows);
    Causes { ranked, elsewhere, other_findings, credential_known, flows }
}

impl<'o> Scope<'o> {
    fn new(
        report: &'o Report,
        settings: &'o Options,
        answer: &Answer,
        credential: Option<&str>,
        named_flows: &[FlowFamily],
    ) -> Scope<'o> {
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
        let mut credential_flows = related.as_ref().map(flow::flows).unwrap_or_default();
        if credential_flows.contains(&Flow::Unknown) {
            credential_flows.clear();
        }
        let of_credential = related.as_ref().map(flow::of_credential).unwrap_or_default();
        let candidates = if named_flows.is_empty() { &of_credential } else { named_flows };
        let flows = answer.head.flows_among(candidates);
        let project_flows = flow::of_project(&report.workspace);
        Scope { report, settings, related, files, credential_flows, project_flows, flows }
    }

    /// What the project shows about a rule. Adds its findings about other credentials to `elsewhere`.
    fn state(&self, answer: &Answer, rule: &str, elsewhere: &mut usize) -> State {
        let Some(known) = check::rule(rule) else { return State::NotChecked(Reason::NoRule) };
        let head = &known.page().head;
        let of_rule = |all: &[Finding]| -> (Vec<usize>, Vec<usize>) {
            all.iter()
                .enumerate()
                .filter(|(_, finding)| finding.rule == rule && leads_to(finding, answer, head))
                .map(|(index, _)| index)
                .partition(|index| self.concerns(&all[*index]))
        };
        let (findings, others) = of_rule(&self.report.findings);
        let (allowed, _) = of_rule(&self.report.allowed);
        *elsewhere += others.len();
        if !self.judges_flow(head) {
            *elsewhere += findings.len();
            return State::NotChecked(Reason::OtherFlow);
        }
        if !findings.is_empty() || !allowed.is_empty() {
            return State::Found { findings, allowed };
        }
        if self.settings.severity(rule, head.severity).is_none() {
            return State::NotChecked(Reason::Off);
        }
        match coverage::missing_input(rule, &self.report.workspace, self.related.as_ref()) {
            Some(input) => State::NotChecked(Reason::Missing(input)),
            None if !self.had_one_to_judge(head) => State::NotChecked(Reason::OtherFlow),
            None => State::Clear,
        }
    }

    /// Findings that stop the callout, but are not causes of the answer: those of steps that Salesforce
    /// had not completed when it returned the answer.
    fn other_findings(&self, answer: &Answer, causes: &[Ranked]) -> Vec<usize> {
        let is_cause = |rule: &str| {
            causes.iter().any(|ranked| matches!(&ranked.cause, Cause::Rule(name) if name == rule))
        };
        let may_stop = |finding: &Finding| {
            let Some(rule) = check::rule(finding.rule) else { return false };
            let head = &rule.page().head;
            let Some(step) = head.step else { return false };
            finding.severity != Severity::Note
                && !is_cause(finding.rule)
                && comes_after(step, head.check, answer)
                && self.judges_flow(head)
                && self.concerns(finding)
        };
        let findings = self.report.findings.iter().enumerate();
        let mut found: Vec<usize> =
            findings.filter(|(_, finding)| may_stop(finding)).map(|(index, _)| index).collect();
        found.sort_by_key(|index| std::cmp::Reverse(self.report.findings[*index].severity));
        found
    }

    /// Whether a rule judges credentials with the flow that was used.
    fn judges_flow(&self, head: &rule::Head) -> bool {
        judged_flows(head)
            .is_none_or(|judged| judged.iter().any(|flow| self.may_have_been_used(*flow)))
    }

    /// Whether the project contains a credential that the rule judges.
    fn had_one_to_judge(&self, head: &rule::Head) -> bool {
        judged_flows(head).is_none_or(|judged| {
            let mut of_project = self.project_flows.iter();
            of_project.any(|flow| judged.contains(flow) && self.may_have_been_used(*flow))
        })
    }

    /// Whether the credential has this flow; if it is not known, whether one with this flow can have
    /// got the answer.
    fn may_have_been_used(&self, flow: Flow) -> bool {
        if !self.credential_flows.is_empty() {
            return self.credential_flows.contains(&flow);
        }
        let families = FlowFamily::of(flow);
        families.is_empty() || families.iter().any(|family| self.flows.contains(family))
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

/// Whether a step of a callout, or a check of the target org, can still fail after what an answer confirms.
fn comes_after(step: Step, check: Option<TokenCheck>, answer: &Answer) -> bool {
    let is_at_target = matches!(step, Step::TargetOrg | Step::Call);
    match (answer.head.stage, answer.head.check) {
        (Stage::Deployment, _) => false,
        (Stage::Before, _) | (Stage::Exchange, Some(0)) => true,
        (Stage::Exchange, Some(passed)) => {
            is_at_target
                && check.is_none_or(|check| {
                    (passed..=MAX_PASSED).any(|number| check.can_report(number))
                })
        }
        (Stage::Exchange | Stage::OtherFlow | Stage::ThirdParty, _) => is_at_target,
    }
}

/// The flows whose credentials a rule judges; `None` for all.
fn judged_flows(head: &rule::Head) -> Option<&[Flow]> {
    let signs = |input: &Input| matches!(input, Input::JwtCredential | Input::SigningCertificate);
    if !head.flows.is_empty() {
        Some(&head.flows)
    } else if head.needs.iter().any(signs) {
        Some(&[Flow::JwtBearer, Flow::JwtAssertion, Flow::DirectJwt])
    } else {
        None
    }
}

/// Whether a finding leads to the answer. A rule about any field says with `answers-only-for` that
/// its answers are about an identifier: a secret is not what they are about.
fn leads_to(finding: &Finding, answer: &Answer, head: &rule::Head) -> bool {
    let about_secret = || {
        let field = finding.field.to_ascii_lowercase();
        ["secret", "password", "token"].iter().any(|word| field.contains(word))
    };
    finding.answers.iter().any(|name| name == answer.name)
        && !(head.answers_only_for.is_some() && about_secret())
}

impl Ranked {
    /// Whether the files show it; `None` if they cannot.
    pub fn found(&self) -> Option<bool> {
        match self.state {
            State::Found { .. } => Some(true),
            State::Clear => Some(false),
            State::NotInFiles | State::NotChecked(_) => None,
        }
    }
}

impl State {
    /// The name of the state in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            State::Found { .. } => "found",
            State::NotInFiles => "not-visible-in-files",
            State::NotChecked(_) => "not-checked",
            State::Clear => "clear",
        }
    }
}
