//! Which error messages of Salesforce a finding can lead to: those that its flow and the server at the other end can give.

use std::collections::HashMap;

use super::{Answer, FlowFamily, Stage, answer};
use crate::finding::Finding;
use crate::model::{Flow, TokenUse, Workspace};
use crate::source::Span;

/// Removes the answers that no callout of the finding's component can get.
pub fn keep_possible_answers(findings: &mut [Finding], workspace: &Workspace) {
    let mut known: HashMap<(&'static str, Span), Vec<TokenUse>> = HashMap::new();
    for finding in findings.iter_mut().filter(|finding| !finding.answers.is_empty()) {
        let component = &finding.component;
        let uses = known
            .entry((component.type_name, component.place))
            .or_insert_with(|| workspace.token_uses(component));
        finding.answers.retain(|name| answer(name).is_some_and(|answer| is_possible(answer, uses)));
    }
}

/// Whether an answer can appear in one of the flows. Nothing is excluded if they are unknown.
pub fn is_possible(answer: &Answer, uses: &[TokenUse]) -> bool {
    uses.is_empty() || uses.iter().any(|own| is_possible_in(answer, *own))
}

fn is_possible_in(answer: &Answer, own: TokenUse) -> bool {
    let is_from_another_server = match (answer.head.stage, answer.head.check) {
        (Stage::Before | Stage::ThirdParty | Stage::Deployment, _) => return true,
        // The calling org says so, whichever server rejected the request.
        (Stage::Exchange, Some(0) | None) => false,
        // The answer to the callout itself, in every flow.
        (Stage::Exchange, Some(9)) => {
            return own.calls_salesforce.or(own.to_salesforce) != Some(false);
        }
        (Stage::Exchange | Stage::OtherFlow, _) => own.to_salesforce == Some(false),
    };
    if is_from_another_server {
        return false;
    }
    let Some(proofs) = &answer.head.proves_by_flow else { return true };
    own.flow == Flow::Unknown
        || FlowFamily::of(own.flow).iter().any(|family| proofs.get(*family).is_some())
}
