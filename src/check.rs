//! The registry and runner of all rules. A rule reads only the workspace: no files, no pages, no
//! other rules.

mod shared_api_versions;
mod shared_approval;
mod shared_edits;
mod shared_object_access;
mod shared_references;
mod shared_scopes;
mod shared_soap_login;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rayon::prelude::*;

use crate::finding::{Draft, Finding, Findings, Label, Severity};
use crate::mask::mask_findings;
use crate::model::{OrgId, Workspace};
use crate::options::Options;
use crate::rule::{Check, Rule};
use crate::source::Sources;
use crate::suppress::Suppressions;

/// Declares the modules of all rules, `RULES` and `CATEGORIES`. A rule's module is `check/<category>/<module>.rs`, its page
/// `rules/<name>.md`.
macro_rules! rules {
    ($($category:ident $title:literal: $kind:ident { $($name:literal => $module:ident,)* })*) => {
        $(mod $category { $(pub mod $module;)* })*

        /// The categories, each with its heading in the rule index.
        pub static CATEGORIES: &[(&str, &str)] = &[$((stringify!($category), $title)),*];

        /// All rules, sorted by name.
        pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
            let mut rules = vec![$($(
                Rule::new(
                    $name,
                    stringify!($category),
                    include_str!(concat!("../rules/", $name, ".md")),
                    Check::$kind($category::$module::check),
                ),
            )*)*];
            rules.sort_unstable_by_key(|rule| rule.name);
            rules
        });
    };
}

