//! The rules: each looks at the workspace and says what it found. No rule reads another, a file or a page.

mod apex_audience_is_token_endpoint;
mod apex_expiry_milliseconds;
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
mod auth_url_in_source;
mod authorization_header_overridden;
mod callout_dot_placeholder;
mod callout_name_malformed;
mod callout_path_not_encoded;
mod certificate_expired;
mod certificate_in_package;
mod certificate_mismatch;
mod claim_missing;
mod credential_packaged_alone;
mod endpoint_hard_coded;
mod expired_allow;
mod issuer_malformed;
mod issuer_unknown;
mod keystore_in_source;
mod named_credential_case_differs;
mod named_credential_not_found;
mod permission_set_unassigned;
mod principal_missing;
mod principal_not_granted;
mod principal_unknown;
mod private_key_in_source;
mod remote_site_insecure;
mod scope_on_credential;
mod secret_in_source;
mod session_token_in_source;
mod shared_allows;
mod signing_certificate_missing;
mod subject_not_a_username;
mod token_endpoint_login_host;
mod token_endpoint_missing;
mod token_endpoint_wrong_path;
mod token_exchange_by_hand;
mod unreadable_file;
mod unused_allow;

use std::collections::HashSet;

use crate::finding::{Draft, Finding, Findings, Label};
use crate::model::Workspace;
use crate::rule::{Rule, rule};
use crate::settings::Settings;
use crate::source::Sources;

/// All rules, in the order of their names.
pub static RULES: &[Rule] = &[
    rule!("apex-audience-is-token-endpoint", apex_audience_is_token_endpoint::check),
    rule!("apex-expiry-milliseconds", apex_expiry_milliseconds::check),
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
    rule!("auth-url-in-source", auth_url_in_source::check),
    rule!("authorization-header-overridden", authorization_header_overridden::check),
    rule!("callout-dot-placeholder", callout_dot_placeholder::check),
    rule!("callout-name-malformed", callout_name_malformed::check),
    rule!("callout-path-not-encoded", callout_path_not_encoded::check),
    rule!("certificate-expired", certificate_expired::check),
    rule!("certificate-in-package", certificate_in_package::check),
    rule!("certificate-mismatch", certificate_mismatch::check),
    rule!("claim-missing", claim_missing::check),
    rule!("credential-packaged-alone", credential_packaged_alone::check),
    rule!("endpoint-hard-coded", endpoint_hard_coded::check),
    rule!("expired-allow", expired_allow::check),
    rule!("issuer-malformed", issuer_malformed::check),
    rule!("issuer-unknown", issuer_unknown::check),
    rule!("keystore-in-source", keystore_in_source::check),
    rule!("named-credential-case-differs", named_credential_case_differs::check),
    rule!("named-credential-not-found", named_credential_not_found::check),
    rule!("permission-set-unassigned", permission_set_unassigned::check),
    rule!("principal-missing", principal_missing::check),
    rule!("principal-not-granted", principal_not_granted::check),
    rule!("principal-unknown", principal_unknown::check),
    rule!("private-key-in-source", private_key_in_source::check),
    rule!("remote-site-insecure", remote_site_insecure::check),
    rule!("scope-on-credential", scope_on_credential::check),
    rule!("secret-in-source", secret_in_source::check),
    rule!("session-token-in-source", session_token_in_source::check),
    rule!("signing-certificate-missing", signing_certificate_missing::check),
    rule!("subject-not-a-username", subject_not_a_username::check),
    rule!("token-endpoint-login-host", token_endpoint_login_host::check),
    rule!("token-endpoint-missing", token_endpoint_missing::check),
    rule!("token-endpoint-wrong-path", token_endpoint_wrong_path::check),
    rule!("token-exchange-by-hand", token_exchange_by_hand::check),
    rule!("unreadable-file", unreadable_file::check),
    rule!("unused-allow", unused_allow::check),
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// Rules about the run itself: they look at what came of all others.
const ABOUT_THE_RUN: &[&str] = &["expired-allow", "unused-allow"];

/// A secret leaks with the repository, whether or not its file is ever deployed.
const EVEN_IN_CONTEXT: &[&str] = &["auth-url-in-source", "keystore-in-source", "private-key-in-source", "secret-in-source", "session-token-in-source"];

/// Runs every rule that is not off: what is to be reported, and what an allow covers. What lies in files that
/// `.forceignore` names is not reported, unless it is a secret.
pub fn check(workspace: &mut Workspace, sources: &Sources, settings: &Settings) -> (Vec<Finding>, Vec<Finding>) {
    let about_the_run = |rule: &&Rule| ABOUT_THE_RUN.contains(&rule.name);
    let mut findings = in_order(RULES.iter().filter(|rule| !about_the_run(rule)).flat_map(|rule| run(rule, workspace, settings)).collect(), sources);
    findings.iter_mut().for_each(|finding| hide_secrets(finding, sources));
    let (mut findings, allowed) = shared_allows::divide(findings, workspace, sources);
    findings.extend(RULES.iter().filter(about_the_run).flat_map(|rule| run(rule, workspace, settings)));
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
    let Some(severity) = settings.severity(rule.name, head.severity) else { return Vec::new() };
    let finding = |draft| {
        let Draft { message, primary, related, help, fix, component, field } = draft;
        Finding { rule: rule.name, severity, message, primary, related, help, fix, answers: head.answers.clone(), component, field }
    };
    drafts.all.into_iter().map(finding).collect()
}

fn in_order(mut findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| (finding.primary.span.file, finding.primary.span.start, finding.rule);
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    without_copies(findings, sources)
}

/// Whatever a rule quotes, no words of a finding hold a text that must not be shown.
fn hide_secrets(finding: &mut Finding, sources: &Sources) {
    let places: Vec<_> = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span.file).chain([finding.component.place.file]).collect();
    for span in places.iter().flat_map(|file| sources.concealed(*file)) {
        let Some(secret) = sources.get(span.file).text().get(span.range()).map(str::trim).filter(|secret| secret.len() >= 8) else { continue };
        let hide = |words: &mut String| {
            if words.contains(secret) {
                *words = words.replace(secret, "••••••");
            }
        };
        hide(&mut finding.message);
        finding.help.iter_mut().for_each(hide);
        hide(&mut finding.primary.text);
        finding.related.iter_mut().for_each(|label| hide(&mut label.text));
        hide(&mut finding.field);
    }
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
