//! Every flow: a correct setup has no finding above a note, and its trace ends with a callout that works.

mod matrix;

use std::path::PathBuf;

use sfcred::internals::finding::Severity;
use sfcred::internals::model::Flow;
use sfcred::internals::trace::{State, Verdict, trace};

use crate::common::cases::case;
use crate::common::{lint_folder, linted, root};

/// A correct setup of each flow.
const SETUPS: &[(&str, Flow)] = &[
    ("setups/step-by-step", Flow::JwtBearer),
    ("setups/client-credentials", Flow::ClientCredentials),
    ("setups/client-credentials-basic", Flow::ClientCredentialsBasic),
    ("setups/authorization-code", Flow::AuthorizationCode),
    ("setups/basic", Flow::Basic),
    ("setups/custom-headers", Flow::Custom),
    ("setups/no-authentication", Flow::NoAuthentication),
    ("setups/aws", Flow::Aws),
];

#[test]
fn a_correct_setup_of_each_flow_would_work() {
    for (name, flow) in SETUPS {
        let report = linted(case(name));
        for finding in &report.findings {
            assert!(finding.severity == Severity::Note, "{name}: {}", finding.message);
        }
        let traces = trace(&report, Some("Spoke_Org")).unwrap();
        let [trace] = traces.as_slice() else { panic!("{name}: {} traces", traces.len()) };
        assert_eq!(trace.flow, *flow, "{name}");
        assert!(
            matches!(trace.verdict, Verdict::Issued | Verdict::NoExchange),
            "{name}: {:?}",
            trace.verdict
        );
    }
}

#[test]
fn a_step_is_ok_only_with_evidence() {
    let mut steps = 0;
    for (case, report) in crate::common::all_linted() {
        for trace in trace(report, None).unwrap_or_default() {
            for step in trace.steps.iter().filter(|step| step.state() == State::Ok) {
                let facts = step.facts.len()
                    + step.checks.iter().map(|check| check.facts.len()).sum::<usize>();
                assert!(facts > 0, "{}: {}: {:?}", case.name(), trace.name, step.kind);
                steps += 1;
            }
        }
    }
    assert!(steps > 5_000, "only {steps} steps are ok");
}

/// Setups rebuilt from public bug reports, beside the repository: folder, and the rules of which one must report it.
const REPORTED: &[(&str, &[&str])] = &[
    ("client-credentials-shared-host", &["client-credentials-shared-host"]),
    ("client-credentials-nobody-approved", &["app-approves-nobody"]),
    ("endpoint-is-the-odd-one", &["token-endpoint-environment-mismatch"]),
    ("stale-auth-provider-key", &["auth-provider-key-unknown"]),
    ("callback-on-other-host", &["auth-provider-callback-not-on-app"]),
    ("callback-left-at-example", &["auth-provider-callback-not-on-app", "placeholder-left"]),
    ("redirect-307-instance-host", &["url-wrong-host"]),
    ("merge-field-of-another", &["credential-merge-field-of-another"]),
    ("quote-before-callout", &["callout-name-malformed"]),
    ("refused-at-deployment", &["protocol-not-allowed"]),
    ("refused-at-deployment", &["parameter-not-allowed"]),
    ("refused-at-deployment", &["parameter-incomplete"]),
    ("direct-jwt-incomplete", &["signing-certificate-missing"]),
    ("direct-jwt-incomplete", &["audience-unquoted"]),
    ("direct-jwt-incomplete", &["protocol-not-allowed"]),
    ("cross-org-flow", &["app-not-distributed"]),
    ("id-instead-of-name", &["app-approval-target-unknown"]),
];

/// In these, nothing is wrong that files can prove.
const UNPROVABLE: &[&str] = &[
    "scope-refused-by-third-party",
    "secret-as-basic-header",
    "ip-relaxation",
    "read-permission-of-managed-set",
];

fn reported_setups() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("not run: {} does not exist", folder.display());
    None
}

#[test]
fn the_cause_of_a_reported_setup_is_found() {
    let Some(folder) = reported_setups() else { return };
    for (name, rules) in REPORTED {
        let report = lint_folder(&folder.join(name)).unwrap();
        let found = |rule: &str| report.findings.iter().any(|finding| finding.rule == rule);
        assert!(rules.iter().any(|rule| found(rule)), "{name}: none of {rules:?}");
    }
    for name in UNPROVABLE {
        let report = lint_folder(&folder.join(name)).unwrap();
        for finding in &report.findings {
            assert!(finding.severity == Severity::Note, "{name}: {}", finding.message);
        }
    }
    let odd = lint_folder(&folder.join("endpoint-is-the-odd-one")).unwrap();
    assert!(odd.findings.iter().all(|finding| !finding.rule.starts_with("audience-")));
}
