//! The rules: each looks at the workspace and says what it found. No rule reads another, a file or a page.

mod app_api_scope_missing;
mod app_approves_nobody;
mod app_certificate_expired;
mod app_certificate_missing;
mod app_not_admin_approved;
mod app_refresh_scope_missing;
mod audience_environment_mismatch;
mod audience_host_wrong;
mod audience_is_token_endpoint;
mod audience_of_another_org;
mod certificate_expired;
mod certificate_mismatch;
mod claim_missing;
mod credential_merge_field_of_another;
mod credential_unused;
mod custom;
mod description_contradicts_metadata;
mod element_needs_other_api_version;
mod issuer_malformed;
mod issuer_unknown;
mod names_differ_by_case;
mod permission_set_unassigned;
mod principal_group_mismatch;
mod principal_missing;
mod principal_not_granted;
mod principal_sequence_duplicated;
mod principal_unknown;
mod refresh_status_code_invalid;
mod scope_on_credential;
mod signing_certificate_missing;
mod subject_not_a_username;
mod token_endpoint_login_host;
mod token_endpoint_missing;
mod token_endpoint_wrong_path;
mod unknown_element;
mod unknown_value;
mod unreadable_file;

use std::collections::HashSet;

use crate::finding::{Draft, Finding, Findings, Label};
use crate::model::Workspace;
use crate::rule::{Rule, rule};
use crate::settings::Settings;
use crate::source::Sources;

/// All rules, in the order of their names.
pub static RULES: &[Rule] = &[
    rule!("app-api-scope-missing", app_api_scope_missing::check),
    rule!("app-approves-nobody", app_approves_nobody::check),
    rule!("app-certificate-expired", app_certificate_expired::check),
    rule!("app-certificate-missing", app_certificate_missing::check),
    rule!("app-not-admin-approved", app_not_admin_approved::check),
    rule!("app-refresh-scope-missing", app_refresh_scope_missing::check),
    rule!("audience-environment-mismatch", audience_environment_mismatch::check),
    rule!("audience-host-wrong", audience_host_wrong::check),
    rule!("audience-is-token-endpoint", audience_is_token_endpoint::check),
    rule!("audience-of-another-org", audience_of_another_org::check),
    rule!("certificate-expired", certificate_expired::check),
    rule!("certificate-mismatch", certificate_mismatch::check),
    rule!("claim-missing", claim_missing::check),
    rule!("credential-merge-field-of-another", credential_merge_field_of_another::check),
    rule!("credential-unused", credential_unused::check),
    rule!("custom", custom::check),
    rule!("description-contradicts-metadata", description_contradicts_metadata::check),
    rule!("element-needs-other-api-version", element_needs_other_api_version::check),
    rule!("issuer-malformed", issuer_malformed::check),
    rule!("issuer-unknown", issuer_unknown::check),
    rule!("names-differ-by-case", names_differ_by_case::check),
    rule!("permission-set-unassigned", permission_set_unassigned::check),
    rule!("principal-group-mismatch", principal_group_mismatch::check),
    rule!("principal-missing", principal_missing::check),
    rule!("principal-not-granted", principal_not_granted::check),
    rule!("principal-sequence-duplicated", principal_sequence_duplicated::check),
    rule!("principal-unknown", principal_unknown::check),
    rule!("refresh-status-code-invalid", refresh_status_code_invalid::check),
    rule!("scope-on-credential", scope_on_credential::check),
    rule!("signing-certificate-missing", signing_certificate_missing::check),
    rule!("subject-not-a-username", subject_not_a_username::check),
    rule!("token-endpoint-login-host", token_endpoint_login_host::check),
    rule!("token-endpoint-missing", token_endpoint_missing::check),
    rule!("token-endpoint-wrong-path", token_endpoint_wrong_path::check),
    rule!("unknown-element", unknown_element::check),
    rule!("unknown-value", unknown_value::check),
    rule!("unreadable-file", unreadable_file::check),
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// Runs every rule that is not off. What lies in files that `.forceignore` names is not reported.
pub fn check(workspace: &Workspace, sources: &Sources, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        let mut drafts = Findings::default();
        (rule.check)(workspace, &mut drafts);
        drafts.all.retain_mut(|draft| is_judged(workspace, draft));
        if drafts.all.is_empty() {
            continue;
        }
        let head = rule.page().head;
        findings.extend(drafts.all.into_iter().filter_map(|draft| {
            let Draft { message, primary, related, help, fix, component, field, entry } = draft;
            let own = entry.and_then(|order| settings.custom.get(order)).and_then(|(_, severity)| *severity);
            let severity = settings.severity(rule.name, own.unwrap_or(head.severity))?;
            Some(Finding { rule: rule.name, severity, message, primary, related, help, fix, answers: head.answers.clone(), component, field })
        }));
    }
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| (finding.primary.span.file, finding.primary.span.start, finding.rule);
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    without_copies(findings, sources)
}

/// Files that `.forceignore` names are context. A fault that shows in one is reported where its component stands.
fn is_judged(workspace: &Workspace, draft: &mut Draft) -> bool {
    if !workspace.is_context(draft.primary.span.file) {
        return true;
    }
    if workspace.is_context(draft.component.place.file) {
        return false;
    }
    let shown = std::mem::replace(&mut draft.primary, Label { span: draft.component.place, text: String::new() });
    draft.related.insert(0, shown);
    true
}

/// Source trees get copied whole; the same fault in a copy of the same file is one fault.
fn without_copies(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let keep: Vec<bool> = findings
        .iter()
        .map(|finding| {
            let source = sources.get(finding.primary.span.file);
            let place = finding.primary.span;
            source.text().is_empty() || seen.insert((finding.rule, &finding.message, source.file_name(), source.text(), place.start, place.end, &finding.field))
        })
        .collect();
    findings.into_iter().zip(keep).filter_map(|(finding, keep)| keep.then_some(finding)).collect()
}
