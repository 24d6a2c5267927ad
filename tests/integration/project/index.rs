//! `rules/README.md`: the index that a code host shows when the folder is opened.
//!
//! `UPDATE=1 cargo test index` writes it.

use std::collections::BTreeSet;

use sfcred::check::{RULES, rule};
use sfcred::rule::FixKind;

use crate::common::{read, root};

/// The rules by what they are about. A rule has no other category than its place here.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "What the field's reports blame most",
        &[
            "claim-missing",
            "audience-environment-mismatch",
            "audience-host-wrong",
            "audience-is-token-endpoint",
            "audience-of-another-org",
            "issuer-malformed",
            "issuer-unknown",
            "subject-not-a-username",
            "token-endpoint-missing",
            "token-endpoint-wrong-path",
            "token-endpoint-login-host",
            "signing-certificate-missing",
            "certificate-mismatch",
            "certificate-expired",
            "app-certificate-expired",
            "scope-on-credential",
            "app-refresh-scope-missing",
            "app-api-scope-missing",
            "app-not-admin-approved",
            "app-approves-nobody",
            "app-certificate-missing",
            "principal-missing",
            "principal-not-granted",
            "permission-set-unassigned",
            "principal-unknown",
            "unreadable-file",
        ],
    ),
    (
        "Claims and flow",
        &[
            "issuer-not-a-consumer-key",
            "issuer-of-another-org",
            "placeholder-left",
            "subject-is-record-id",
            "subject-malformed",
            "subject-environment-mismatch",
            "subject-kind-mismatch",
            "subject-formula-not-username",
            "subject-unknown",
            "subject-not-approved",
            "prn-overrides-subject",
            "audience-unquoted",
            "audience-malformed",
            "audience-not-https",
            "audience-trailing-slash",
            "audience-list",
            "expiry-static",
            "expiry-too-short",
            "expiry-too-long",
            "expiry-formula-malformed",
            "algorithm-unsupported",
            "algorithm-not-rs256",
            "key-id-differs",
            "scope-claim-ignored",
            "claim-static",
            "claim-duplicated",
            "claim-misplaced",
            "claim-name-malformed",
            "jwt-settings-ignored",
            "direct-jwt-to-salesforce",
            "client-assertion-to-salesforce",
            "flow-variant-missing",
            "auth-provider-beside-jwt",
            "token-endpoint-needs-my-domain",
            "token-endpoint-wrong-host",
            "url-not-https",
            "url-malformed",
        ],
    ),
    (
        "Structure",
        &[
            "unknown-element",
            "unknown-value",
            "element-needs-other-api-version",
            "principal-group-mismatch",
            "principal-sequence-duplicated",
            "credential-merge-field-of-another",
            "refresh-status-code-invalid",
            "credential-unused",
            "names-differ-by-case",
            "description-contradicts-metadata",
        ],
    ),
    (
        "Named credentials",
        &[
            "external-credential-not-set",
            "auth-provider-not-found",
            "external-credential-not-found",
            "url-missing",
            "url-wrong-host",
            "url-login-host",
            "url-is-token-endpoint",
            "url-trailing-slash",
            "url-path-doubled",
            "url-and-token-endpoint-differ",
            "callout-disabled",
            "authorization-header-off",
            "merge-fields-off",
            "merge-fields-unneeded",
            "client-certificate-is-signing-certificate",
            "namespace-not-allowed",
            "legacy-named-credential",
            "legacy-subject-mismatch",
            "legacy-password",
        ],
    ),
    (
        "Permission sets and people",
        &[
            "principal-grant-not-in-project",
            "principal-grant-disabled",
            "principal-reference-malformed",
            "granted-credential-not-found",
            "user-external-credential-missing",
            "user-external-credential-too-low",
            "permission-set-bound-to-license",
            "permission-set-needs-activation",
            "principal-muted",
            "running-user-not-granted",
            "subject-profile-restricts-ip",
            "subject-profile-restricts-hours",
            "subject-lacks-api-enabled",
        ],
    ),
    (
        "Certificates",
        &[
            "certificate-expires-soon",
            "certificate-not-in-project",
            "certificate-is-request",
            "certificate-file-missing",
            "certificate-empty",
            "certificate-key-not-rsa",
            "certificate-key-too-small",
            "certificate-digest-weak",
            "certificate-too-large",
            "certificate-of-another-org",
            "certificate-deploy-regenerates-key",
            "certificate-shared",
            "certificate-date-malformed",
            "app-certificate-unreadable",
            "private-key-exportable",
        ],
    ),
    (
        "Apps",
        &[
            "app-approval-list-ignored",
            "app-approval-target-unknown",
            "app-approves-administrators",
            "app-full-scope",
            "app-surplus-scope",
            "app-ip-relaxed",
            "app-session-high-assurance",
            "app-callback-missing",
            "app-callback-not-https",
            "app-refresh-token-unlimited",
            "app-disabled",
            "app-files-incomplete",
            "app-global-settings-in-source",
            "app-key-rotation-on-deploy",
            "app-bound-to-another-org",
            "app-refresh-policy-zero",
            "consumer-key-shape",
            "consumer-key-duplicated",
            "named-user-jwt-misread",
            "client-credentials-user-missing",
            "api-access-control",
            "audience-differs-for-same-org",
        ],
    ),
    (
        "Apex",
        &[
            "named-credential-not-found",
            "named-credential-case-differs",
            "callout-name-malformed",
            "callout-dot-placeholder",
            "callout-path-not-encoded",
            "endpoint-hard-coded",
            "authorization-header-overridden",
            "token-exchange-by-hand",
            "apex-expiry-milliseconds",
            "apex-audience-is-token-endpoint",
        ],
    ),
    (
        "Secrets and the repository",
        &[
            "secret-in-source",
            "private-key-in-source",
            "keystore-in-source",
            "session-token-in-source",
            "auth-url-in-source",
            "certificate-in-package",
            "credential-packaged-alone",
            "remote-site-insecure",
        ],
    ),
    ("About the run itself", &["unused-allow", "expired-allow", "custom"]),
];

