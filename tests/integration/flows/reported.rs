//! Setups rebuilt from public bug reports, in a folder beside the repository. For each: what `lint`, `trace` and
//! `diagnose` have to say.

use std::fs;
use std::path::{Path, PathBuf};

use sfcred::Report;
use sfcred::internals::diagnose::{self, State as CauseState};
use sfcred::internals::explain::{self, Cause};
use sfcred::internals::finding::Severity;
use sfcred::internals::rule::Step;
use sfcred::internals::trace::trace;

use crate::common::{lint_folder, options, root};

/// What has to be said about one setup.
struct Reported {
    folder: &'static str,
    /// The rules that report the cause; of several in one entry, any.
    rules: &'static [&'static [&'static str]],
    /// The steps of a trace at which the callout fails because of one of these rules, certainly or possibly.
    steps: &'static [Step],
    /// For each error in the message: its page, and the rule that is its first cause.
    errors: &'static [(&'static str, Option<&'static str>)],
}

const REPORTED: &[Reported] = &[
    Reported {
        folder: "client-credentials-shared-host",
        rules: &[&["client-credentials-shared-host"]],
        steps: &[Step::Request],
        errors: &[("domain-not-supported", Some("client-credentials-shared-host"))],
    },
    Reported {
        folder: "client-credentials-nobody-approved",
        rules: &[&["app-approves-nobody"]],
        steps: &[Step::TargetOrg],
        errors: &[("user-not-admin-approved", Some("app-approves-nobody"))],
    },
    Reported {
        folder: "endpoint-is-the-odd-one",
        rules: &[&["token-endpoint-environment-mismatch"]],
        steps: &[Step::Request],
        errors: &[("user-not-approved", Some("token-endpoint-environment-mismatch"))],
    },
    Reported {
        folder: "stale-auth-provider-key",
        rules: &[&["auth-provider-key-unknown"]],
        steps: &[Step::TargetOrg],
        errors: &[
            ("client-identifier-invalid", Some("auth-provider-key-unknown")),
            ("client-credentials-invalid", None),
        ],
    },
    Reported {
        folder: "callback-on-other-host",
        rules: &[&["auth-provider-callback-not-on-app"]],
        steps: &[Step::TargetOrg],
        errors: &[("redirect-uri-mismatch", Some("auth-provider-callback-not-on-app"))],
    },
    Reported {
        folder: "callback-left-at-example",
        rules: &[&["auth-provider-callback-not-on-app", "placeholder-left"]],
        steps: &[Step::TargetOrg],
        errors: &[("redirect-uri-mismatch", Some("auth-provider-callback-not-on-app"))],
    },
    Reported {
        folder: "redirect-307-instance-host",
        rules: &[&["url-wrong-host"]],
        steps: &[Step::Call],
        errors: &[
            ("redirected", Some("url-wrong-host")),
            ("session-invalid", Some("url-wrong-host")),
        ],
    },
    Reported {
        folder: "merge-field-of-another",
        rules: &[&["credential-merge-field-of-another"]],
        steps: &[Step::ExternalCredential],
        errors: &[("field-does-not-exist", Some("credential-merge-field-of-another"))],
    },
    Reported {
        folder: "quote-before-callout",
        rules: &[&["callout-name-malformed"]],
        steps: &[Step::Caller],
        errors: &[],
    },
    Reported {
        folder: "refused-at-deployment",
        rules: &[
            &["protocol-not-allowed"],
            &["parameter-not-allowed"],
            &["parameter-incomplete"],
            &["element-needs-other-api-version"],
        ],
        steps: &[],
        errors: &[
            ("protocol-parameter-refused", Some("protocol-not-allowed")),
            ("element-not-valid", Some("element-needs-other-api-version")),
        ],
    },
    Reported {
        folder: "direct-jwt-incomplete",
        rules: &[
            &["signing-certificate-missing"],
            &["audience-unquoted"],
            &["protocol-not-allowed"],
        ],
        steps: &[Step::ExternalCredential, Step::Signing],
        errors: &[("external-credential-parameters-required", Some("signing-certificate-missing"))],
    },
    Reported {
        folder: "scope-refused-by-third-party",
        rules: &[],
        steps: &[],
        errors: &[("token-not-fetched", None)],
    },
    Reported {
        folder: "secret-as-basic-header",
        rules: &[],
        steps: &[],
        errors: &[("token-not-fetched", None)],
    },
    Reported {
        folder: "cross-org-flow",
        rules: &[&["app-not-distributed"]],
        steps: &[],
        errors: &[("cross-org-not-supported", Some("app-not-distributed"))],
    },
    Reported {
        folder: "id-instead-of-name",
        rules: &[&["app-approval-target-unknown"]],
        steps: &[],
        errors: &[("permission-set-not-found", Some("app-approval-target-unknown"))],
    },
    Reported {
        folder: "ip-relaxation",
        rules: &[],
        steps: &[],
        errors: &[("session-not-valid-for-api", None)],
    },
    Reported {
        folder: "key-file-gone",
        rules: &[],
        steps: &[],
        errors: &[("key-not-readable", None)],
    },
    Reported {
        folder: "read-permission-of-managed-set",
        rules: &[],
        steps: &[],
        errors: &[("user-external-credential-not-readable", None)],
    },
];

/// The folder of the setups, if it is beside the repository.
fn folder() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("not run: {} does not exist", folder.display());
    None
}

