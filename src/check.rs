//! The rules: each looks at the workspace and says what it found. No rule reads another, a file or a page.

mod api_access_control;
mod app_api_scope_missing;
mod app_approval_list_ignored;
mod app_approval_target_unknown;
mod app_approves_administrators;
mod app_approves_nobody;
mod app_bound_to_another_org;
mod app_callback_missing;
mod app_callback_not_https;
mod app_certificate_expired;
mod app_certificate_missing;
mod app_disabled;
mod app_files_incomplete;
mod app_full_scope;
mod app_global_settings_in_source;
mod app_ip_relaxed;
mod app_key_rotation_on_deploy;
mod app_not_admin_approved;
mod app_refresh_policy_zero;
mod app_refresh_scope_missing;
mod app_refresh_token_unlimited;
mod app_session_high_assurance;
mod app_surplus_scope;
mod audience_differs_for_same_org;
mod audience_environment_mismatch;
mod audience_host_wrong;
mod audience_is_token_endpoint;
mod audience_of_another_org;
mod certificate_expired;
mod certificate_mismatch;
mod claim_missing;
mod client_credentials_user_missing;
mod consumer_key_duplicated;
mod consumer_key_shape;
mod issuer_malformed;
mod issuer_unknown;
mod named_user_jwt_misread;
mod permission_set_unassigned;
mod principal_missing;
mod principal_not_granted;
mod principal_unknown;
mod scope_on_credential;
mod shared_scopes;
mod signing_certificate_missing;
mod subject_not_a_username;
mod token_endpoint_login_host;
mod token_endpoint_missing;
mod token_endpoint_wrong_path;
mod unreadable_file;

use std::collections::HashSet;

use crate::finding::{Draft, Finding, Findings, Label};
use crate::model::Workspace;
use crate::rule::{Rule, rule};
use crate::settings::Settings;
use crate::source::Sources;

/// All rules, in the order of their names.
pub static RULES: &[Rule] = &[
    rule!("api-access-control", api_access_control::check),
    rule!("app-api-scope-missing", app_api_scope_missing::check),
    rule!("app-approval-list-ignored", app_approval_list_ignored::check),
    rule!("app-approval-target-unknown", app_approval_target_unknown::check),
    rule!("app-approves-administrators", app_approves_administrators::check),
    rule!("app-approves-nobody", app_approves_nobody::check),
    rule!("app-bound-to-another-org", app_bound_to_another_org::check),
    rule!("app-callback-missing", app_callback_missing::check),
    rule!("app-callback-not-https", app_callback_not_https::check),
    rule!("app-certificate-expired", app_certificate_expired::check),
    rule!("app-certificate-missing", app_certificate_missing::check),
    rule!("app-disabled", app_disabled::check),
    rule!("app-files-incomplete", app_files_incomplete::check),
    rule!("app-full-scope", app_full_scope::check),
    rule!("app-global-settings-in-source", app_global_settings_in_source::check),
    rule!("app-ip-relaxed", app_ip_relaxed::check),
    rule!("app-key-rotation-on-deploy", app_key_rotation_on_deploy::check),
    rule!("app-not-admin-approved", app_not_admin_approved::check),
    rule!("app-refresh-policy-zero", app_refresh_policy_zero::check),
    rule!("app-refresh-scope-missing", app_refresh_scope_missing::check),
    rule!("app-refresh-token-unlimited", app_refresh_token_unlimited::check),
    rule!("app-session-high-assurance", app_session_high_assurance::check),
    rule!("app-surplus-scope", app_surplus_scope::check),
    rule!("audience-differs-for-same-org", audience_differs_for_same_org::check),
    rule!("audience-environment-mismatch", audience_environment_mismatch::check),
    rule!("audience-host-wrong", audience_host_wrong::check),
    rule!("audience-is-token-endpoint", audience_is_token_endpoint::check),
    rule!("audience-of-another-org", audience_of_another_org::check),
    rule!("certificate-expired", certificate_expired::check),
    rule!("certificate-mismatch", certificate_mismatch::check),
    rule!("claim-missing", claim_missing::check),
    rule!("client-credentials-user-missing", client_credentials_user_missing::check),
    rule!("consumer-key-duplicated", consumer_key_duplicated::check),
    rule!("consumer-key-shape", consumer_key_shape::check),
    rule!("issuer-malformed", issuer_malformed::check),
    rule!("issuer-unknown", issuer_unknown::check),
    rule!("named-user-jwt-misread", named_user_jwt_misread::check),
    rule!("permission-set-unassigned", permission_set_unassigned::check),
    rule!("principal-missing", principal_missing::check),
    rule!("principal-not-granted", principal_not_granted::check),
    rule!("principal-unknown", principal_unknown::check),
    rule!("scope-on-credential", scope_on_credential::check),
    rule!("signing-certificate-missing", signing_certificate_missing::check),
    rule!("subject-not-a-username", subject_not_a_username::check),
    rule!("token-endpoint-login-host", token_endpoint_login_host::check),
    rule!("token-endpoint-missing", token_endpoint_missing::check),
    rule!("token-endpoint-wrong-path", token_endpoint_wrong_path::check),
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
        let Some(severity) = settings.severity(rule.name, head.severity) else { continue };
        findings.extend(drafts.all.into_iter().map(|draft| {
            let Draft { message, primary, related, help, fix, component, field } = draft;
            Finding { rule: rule.name, severity, message, primary, related, help, fix, answers: head.answers.clone(), component, field }
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
