//! The rules: each looks at the workspace and says what it found. No rule reads another, a file or a page.

mod algorithm_not_rs256;
mod algorithm_unsupported;
mod apex_audience_is_token_endpoint;
mod apex_expiry_milliseconds;
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
mod app_certificate_unreadable;
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
mod audience_list;
mod audience_malformed;
mod audience_not_https;
mod audience_of_another_org;
mod audience_trailing_slash;
mod audience_unquoted;
mod auth_provider_beside_jwt;
mod auth_provider_not_found;
mod auth_url_in_source;
mod authorization_header_off;
mod authorization_header_overridden;
mod callout_disabled;
mod callout_dot_placeholder;
mod callout_name_malformed;
mod callout_path_not_encoded;
mod certificate_date_malformed;
mod certificate_deploy_regenerates_key;
mod certificate_digest_weak;
mod certificate_empty;
mod certificate_expired;
mod certificate_expires_soon;
mod certificate_file_missing;
mod certificate_in_package;
mod certificate_is_request;
mod certificate_key_not_rsa;
mod certificate_key_too_small;
mod certificate_mismatch;
mod certificate_not_in_project;
mod certificate_of_another_org;
mod certificate_shared;
mod certificate_too_large;
mod claim_duplicated;
mod claim_misplaced;
mod claim_missing;
mod claim_name_malformed;
mod claim_static;
mod client_assertion_to_salesforce;
mod client_certificate_is_signing_certificate;
mod client_credentials_user_missing;
mod consumer_key_duplicated;
mod consumer_key_shape;
mod credential_merge_field_of_another;
mod credential_packaged_alone;
mod credential_unused;
mod custom;
mod description_contradicts_metadata;
mod direct_jwt_to_salesforce;
mod element_needs_other_api_version;
mod endpoint_hard_coded;
mod expired_allow;
mod expiry_formula_malformed;
mod expiry_static;
mod expiry_too_long;
mod expiry_too_short;
mod external_credential_not_found;
mod external_credential_not_set;
mod flow_variant_missing;
mod granted_credential_not_found;
mod issuer_malformed;
mod issuer_not_a_consumer_key;
mod issuer_of_another_org;
mod issuer_unknown;
mod jwt_settings_ignored;
mod key_id_differs;
mod keystore_in_source;
mod legacy_named_credential;
mod legacy_password;
mod legacy_subject_mismatch;
mod merge_fields_off;
mod merge_fields_unneeded;
mod named_credential_case_differs;
mod named_credential_not_found;
mod named_user_jwt_misread;
mod names_differ_by_case;
mod namespace_not_allowed;
mod permission_set_bound_to_license;
mod permission_set_needs_activation;
mod permission_set_unassigned;
mod placeholder_left;
mod principal_grant_disabled;
mod principal_grant_not_in_project;
mod principal_group_mismatch;
mod principal_missing;
mod principal_muted;
mod principal_not_granted;
mod principal_reference_malformed;
mod principal_sequence_duplicated;
mod principal_unknown;
mod private_key_exportable;
mod private_key_in_source;
mod prn_overrides_subject;
mod refresh_status_code_invalid;
mod remote_site_insecure;
mod running_user_not_granted;
mod scope_claim_ignored;
mod scope_on_credential;
mod secret_in_source;
mod session_token_in_source;
mod shared_allows;
mod shared_lifetime;
mod shared_scopes;
mod shared_secrets;
mod signing_certificate_missing;
mod subject_environment_mismatch;
mod subject_formula_not_username;
mod subject_is_record_id;
mod subject_kind_mismatch;
mod subject_lacks_api_enabled;
mod subject_malformed;
mod subject_not_a_username;
mod subject_not_approved;
mod subject_profile_restricts_hours;
mod subject_profile_restricts_ip;
mod subject_unknown;
mod token_endpoint_login_host;
mod token_endpoint_missing;
mod token_endpoint_needs_my_domain;
mod token_endpoint_wrong_host;
mod token_endpoint_wrong_path;
mod token_exchange_by_hand;
mod unknown_element;
mod unknown_value;
mod unreadable_file;
mod unused_allow;
mod url_and_token_endpoint_differ;
mod url_is_token_endpoint;
mod url_login_host;
mod url_malformed;
mod url_missing;
mod url_not_https;
mod url_path_doubled;
mod url_trailing_slash;
mod url_wrong_host;
mod user_external_credential_missing;
mod user_external_credential_too_low;

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::finding::{Draft, Finding, Findings, Label};
use crate::model::Workspace;
use crate::rule::{Rule, rule};
use crate::settings::Settings;
use crate::source::{FileId, Sources};
pub use shared_allows::covering;