#[test]
fn the_cause_of_each_reported_setup_is_found_and_predicted() {
    let Some(folder) = folder() else { return };
    let mut faults = Vec::new();
    for setup in REPORTED {
        let report = lint_folder(&folder.join(setup.folder)).ok();
        let problems = match &report {
            Some(report) => [lint_problems(setup, report), trace_problems(setup, report)].concat(),
            None => Vec::new(),
        };
        let of_messages = message_problems(setup, &folder.join(setup.folder), report.as_ref());
        let all = problems.into_iter().chain(of_messages);
        faults.extend(all.map(|problem| format!("{}: {problem}", setup.folder)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn lint_problems(setup: &Reported, report: &Report) -> Vec<String> {
    let found = |rule: &str| report.findings.iter().any(|finding| finding.rule == rule);
    let missing = setup.rules.iter().filter(|rules| !rules.iter().any(|rule| found(rule)));
    let mut problems: Vec<String> =
        missing.map(|rules| format!("lint reports none of {rules:?}")).collect();
    if setup.rules.is_empty() {
        let unproven = report.findings.iter().filter(|finding| finding.severity > Severity::Note);
        problems.extend(unproven.map(|finding| format!("lint claims: {}", finding.message)));
    }
    if setup.folder == "endpoint-is-the-odd-one" {
        let audience =
            report.findings.iter().filter(|finding| finding.rule.starts_with("audience-"));
        problems
            .extend(audience.map(|finding| format!("the audience is right: {}", finding.message)));
    }
    problems
}

fn trace_problems(setup: &Reported, report: &Report) -> Vec<String> {
    let traces = trace(report, None).unwrap_or_default();
    let predicts = |step: &Step| {
        traces.iter().flat_map(|trace| &trace.steps).any(|traced| {
            traced.kind == *step
                && traced.all_failures().any(|failure| {
                    setup.rules.iter().any(|rules| rules.contains(&failure.finding.rule))
                })
        })
    };
    let missing = setup.steps.iter().filter(|step| !predicts(step));
    missing.map(|step| format!("trace does not predict the failure at {step:?}")).collect()
}

/// Reads `msg.txt` and `msg2.txt`.
fn message_problems(setup: &Reported, folder: &Path, report: Option<&Report>) -> Vec<String> {
    let messages: Vec<Vec<u8>> = ["msg.txt", "msg2.txt"]
        .iter()
        .filter_map(|name| fs::read(folder.join(name)).ok())
        .collect();
    let readings: Vec<_> =
        messages.iter().map(|text| diagnose::read(&mut text.as_slice()).unwrap()).collect();
    let recognized: Vec<_> = readings.iter().flat_map(|reading| &reading.answers).collect();
    let options = options(folder, None).unwrap();
    let mut problems = Vec::new();
    for (page, rule) in setup.errors {
        let Some(answer) = recognized.iter().find(|answer| answer.answer == *page) else {
            problems.push(format!("diagnose does not recognize {page}"));
            continue;
        };
        let page = explain::answer(page).expect("a page");
        let project = report.map(|report| (report, &options));
        let causes = diagnose::causes(page, answer.credential.as_deref(), &answer.flows, project);
        let first = causes.ranked.first().expect("every page has causes");
        let is_found = matches!(first.state, CauseState::Found { .. });
        if let Some(rule) = rule
            && !(is_found && matches!(&first.cause, Cause::Rule(name) if name == rule))
        {
            problems.push(format!("the first cause of {} is {:?}", page.name, first.cause));
        }
    }
    problems
}