rules! {
    claims "Claims": Files {
        "algorithm-not-rs256" => algorithm_not_rs256,
        "algorithm-unsupported" => algorithm_unsupported,
        "audience-differs-for-same-org" => audience_differs_for_same_org,
        "audience-environment-mismatch" => audience_environment_mismatch,
        "audience-host-wrong" => audience_host_wrong,
        "audience-is-token-endpoint" => audience_is_token_endpoint,
        "audience-list" => audience_list,
        "audience-malformed" => audience_malformed,
        "audience-not-https" => audience_not_https,
        "audience-of-another-org" => audience_of_another_org,
        "audience-trailing-slash" => audience_trailing_slash,
        "audience-unquoted" => audience_unquoted,
        "claim-duplicated" => claim_duplicated,
        "claim-misplaced" => claim_misplaced,
        "claim-missing" => claim_missing,
        "claim-name-malformed" => claim_name_malformed,
        "claim-static" => claim_static,
        "expiry-formula-malformed" => expiry_formula_malformed,
        "expiry-static" => expiry_static,
        "expiry-too-long" => expiry_too_long,
        "expiry-too-short" => expiry_too_short,
        "issuer-malformed" => issuer_malformed,
        "issuer-not-a-consumer-key" => issuer_not_a_consumer_key,
        "issuer-of-another-org" => issuer_of_another_org,
        "issuer-unknown" => issuer_unknown,
        "key-id-differs" => key_id_differs,
        "legacy-subject-mismatch" => legacy_subject_mismatch,
        "prn-overrides-subject" => prn_overrides_subject,
        "scope-claim-ignored" => scope_claim_ignored,
        "subject-environment-mismatch" => subject_environment_mismatch,
        "subject-formula-not-username" => subject_formula_not_username,
        "subject-is-record-id" => subject_is_record_id,
        "subject-kind-mismatch" => subject_kind_mismatch,
        "subject-malformed" => subject_malformed,
        "subject-not-a-username" => subject_not_a_username,
        "subject-unknown" => subject_unknown,
        "subject-without-sandbox-suffix" => subject_without_sandbox_suffix,
    }
    credentials "Credentials and flows": Files {
        "auth-provider-beside-jwt" => auth_provider_beside_jwt,
        "auth-provider-callback-not-on-app" => auth_provider_callback_not_on_app,
        "auth-provider-host-mismatch" => auth_provider_host_mismatch,
        "auth-provider-key-unknown" => auth_provider_key_unknown,
        "auth-provider-missing" => auth_provider_missing,
        "auth-provider-not-found" => auth_provider_not_found,
        "auth-provider-scope-not-on-app" => auth_provider_scope_not_on_app,
        "auth-provider-without-pkce" => auth_provider_without_pkce,
        "auth-provider-without-refresh-scope" => auth_provider_without_refresh_scope,
        "authorization-header-competes" => authorization_header_competes,
        "authorization-header-off" => authorization_header_off,
        "aws-parameter-missing" => aws_parameter_missing,
        "aws-scope-mismatch" => aws_scope_mismatch,
        "basic-auth-to-salesforce" => basic_auth_to_salesforce,
        "callout-disabled" => callout_disabled,
        "client-assertion-to-salesforce" => client_assertion_to_salesforce,
        "client-certificate-is-signing-certificate" => client_certificate_is_signing_certificate,
        "credential-merge-field-of-another" => credential_merge_field_of_another,
        "credential-unused" => credential_unused,
        "custom-principal-missing" => custom_principal_missing,
        "data-source-settings-unsupported" => data_source_settings_unsupported,
        "direct-jwt-to-salesforce" => direct_jwt_to_salesforce,
        "external-credential-not-found" => external_credential_not_found,
        "external-credential-not-set" => external_credential_not_set,
        "flow-variant-missing" => flow_variant_missing,
        "formula-function-misused" => formula_function_misused,
        "header-hidden" => header_hidden,
        "header-not-sent-to-token-endpoint" => header_not_sent_to_token_endpoint,
        "identity-provider-url-missing" => identity_provider_url_missing,
        "jwt-settings-ignored" => jwt_settings_ignored,
        "legacy-named-credential" => legacy_named_credential,
        "legacy-password" => legacy_password,
        "merge-field-malformed" => merge_field_malformed,
        "merge-field-name-hyphenated" => merge_field_name_hyphenated,
        "merge-fields-off" => merge_fields_off,
        "merge-fields-unneeded" => merge_fields_unneeded,
        "namespace-not-allowed" => namespace_not_allowed,
        "parameter-duplicated" => parameter_duplicated,
        "parameter-incomplete" => parameter_incomplete,
        "parameter-not-allowed" => parameter_not_allowed,
        "placeholder-left" => placeholder_left,
        "principal-group-mismatch" => principal_group_mismatch,
        "principal-missing" => principal_missing,
        "principal-sequence-duplicated" => principal_sequence_duplicated,
        "principal-type-not-supported" => principal_type_not_supported,
        "protocol-not-allowed" => protocol_not_allowed,
        "refresh-status-code-invalid" => refresh_status_code_invalid,
        "scope-on-credential" => scope_on_credential,
        "secret-sent-to-another-host" => secret_sent_to_another_host,
        "signing-certificate-missing" => signing_certificate_missing,
        "token-parameter-as-header" => token_parameter_as_header,
        "user-field-with-named-principal" => user_field_with_named_principal,
    }
    endpoints "Endpoints": Files {
        "api-version-deprecated" => api_version_deprecated,
        "api-version-retired" => api_version_retired,
        "client-credentials-shared-host" => client_credentials_shared_host,
        "remote-site-insecure" => remote_site_insecure,
        "token-endpoint-environment-mismatch" => token_endpoint_environment_mismatch,
        "token-endpoint-login-host" => token_endpoint_login_host,
        "token-endpoint-missing" => token_endpoint_missing,
        "token-endpoint-needs-my-domain" => token_endpoint_needs_my_domain,
        "token-endpoint-wrong-host" => token_endpoint_wrong_host,
        "token-endpoint-wrong-path" => token_endpoint_wrong_path,
        "url-and-token-endpoint-differ" => url_and_token_endpoint_differ,
        "url-has-query" => url_has_query,
        "url-is-token-endpoint" => url_is_token_endpoint,
        "url-login-host" => url_login_host,
        "url-malformed" => url_malformed,
        "url-missing" => url_missing,
        "url-not-https" => url_not_https,
        "url-path-doubled" => url_path_doubled,
        "url-trailing-slash" => url_trailing_slash,
        "url-wrong-host" => url_wrong_host,
    }
    apps "Apps": Files {
        "api-access-control" => api_access_control,
        "app-api-scope-missing" => app_api_scope_missing,
        "app-approval-left-to-users" => app_approval_left_to_users,
        "app-approval-list-ignored" => app_approval_list_ignored,
        "app-approval-target-unknown" => app_approval_target_unknown,
        "app-approves-administrators" => app_approves_administrators,
        "app-approves-nobody" => app_approves_nobody,
        "app-bound-to-another-org" => app_bound_to_another_org,
        "app-callback-missing" => app_callback_missing,
        "app-callback-not-https" => app_callback_not_https,
        "app-device-flow-enabled" => app_device_flow_enabled,
        "app-disabled" => app_disabled,
        "app-files-incomplete" => app_files_incomplete,
        "app-full-scope" => app_full_scope,
        "app-global-settings-in-source" => app_global_settings_in_source,
        "app-ip-relaxed" => app_ip_relaxed,
        "app-key-rotation-on-deploy" => app_key_rotation_on_deploy,
        "app-not-admin-approved" => app_not_admin_approved,
        "app-not-distributed" => app_not_distributed,
        "app-public-client-without-pkce" => app_public_client_without_pkce,
        "app-refresh-policy-zero" => app_refresh_policy_zero,
        "app-refresh-scope-missing" => app_refresh_scope_missing,
        "app-refresh-token-unlimited" => app_refresh_token_unlimited,
        "app-refresh-ttl-inconsistent" => app_refresh_ttl_inconsistent,
        "app-requires-dpop" => app_requires_dpop,
        "app-session-high-assurance" => app_session_high_assurance,
        "app-surplus-scope" => app_surplus_scope,
        "app-token-ip-allowlist" => app_token_ip_allowlist,
        "client-credentials-app-missing" => client_credentials_app_missing,
        "client-credentials-policy-silent" => client_credentials_policy_silent,
        "client-credentials-scopes-missing" => client_credentials_scopes_missing,
        "client-credentials-switch-incomplete" => client_credentials_switch_incomplete,
        "client-credentials-user-malformed" => client_credentials_user_malformed,
        "client-credentials-user-missing" => client_credentials_user_missing,
        "client-credentials-user-unknown" => client_credentials_user_unknown,
        "connected-app-creation-blocked" => connected_app_creation_blocked,
        "consumer-key-duplicated" => consumer_key_duplicated,
        "consumer-key-shape" => consumer_key_shape,
        "jwt-access-token-on-soap" => jwt_access_token_on_soap,
        "named-user-jwt-misread" => named_user_jwt_misread,
        "subject-not-approved" => subject_not_approved,
        "tool-app-approves-administrators" => tool_app_approves_administrators,
    }
    certificates "Certificates": Files {
        "app-certificate-expired" => app_certificate_expired,
        "app-certificate-missing" => app_certificate_missing,
        "app-certificate-unreadable" => app_certificate_unreadable,
        "certificate-date-malformed" => certificate_date_malformed,
        "certificate-deploy-regenerates-key" => certificate_deploy_regenerates_key,
        "certificate-digest-weak" => certificate_digest_weak,
        "certificate-empty" => certificate_empty,
        "certificate-expired" => certificate_expired,
        "certificate-expires-soon" => certificate_expires_soon,
        "certificate-file-missing" => certificate_file_missing,
        "certificate-in-package" => certificate_in_package,
        "certificate-is-request" => certificate_is_request,
        "certificate-key-not-rsa" => certificate_key_not_rsa,
        "certificate-key-too-small" => certificate_key_too_small,
        "certificate-mismatch" => certificate_mismatch,
        "certificate-not-in-project" => certificate_not_in_project,
        "certificate-of-another-org" => certificate_of_another_org,
        "certificate-shared" => certificate_shared,
        "certificate-too-large" => certificate_too_large,
        "client-certificate-expired" => client_certificate_expired,
        "client-certificate-without-client-auth" => client_certificate_without_client_auth,
        "private-key-exportable" => private_key_exportable,
    }
    permissions "Permissions and users": Files {
        "granted-credential-not-found" => granted_credential_not_found,
        "permission-set-bound-to-license" => permission_set_bound_to_license,
        "permission-set-needs-activation" => permission_set_needs_activation,
        "permission-set-unassigned" => permission_set_unassigned,
        "principal-grant-disabled" => principal_grant_disabled,
        "principal-grant-not-in-project" => principal_grant_not_in_project,
        "principal-muted" => principal_muted,
        "principal-not-configured" => principal_not_configured,
        "principal-not-granted" => principal_not_granted,
        "principal-reference-malformed" => principal_reference_malformed,
        "principal-unknown" => principal_unknown,
        "running-user-not-granted" => running_user_not_granted,
        "subject-lacks-api-enabled" => subject_lacks_api_enabled,
        "subject-profile-requires-high-assurance" => subject_profile_requires_high_assurance,
        "subject-profile-restricts-hours" => subject_profile_restricts_hours,
        "subject-profile-restricts-ip" => subject_profile_restricts_ip,
        "user-external-credential-missing" => user_external_credential_missing,
        "user-external-credential-too-low" => user_external_credential_too_low,
    }
    apex "Apex": Files {
        "apex-audience-is-token-endpoint" => apex_audience_is_token_endpoint,
        "apex-expiry-milliseconds" => apex_expiry_milliseconds,
        "authorization-header-overridden" => authorization_header_overridden,
        "callout-dot-placeholder" => callout_dot_placeholder,
        "callout-name-malformed" => callout_name_malformed,
        "callout-path-not-encoded" => callout_path_not_encoded,
        "endpoint-hard-coded" => endpoint_hard_coded,
        "merge-field-encoded" => merge_field_encoded,
        "named-credential-case-differs" => named_credential_case_differs,
        "named-credential-not-found" => named_credential_not_found,
        "soap-login-removed" => soap_login_removed,
        "soap-login-used" => soap_login_used,
        "token-exchange-by-hand" => token_exchange_by_hand,
    }
    secrets "Secrets in source": Files {
        "auth-url-in-source" => auth_url_in_source,
        "keystore-in-source" => keystore_in_source,
        "private-key-in-source" => private_key_in_source,
        "private-key-opens-app" => private_key_opens_app,
        "secret-in-source" => secret_in_source,
        "session-token-in-source" => session_token_in_source,
    }
    project "The project": Files {
        "credential-packaged-alone" => credential_packaged_alone,
        "custom" => custom,
        "description-contradicts-metadata" => description_contradicts_metadata,
        "element-needs-other-api-version" => element_needs_other_api_version,
        "names-differ-by-case" => names_differ_by_case,
        "required-element-missing" => required_element_missing,
        "unknown-element" => unknown_element,
        "unknown-value" => unknown_value,
        "unreadable-file" => unreadable_file,
    }
    run "The run itself": Run {
        "expired-allow" => expired_allow,
        "unused-allow" => unused_allow,
    }
}