fn index() -> String {
    let mut text = String::from(
        "# The rule book\n\nOne page a rule. `sfcred explain NAME` prints it, `sfcred rules` lists them all.\nWhat Salesforce says when it fails is in [answers/](answers).\n\n",
    );
    text.push_str("*error*: the callout or the deployment fails, or a secret leaks. *warning*: works today or cannot be proven to fail. *note*: works; worth knowing.\n\n");
    text.push_str("A *safe* fix is mechanical and keeps the meaning; *ask* is offered, and wants a person's decision.\n");
    for (title, names) in GROUPS {
        text.push_str(&format!(
            "\n## {title}\n\n| rule | severity | fix | finds |\n| --- | --- | --- | --- |\n"
        ));
        for name in names.iter().filter_map(|name| rule(name)) {
            let page = name.page();
            let fix = match page.head.fix {
                Some(FixKind::Safe) => "safe",
                Some(FixKind::Unsafe) => "ask",
                None => "",
            };
            text.push_str(&format!(
                "| [`{0}`]({0}.md) | {1} | {fix} | {2} |\n",
                name.name,
                page.head.severity,
                page.summary.replace('|', "\\|")
            ));
        }
    }
    text
}

#[test]
fn the_index_lists_every_rule_once() {
    let listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let unique: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(listed.len(), unique.len(), "a rule stands in two groups");
    let missing: Vec<&str> =
        RULES.iter().map(|rule| rule.name).filter(|name| !unique.contains(name)).collect();
    assert!(missing.is_empty(), "give these a place in GROUPS: {missing:?}");
    let path = root().join("rules/README.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, index()).unwrap();
    }
    assert_eq!(read(&path), index(), "UPDATE=1 cargo test index writes it");
}
