//! The rules: each looks at the workspace and says what it found. No rule reads another, a file or a page.

mod algorithm_not_rs256;
mod algorithm_unsupported;
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
mod auth_provider_beside_jwt;
mod auth_provider_not_found;
mod authorization_header_off;
mod callout_disabled;
mod certificate_expired;
mod certificate_mismatch;
mod claim_duplicated;
mod claim_misplaced;
mod claim_missing;
mod claim_name_malformed;
mod claim_static;
mod client_assertion_to_salesforce;
mod client_certificate_is_signing_certificate;
mod direct_jwt_to_salesforce;
mod expiry_formula_malformed;
mod expiry_static;
mod expiry_too_long;
mod expiry_too_short;
mod external_credential_not_found;
mod external_credential_not_set;
mod flow_variant_missing;
mod issuer_malformed;
mod issuer_unknown;
mod jwt_settings_ignored;
mod key_id_differs;
mod legacy_named_credential;
mod legacy_password;
mod legacy_subject_mismatch;
mod merge_fields_off;
mod merge_fields_unneeded;
mod namespace_not_allowed;
mod permission_set_unassigned;
mod principal_missing;
mod principal_not_granted;
mod principal_unknown;
mod scope_claim_ignored;
mod scope_on_credential;
mod shared_lifetime;
mod signing_certificate_missing;
mod subject_not_a_username;
mod token_endpoint_login_host;
mod token_endpoint_missing;
mod token_endpoint_needs_my_domain;
mod token_endpoint_wrong_host;
mod token_endpoint_wrong_path;
mod unreadable_file;
mod url_and_token_endpoint_differ;
mod url_is_token_endpoint;
mod url_login_host;
mod url_malformed;
mod url_missing;
mod url_not_https;
mod url_path_doubled;
mod url_trailing_slash;
mod url_wrong_host;

use std::collections::HashSet;

use crate::finding::{Draft, Finding, Findings, Label};
use crate::model::Workspace;
use crate::rule::{Rule, rule};
use crate::settings::Settings;
use crate::source::Sources;

/// All rules, in the order of their names.
pub static RULES: &[Rule] = &[
    rule!("algorithm-not-rs256", algorithm_not_rs256::check),
    rule!("algorithm-unsupported", algorithm_unsupported::check),
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
    rule!("auth-provider-beside-jwt", auth_provider_beside_jwt::check),
    rule!("auth-provider-not-found", auth_provider_not_found::check),
    rule!("authorization-header-off", authorization_header_off::check),
    rule!("callout-disabled", callout_disabled::check),
    rule!("certificate-expired", certificate_expired::check),
    rule!("certificate-mismatch", certificate_mismatch::check),
    rule!("claim-duplicated", claim_duplicated::check),
    rule!("claim-misplaced", claim_misplaced::check),
    rule!("claim-missing", claim_missing::check),
    rule!("claim-name-malformed", claim_name_malformed::check),
    rule!("claim-static", claim_static::check),
    rule!("client-assertion-to-salesforce", client_assertion_to_salesforce::check),
    rule!("client-certificate-is-signing-certificate", client_certificate_is_signing_certificate::check),
    rule!("direct-jwt-to-salesforce", direct_jwt_to_salesforce::check),
    rule!("expiry-formula-malformed", expiry_formula_malformed::check),
    rule!("expiry-static", expiry_static::check),
    rule!("expiry-too-long", expiry_too_long::check),
    rule!("expiry-too-short", expiry_too_short::check),
    rule!("external-credential-not-found", external_credential_not_found::check),
    rule!("external-credential-not-set", external_credential_not_set::check),
    rule!("flow-variant-missing", flow_variant_missing::check),
    rule!("issuer-malformed", issuer_malformed::check),
    rule!("issuer-unknown", issuer_unknown::check),
    rule!("jwt-settings-ignored", jwt_settings_ignored::check),
    rule!("key-id-differs", key_id_differs::check),
    rule!("legacy-named-credential", legacy_named_credential::check),
    rule!("legacy-password", legacy_password::check),
    rule!("legacy-subject-mismatch", legacy_subject_mismatch::check),
    rule!("merge-fields-off", merge_fields_off::check),
    rule!("merge-fields-unneeded", merge_fields_unneeded::check),
    rule!("namespace-not-allowed", namespace_not_allowed::check),
    rule!("permission-set-unassigned", permission_set_unassigned::check),
    rule!("principal-missing", principal_missing::check),
    rule!("principal-not-granted", principal_not_granted::check),
    rule!("principal-unknown", principal_unknown::check),
    rule!("scope-claim-ignored", scope_claim_ignored::check),
    rule!("scope-on-credential", scope_on_credential::check),
    rule!("signing-certificate-missing", signing_certificate_missing::check),
    rule!("subject-not-a-username", subject_not_a_username::check),
    rule!("token-endpoint-login-host", token_endpoint_login_host::check),
    rule!("token-endpoint-missing", token_endpoint_missing::check),
    rule!("token-endpoint-needs-my-domain", token_endpoint_needs_my_domain::check),
    rule!("token-endpoint-wrong-host", token_endpoint_wrong_host::check),
    rule!("token-endpoint-wrong-path", token_endpoint_wrong_path::check),
    rule!("unreadable-file", unreadable_file::check),
    rule!("url-and-token-endpoint-differ", url_and_token_endpoint_differ::check),
    rule!("url-is-token-endpoint", url_is_token_endpoint::check),
    rule!("url-login-host", url_login_host::check),
    rule!("url-malformed", url_malformed::check),
    rule!("url-missing", url_missing::check),
    rule!("url-not-https", url_not_https::check),
    rule!("url-path-doubled", url_path_doubled::check),
    rule!("url-trailing-slash", url_trailing_slash::check),
    rule!("url-wrong-host", url_wrong_host::check),
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