/// The names of all rules, sorted.
pub fn rule_names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}

/// The rule with this name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.binary_search_by_key(&name, |rule| rule.name).ok().map(|index| &RULES[index])
}

/// Runs every rule that is not turned off. Returns the findings to report and those that are allowed.
pub fn check(
    workspace: &Workspace,
    sources: &Sources,
    options: &Options,
) -> (Vec<Finding>, Vec<Finding>) {
    let found: Vec<Vec<Finding>> = RULES
        .par_iter()
        .filter_map(|rule| match rule.check {
            Check::Files(check) => {
                Some(run(rule, |drafts| check(workspace, drafts), workspace, options))
            }
            Check::Run(_) => None,
        })
        .collect();
    let mut findings = sorted(found.into_iter().flatten().collect(), sources);
    mask_findings(&mut findings, sources);
    let mut suppressions = Suppressions::new(workspace, options, &rule_names());
    let (mut findings, allowed) = suppressions.divide(findings, workspace, sources, options);
    for rule in RULES.iter() {
        if let Check::Run(check) = rule.check {
            let check = |drafts: &mut Findings| check(workspace, &suppressions, drafts);
            let mut of_run = run(rule, check, workspace, options);
            mask_findings(&mut of_run, sources);
            findings.extend(of_run);
        }
    }
    (sorted(findings, sources), allowed)
}