/// All rules, in the order of their names.
pub static RULES: &[Rule] = &[
    rule!("algorithm-not-rs256", algorithm_not_rs256::check),
    rule!("algorithm-unsupported", algorithm_unsupported::check),
    rule!("apex-audience-is-token-endpoint", apex_audience_is_token_endpoint::check),
    rule!("apex-expiry-milliseconds", apex_expiry_milliseconds::check),
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
    rule!("app-certificate-unreadable", app_certificate_unreadable::check),
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
    rule!("audience-list", audience_list::check),
    rule!("audience-malformed", audience_malformed::check),
    rule!("audience-not-https", audience_not_https::check),
    rule!("audience-of-another-org", audience_of_another_org::check),
    rule!("audience-trailing-slash", audience_trailing_slash::check),
    rule!("audience-unquoted", audience_unquoted::check),
    rule!("auth-provider-beside-jwt", auth_provider_beside_jwt::check),
    rule!("auth-provider-not-found", auth_provider_not_found::check),
    rule!("auth-url-in-source", auth_url_in_source::check),
    rule!("authorization-header-off", authorization_header_off::check),
    rule!("authorization-header-overridden", authorization_header_overridden::check),
    rule!("callout-disabled", callout_disabled::check),
    rule!("callout-dot-placeholder", callout_dot_placeholder::check),
    rule!("callout-name-malformed", callout_name_malformed::check),
    rule!("callout-path-not-encoded", callout_path_not_encoded::check),
    rule!("certificate-date-malformed", certificate_date_malformed::check),
    rule!("certificate-deploy-regenerates-key", certificate_deploy_regenerates_key::check),
    rule!("certificate-digest-weak", certificate_digest_weak::check),
    rule!("certificate-empty", certificate_empty::check),
    rule!("certificate-expired", certificate_expired::check),
    rule!("certificate-expires-soon", certificate_expires_soon::check),
    rule!("certificate-file-missing", certificate_file_missing::check),
    rule!("certificate-in-package", certificate_in_package::check),
    rule!("certificate-is-request", certificate_is_request::check),
    rule!("certificate-key-not-rsa", certificate_key_not_rsa::check),
    rule!("certificate-key-too-small", certificate_key_too_small::check),
    rule!("certificate-mismatch", certificate_mismatch::check),
    rule!("certificate-not-in-project", certificate_not_in_project::check),
    rule!("certificate-of-another-org", certificate_of_another_org::check),
    rule!("certificate-shared", certificate_shared::check),
    rule!("certificate-too-large", certificate_too_large::check),
    rule!("claim-duplicated", claim_duplicated::check),
    rule!("claim-misplaced", claim_misplaced::check),
    rule!("claim-missing", claim_missing::check),
    rule!("claim-name-malformed", claim_name_malformed::check),
    rule!("claim-static", claim_static::check),
    rule!("client-assertion-to-salesforce", client_assertion_to_salesforce::check),
    rule!(
        "client-certificate-is-signing-certificate",
        client_certificate_is_signing_certificate::check
    ),
    rule!("client-credentials-user-missing", client_credentials_user_missing::check),
    rule!("consumer-key-duplicated", consumer_key_duplicated::check),
    rule!("consumer-key-shape", consumer_key_shape::check),
    rule!("credential-merge-field-of-another", credential_merge_field_of_another::check),
    rule!("credential-packaged-alone", credential_packaged_alone::check),
    rule!("credential-unused", credential_unused::check),
    rule!("custom", custom::check),
    rule!("description-contradicts-metadata", description_contradicts_metadata::check),
    rule!("direct-jwt-to-salesforce", direct_jwt_to_salesforce::check),
    rule!("element-needs-other-api-version", element_needs_other_api_version::check),
    rule!("endpoint-hard-coded", endpoint_hard_coded::check),
    rule!("expired-allow", expired_allow::check),
    rule!("expiry-formula-malformed", expiry_formula_malformed::check),
    rule!("expiry-static", expiry_static::check),
    rule!("expiry-too-long", expiry_too_long::check),
    rule!("expiry-too-short", expiry_too_short::check),
    rule!("external-credential-not-found", external_credential_not_found::check),
    rule!("external-credential-not-set", external_credential_not_set::check),
    rule!("flow-variant-missing", flow_variant_missing::check),
    rule!("granted-credential-not-found", granted_credential_not_found::check),
    rule!("issuer-malformed", issuer_malformed::check),
    rule!("issuer-not-a-consumer-key", issuer_not_a_consumer_key::check),
    rule!("issuer-of-another-org", issuer_of_another_org::check),
    rule!("issuer-unknown", issuer_unknown::check),
    rule!("jwt-settings-ignored", jwt_settings_ignored::check),
    rule!("key-id-differs", key_id_differs::check),
    rule!("keystore-in-source", keystore_in_source::check),
    rule!("legacy-named-credential", legacy_named_credential::check),
    rule!("legacy-password", legacy_password::check),
    rule!("legacy-subject-mismatch", legacy_subject_mismatch::check),
    rule!("merge-fields-off", merge_fields_off::check),
    rule!("merge-fields-unneeded", merge_fields_unneeded::check),
    rule!("named-credential-case-differs", named_credential_case_differs::check),
    rule!("named-credential-not-found", named_credential_not_found::check),
    rule!("named-user-jwt-misread", named_user_jwt_misread::check),
    rule!("names-differ-by-case", names_differ_by_case::check),
    rule!("namespace-not-allowed", namespace_not_allowed::check),
    rule!("permission-set-bound-to-license", permission_set_bound_to_license::check),
    rule!("permission-set-needs-activation", permission_set_needs_activation::check),
    rule!("permission-set-unassigned", permission_set_unassigned::check),
    rule!("placeholder-left", placeholder_left::check),
    rule!("principal-grant-disabled", principal_grant_disabled::check),
    rule!("principal-grant-not-in-project", principal_grant_not_in_project::check),
    rule!("principal-group-mismatch", principal_group_mismatch::check),
    rule!("principal-missing", principal_missing::check),
    rule!("principal-muted", principal_muted::check),
    rule!("principal-not-granted", principal_not_granted::check),
    rule!("principal-reference-malformed", principal_reference_malformed::check),
    rule!("principal-sequence-duplicated", principal_sequence_duplicated::check),
    rule!("principal-unknown", principal_unknown::check),
    rule!("private-key-exportable", private_key_exportable::check),
    rule!("private-key-in-source", private_key_in_source::check),
    rule!("prn-overrides-subject", prn_overrides_subject::check),
    rule!("refresh-status-code-invalid", refresh_status_code_invalid::check),
    rule!("remote-site-insecure", remote_site_insecure::check),
    rule!("running-user-not-granted", running_user_not_granted::check),
    rule!("scope-claim-ignored", scope_claim_ignored::check),
    rule!("scope-on-credential", scope_on_credential::check),
    rule!("secret-in-source", secret_in_source::check),
    rule!("session-token-in-source", session_token_in_source::check),
    rule!("signing-certificate-missing", signing_certificate_missing::check),
    rule!("subject-environment-mismatch", subject_environment_mismatch::check),
    rule!("subject-formula-not-username", subject_formula_not_username::check),
    rule!("subject-is-record-id", subject_is_record_id::check),
    rule!("subject-kind-mismatch", subject_kind_mismatch::check),
    rule!("subject-lacks-api-enabled", subject_lacks_api_enabled::check),
    rule!("subject-malformed", subject_malformed::check),
    rule!("subject-not-a-username", subject_not_a_username::check),
    rule!("subject-not-approved", subject_not_approved::check),
    rule!("subject-profile-restricts-hours", subject_profile_restricts_hours::check),
    rule!("subject-profile-restricts-ip", subject_profile_restricts_ip::check),
    rule!("subject-unknown", subject_unknown::check),
    rule!("token-endpoint-login-host", token_endpoint_login_host::check),
    rule!("token-endpoint-missing", token_endpoint_missing::check),
    rule!("token-endpoint-needs-my-domain", token_endpoint_needs_my_domain::check),
    rule!("token-endpoint-wrong-host", token_endpoint_wrong_host::check),
    rule!("token-endpoint-wrong-path", token_endpoint_wrong_path::check),
    rule!("token-exchange-by-hand", token_exchange_by_hand::check),
    rule!("unknown-element", unknown_element::check),
    rule!("unknown-value", unknown_value::check),
    rule!("unreadable-file", unreadable_file::check),
    rule!("unused-allow", unused_allow::check),
    rule!("url-and-token-endpoint-differ", url_and_token_endpoint_differ::check),
    rule!("url-is-token-endpoint", url_is_token_endpoint::check),
    rule!("url-login-host", url_login_host::check),
    rule!("url-malformed", url_malformed::check),
    rule!("url-missing", url_missing::check),
    rule!("url-not-https", url_not_https::check),
    rule!("url-path-doubled", url_path_doubled::check),
    rule!("url-trailing-slash", url_trailing_slash::check),
    rule!("url-wrong-host", url_wrong_host::check),
    rule!("user-external-credential-missing", user_external_credential_missing::check),
    rule!("user-external-credential-too-low", user_external_credential_too_low::check),
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// Rules about the run itself: they look at what came of all others.
const ABOUT_THE_RUN: &[&str] = &["expired-allow", "unused-allow"];

/// A secret leaks with the repository, whether or not its file is ever deployed.
const EVEN_IN_CONTEXT: &[&str] = &[
    "auth-url-in-source",
    "keystore-in-source",
    "private-key-in-source",
    "secret-in-source",
    "session-token-in-source",
];

/// From here on rules run side by side.
const MANY_FILES: usize = 100;

/// Runs every rule that is not off: what is to be reported, and what an allow covers. What lies in files that
/// `.forceignore` names is not reported, unless it is a secret.
pub fn check(
    workspace: &mut Workspace,
    sources: &Sources,
    settings: &Settings,
) -> (Vec<Finding>, Vec<Finding>) {
    let about_the_run = |rule: &&Rule| ABOUT_THE_RUN.contains(&rule.name);
    // Of a rule that the command line leaves out nobody knows what an allow would have covered.
    for allow in workspace.allows.iter_mut() {
        allow.analysis &=
            !RULES.iter().any(|rule| allow.names(rule.name) && !settings.selection.runs(rule.name));
    }
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| !about_the_run(rule)).collect();
    let shared: &Workspace = workspace;
    // Rules know nothing of each other. Waking other threads costs more than all rules over a small project.
    let found: Vec<Vec<Finding>> = if sources.len() < MANY_FILES {
        rules.iter().map(|rule| run(rule, shared, settings)).collect()
    } else {
        rules.par_iter().map(|rule| run(rule, shared, settings)).collect()
    };
    let mut findings = in_order(found.into_iter().flatten().collect(), sources);
    shared_secrets::hide(&mut findings, sources);
    let (mut findings, allowed) = shared_allows::divide(findings, workspace, sources, settings);
    findings
        .extend(RULES.iter().filter(about_the_run).flat_map(|rule| run(rule, workspace, settings)));
    (in_order(findings, sources), allowed)
}

