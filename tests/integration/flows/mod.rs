//! Every flow: a correct setup has no finding above a note, and its trace ends with a callout that works.

mod matrix;
mod reported;

use std::collections::BTreeSet;

use sfcred::Report;
use sfcred::internals::explain::{self, FlowFamily};
use sfcred::internals::finding::Severity;
use sfcred::internals::model::{Flow, find_named};
use sfcred::internals::rule::Step as Kind;
use sfcred::internals::trace::{State, Step, Verdict, trace};

use crate::common::cases::{self, case};
use crate::common::{all_linted, linted};

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
    ("setups/aws-sts", Flow::AwsSts),
    ("setups/aws-roles-anywhere", Flow::AwsRolesAnywhere),
    ("setups/client-credentials-identity-provider", Flow::ClientCredentialsIdentityProvider),
    ("setups/authorization-code-identity-provider", Flow::AuthorizationCodeIdentityProvider),
    ("setups/direct-jwt", Flow::DirectJwt),
    ("setups/legacy-oauth", Flow::AuthorizationCode),
    ("setups/legacy-password", Flow::Basic),
    ("setups/legacy-jwt", Flow::DirectJwt),
    ("setups/legacy-aws", Flow::Aws),
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
fn a_token_endpoint_that_is_not_salesforce_is_all_that_is_unknown_about_a_client_assertion() {
    let report = linted(case("setups/jwt-assertion"));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let traces = trace(&report, Some("Spoke_Org")).unwrap();
    assert_eq!(traces[0].flow, Flow::JwtAssertion);
    let Verdict::Unknown { reasons } = &traces[0].verdict else {
        panic!("{:?}", traces[0].verdict)
    };
    assert!(
        matches!(reasons.as_slice(), [reason] if reason.step == Kind::TargetOrg),
        "{reasons:?}"
    );
}

/// The flows whose faults are in `fixtures/flows/flow-<name>.md`: all but the unknown one.
fn flows_with_faults() -> impl Iterator<Item = Flow> {
    Flow::ALL.into_iter().filter(|flow| *flow != Flow::Unknown)
}

#[test]
fn every_flow_has_at_least_ten_single_faults() {
    for flow in flows_with_faults() {
        let page = format!("flow-{}", flow.name());
        let faults = cases::all().iter().filter(|case| case.rule == page).count();
        assert!(faults >= 10, "{page}: {faults} faults");
    }
}

#[test]
fn a_single_fault_is_named_by_one_rule_and_predicted_at_its_step() {
    let pages: BTreeSet<String> =
        flows_with_faults().map(|flow| format!("flow-{}", flow.name())).collect();
    let problems: Vec<String> = all_linted()
        .filter(|(case, _)| pages.contains(&case.rule))
        .filter_map(|(case, report)| {
            let problem = unpredicted(report).err()?;
            Some(format!("{}: {problem}", case.name()))
        })
        .collect();
    assert!(problems.is_empty(), "{}\n{}", problems.join("\n"), problems.len());
}

/// Why the only fault of a project is not predicted.
fn unpredicted(report: &Report) -> Result<(), String> {
    let rules: BTreeSet<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| finding.rule)
        .collect();
    let [rule] = rules.iter().copied().collect::<Vec<_>>()[..] else {
        return Err(format!("{rules:?}"));
    };
    let traces = trace(report, Some("Spoke_Org")).map_err(|error| error.to_string())?;
    let concerns =
        |step: &Step<'_>| step.all_failures().any(|failure| failure.finding.rule == rule);
    let step = traces[0].steps.iter().find(|step| concerns(step));
    let kind = step.ok_or_else(|| format!("no step fails because of {rule}"))?.kind;
    let is_predicted = match &traces[0].verdict {
        Verdict::Fails { step, .. } => *step == kind,
        Verdict::Unknown { reasons } => reasons.iter().any(|reason| reason.step == kind),
        Verdict::Issued | Verdict::NoExchange => false,
    };
    if is_predicted { Ok(()) } else { Err(format!("{rule}: {:?}", traces[0].verdict)) }
}

#[test]
fn a_step_is_ok_only_with_evidence() {
    let mut steps = 0;
    for (case, report) in all_linted() {
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

/// What Salesforce says to a request for a token is quoted only if the credential makes such a request, and in its flow.
#[test]
fn a_finding_quotes_only_errors_that_its_flow_can_give() {
    let mut faults = Vec::new();
    let mut judged = 0;
    for (case, report) in crate::common::all_linted() {
        for finding in report.findings.iter().chain(&report.allowed) {
            let org = report.workspace.org(finding.component.org);
            let name = &finding.component.name;
            let flow = match finding.component.type_name {
                "ExternalCredential" => find_named(&org.external_credentials, name)
                    .map(|credential| org.flow_of_external(credential)),
                "NamedCredential" => {
                    find_named(&org.named_credentials, name).map(|named| org.flow_of(named))
                }
                _ => None,
            };
            let Some(flow) = flow.filter(|flow| *flow != Flow::Unknown) else { continue };
            for answer in finding.answers.iter().map(|name| explain::answer(name).unwrap()) {
                let Some(proofs) = &answer.head.proves_by_flow else { continue };
                judged += 1;
                // The API answers every flow in the same words.
                let is_of_api = answer.head.check == Some(9);
                let families = FlowFamily::of(flow);
                if !is_of_api && families.iter().all(|family| proofs.get(*family).is_none()) {
                    let rule = finding.rule;
                    faults.push(format!(
                        "{}: {rule} quotes {} in {flow:?}",
                        case.name(),
                        answer.name
                    ));
                }
            }
        }
    }
    assert!(judged > 500, "only {judged} errors are quoted");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