/// How many rules the settings turn off.
pub fn rules_off(options: &Options) -> usize {
    let rules = RULES.iter().map(|rule| rule.name);
    rules
        .filter(|rule| {
            options.severity(rule, Severity::Error).is_none() && options.selection.runs(rule)
        })
        .count()
}

/// The findings of one rule, completed with the data of its page. Findings in files that
/// `.forceignore` excludes are dropped, unless the rule checks those files too.
fn run(
    rule: &Rule,
    check: impl FnOnce(&mut Findings),
    workspace: &Workspace,
    options: &Options,
) -> Vec<Finding> {
    let mut drafts = Findings::default();
    check(&mut drafts);
    if drafts.all.is_empty() {
        return Vec::new();
    }
    let head = &rule.page().head;
    if !head.fires_in_context && !options.judge_everything {
        drafts.all.retain_mut(|draft| is_deployed(workspace, draft));
    }
    if head.only_for_vendors {
        fold_installed(workspace, &mut drafts.all);
    }
    let finding = |draft| {
        let Draft {
            message,
            primary,
            related,
            unlisted,
            help,
            described_help,
            fix,
            component,
            field,
            entry,
            at_most,
            on_deployment,
            only_answers,
        } = draft;
        let is_described = workspace.is_description(primary.span.file);
        let help = described_help.filter(|_| is_described).or(help);
        let custom_severity = entry
            .and_then(|order| options.settings.custom.get(order))
            .and_then(|(_, severity)| *severity);
        // What is beside the package directories is not deployed with them, but can still leak a secret.
        let is_left_out = rule.category != "secrets"
            && workspace.package_directories.leave_out(component.place.file);
        let is_sample = rule.category == "secrets"
            && workspace.package_directories.is_sample(component.place.file);
        let at_most = if is_left_out || is_sample { Some(Severity::Note) } else { at_most };
        let default = at_most.map_or(head.severity, |limit| limit.min(head.severity));
        let severity = options.severity(rule.name, custom_severity.unwrap_or(default))?;
        Some(Finding {
            rule: rule.name,
            severity,
            proven: at_most.is_none() && !on_deployment,
            message,
            primary,
            related,
            unlisted,
            help,
            fix,
            answers: head
                .answers
                .iter()
                .filter(|name| only_answers.is_none_or(|only| only.contains(&name.as_str())))
                .cloned()
                .collect(),
            component,
            field,
        })
    };
    drafts.all.into_iter().filter_map(finding).collect()
}