fn run(rule: &Rule, workspace: &Workspace, settings: &Settings) -> Vec<Finding> {
    let mut drafts = Findings::default();
    (rule.check)(workspace, &mut drafts);
    if !EVEN_IN_CONTEXT.contains(&rule.name) {
        drafts.all.retain_mut(|draft| is_judged(workspace, draft));
    }
    if drafts.all.is_empty() {
        return Vec::new();
    }
    let head = rule.page().head;
    let finding = |draft| {
        let Draft { message, primary, related, help, fix, component, field, entry } = draft;
        let own =
            entry.and_then(|order| settings.custom.get(order)).and_then(|(_, severity)| *severity);
        let severity = settings.severity(rule.name, own.unwrap_or(head.severity))?;
        Some(Finding {
            rule: rule.name,
            severity,
            message,
            primary,
            related,
            help,
            fix,
            answers: head.answers.clone(),
            component,
            field,
        })
    };
    drafts.all.into_iter().filter_map(finding).collect()
}

fn in_order(mut findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| {
            (finding.primary.span.file, finding.primary.span.start, finding.rule)
        };
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
    let shown = std::mem::replace(
        &mut draft.primary,
        Label { span: draft.component.place, text: String::new() },
    );
    draft.related.insert(0, shown);
    true
}

/// Source trees get copied whole; the same fault in a copy of the same file is one fault.
fn without_copies(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut firsts: HashMap<(&str, &str), FileId> = HashMap::new();
    let first: HashMap<FileId, FileId> = findings
        .iter()
        .map(|finding| finding.primary.span.file)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|file| {
            (
                file,
                *firsts
                    .entry((sources.get(file).file_name(), sources.get(file).text()))
                    .or_insert(file),
            )
        })
        .collect();
    let mut seen = HashSet::new();
    let keep: Vec<bool> = findings
        .iter()
        .map(|finding| {
            let place = finding.primary.span;
            let original = first.get(&place.file).copied().unwrap_or(place.file);
            sources.get(place.file).text().is_empty()
                || seen.insert((
                    finding.rule,
                    &finding.message,
                    original,
                    place.start,
                    place.end,
                    &finding.field,
                ))
        })
        .collect();
    findings.into_iter().zip(keep).filter_map(|(finding, keep)| keep.then_some(finding)).collect()
}
