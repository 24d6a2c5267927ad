//! Every flow: a correct setup has no finding above a note, and its trace ends with a callout that works.

mod matrix;
mod reported;

use sfcred::internals::finding::Severity;
use sfcred::internals::model::Flow;
use sfcred::internals::trace::{State, Verdict, trace};

use crate::common::cases::case;
use crate::common::linted;

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