/// Leaves one note for all components of an installed package: only its vendor can change them.
fn fold_installed(workspace: &Workspace, drafts: &mut Vec<Draft>) {
    let mut firsts: HashMap<(OrgId, String), usize> = HashMap::new();
    let mut folded: Vec<Draft> = Vec::new();
    for mut draft in std::mem::take(drafts) {
        let component = &draft.component;
        let namespace = component.namespace().map(str::to_ascii_lowercase);
        let is_foreign = workspace.org(component.org).is_foreign(&component.name);
        let Some(namespace) = namespace.filter(|_| is_foreign) else {
            folded.push(draft);
            continue;
        };
        match firsts.get(&(component.org, namespace.clone())) {
            Some(&first) => folded[first].add_related(draft.primary),
            None => {
                firsts.insert((component.org, namespace), folded.len());
                draft.at_most = Some(Severity::Note);
                draft.fix = None;
                folded.push(draft);
            }
        }
    }
    *drafts = folded;
}

fn sorted(mut findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| {
            (finding.primary.span.file, finding.primary.span.start, finding.rule)
        };
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    distinct(findings, sources)
}

/// Whether a finding concerns deployed files. If only its primary place is in a file that
/// `.forceignore` excludes, the component becomes the primary place.
fn is_deployed(workspace: &Workspace, draft: &mut Draft) -> bool {
    if !workspace.is_context(draft.primary.span.file) {
        return true;
    }
    if workspace.is_context(draft.component.place.file) {
        return false;
    }
    let excluded = std::mem::replace(
        &mut draft.primary,
        Label { span: draft.component.place, text: String::new() },
    );
    draft.related.insert(0, excluded);
    true
}

/// Removes findings that are reported twice, for two connections for example.
fn distinct(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let keep: Vec<bool> = findings
        .iter()
        .map(|finding| {
            let place = finding.primary.span;
            sources.get(place.file).text().is_empty()
                || seen.insert((finding.rule, &finding.message, place, &finding.field))
        })
        .collect();
    findings.into_iter().zip(keep).filter_map(|(finding, keep)| keep.then_some(finding)).collect()
}
