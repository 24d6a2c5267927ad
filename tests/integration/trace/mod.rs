//! Traces of every case: each failure is backed by a finding, each finding that stops a callout is shown, and the JSON follows its schema.

mod steps;

use jsonschema::Validator;
use serde_json::Value;
use sfcred::internals::check::{self, RULES};
use sfcred::internals::finding::{Finding, Severity};
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::{self, Style, TraceFormat};
use sfcred::internals::rule::{Step, Stops};
use sfcred::internals::trace::{State, Trace, Verdict, trace};

use crate::common::cases::case;
use crate::common::{STYLE, all_linted, linted, read};

/// The traces of a case; empty if there is nothing to trace.
fn traced(report: &Report) -> Vec<Trace<'_>> {
    trace(report, None).unwrap_or_default()
}

fn written(
    report: &Report,
    traces: &[Trace<'_>],
    explain: bool,
    format: TraceFormat,
    style: Style,
) -> String {
    let mut bytes = Vec::new();
    report::traces(report, traces, explain, format, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn schema() -> Validator {
    let text = read("schemas/sfcred-trace-1.json");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[test]
fn a_failure_is_backed_by_a_finding_with_that_answer() {
    let mut answered = 0;
    for (case, report) in all_linted() {
        for trace in traced(report) {
            let Verdict::Fails { failure: stop, answer, .. } = &trace.verdict else {
                assert!(
                    !trace.fails(),
                    "{}: a step fails, and the verdict is {:?}",
                    case.name(),
                    trace.verdict
                );
                continue;
            };
            let found: Vec<&Finding> = report
                .findings
                .iter()
                .chain(&report.allowed)
                .filter(|finding| std::ptr::eq(*finding, stop.finding))
                .collect();
            assert_eq!(found.len(), 1, "{}: the finding is not of this run", case.name());
            if let Some(answer) = answer {
                assert!(
                    found[0].answers.iter().any(|name| name == answer.name),
                    "{}: {} does not answer {}",
                    case.name(),
                    found[0].rule,
                    answer.name
                );
                answered += 1;
            }
        }
    }
    assert!(answered > 200, "only {answered} failures with an answer");
}

#[test]
fn a_finding_that_stops_a_callout_fails_its_trace() {
    let mut stopped = 0;
    let mut faults = Vec::new();
    for (case, report) in all_linted() {
        let traces = traced(report);
        for finding in report.findings.iter().chain(&report.allowed) {
            let head = &check::rule(finding.rule).unwrap().page().head;
            if head.step.is_none() || head.stops() != Stops::Certainly || !finding.proven {
                continue;
            }
            let concerned: Vec<&Trace<'_>> = traces
                .iter()
                .filter(|trace| {
                    trace.steps.iter().any(|step| {
                        step.all_failures().any(|stop| std::ptr::eq(stop.finding, finding))
                    })
                })
                .collect();
            stopped += concerned.len();
            for trace in &concerned {
                assert!(
                    matches!(trace.verdict, Verdict::Fails { .. }),
                    "{}: {} stops `{}`, and the verdict is {:?}",
                    case.name(),
                    finding.rule,
                    trace.name,
                    trace.verdict
                );
            }
            let own = |trace: &&Trace<'_>| {
                finding.component.name == trace.name
                    || Some(finding.component.name.as_str()) == trace.external_credential
            };
            let types = ["NamedCredential", "ExternalCredential"];
            if concerned.is_empty()
                && types.contains(&finding.component.type_name)
                && traces.iter().any(|trace| own(&trace))
            {
                faults.push(format!(
                    "{}: {} of {}",
                    case.name(),
                    finding.rule,
                    finding.component.name
                ));
            }
        }
    }
    assert!(faults.is_empty(), "findings that no trace shows:\n{}", faults.join("\n"));
    assert!(stopped > 200, "only {stopped} findings stop a callout");
}

#[test]
fn the_bad_cases_of_a_rule_that_stops_a_callout_fail_at_its_step() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for rule in RULES.iter() {
        let head = &rule.page().head;
        let (Some(step), Stops::Certainly) = (head.step, head.stops()) else { continue };
        let own = all_linted().filter(|(case, _)| case.rule == rule.name && case.is_bad());
        let fails = |trace: &Trace<'_>| match &trace.verdict {
            Verdict::Fails { step: failed, failure: stop, .. } => {
                stop.finding.rule == rule.name
                    && (step == Step::Component || *failed == step || step == Step::NamedCredential)
            }
            Verdict::Issued | Verdict::Unknown { .. } | Verdict::NoExchange => false,
        };
        for (case, report) in own {
            let traces = traced(report);
            let is_proven =
                report.findings.iter().any(|found| found.rule == rule.name && found.proven);
            if !is_proven {
                continue;
            }
            seen += 1;
            // A project without a credential has nothing to trace.
            let beside = ["credential-merge-field-of-another/", "unknown-element/bad-profile"]
                .iter()
                .any(|name| case.name().contains(name));
            if !traces.is_empty() && !beside && !traces.iter().any(fails) {
                let verdicts: Vec<String> = traces
                    .iter()
                    .map(|trace| format!("{}: {}", trace.name, short(&trace.verdict)))
                    .collect();
                faults.push(format!("{}: {}", case.name(), verdicts.join(", ")));
            }
        }
    }
    assert!(seen > 40, "only {seen} projects");
    assert!(faults.is_empty(), "{} of {seen}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_callout_works_through_a_component_with_an_error() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (case, report) in all_linted() {
        let traces = traced(report);
        let errors = report.findings.iter().filter(|finding| {
            // A callout with a secret that everybody can read works all the same.
            let is_secret = check::rule(finding.rule).unwrap().category == "secrets";
            finding.severity == Severity::Error && finding.proven && !is_secret
        });
        for finding in errors {
            let types = ["NamedCredential", "ExternalCredential"];
            let own = |trace: &&Trace<'_>| {
                let name = finding.component.name.as_str();
                types.contains(&finding.component.type_name)
                    && (name == trace.name || Some(name) == trace.external_credential)
            };
            for trace in traces.iter().filter(own) {
                seen += 1;
                if matches!(trace.verdict, Verdict::Issued | Verdict::NoExchange) {
                    faults.push(format!("{}: {} of {}", case.name(), finding.rule, trace.name));
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} traces");
    assert!(
        faults.is_empty(),
        "{} callouts work despite an error:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn short(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Issued => "issued".into(),
        Verdict::NoExchange => "no exchange".into(),
        Verdict::Unknown { reasons } => format!(
            "unknown ({})",
            reasons.iter().map(|reason| reason.what.as_str()).collect::<Vec<_>>().join("; ")
        ),
        Verdict::Fails { step, failure: stop, .. } => {
            format!("fails at {step:?} by {}", stop.finding.rule)
        }
    }
}

#[test]
fn no_step_of_a_good_project_fails() {
    let mut seen = 0;
    for (case, report) in all_linted().filter(|(case, _)| case.id.starts_with("good")) {
        for trace in traced(report) {
            assert!(!trace.fails(), "{}: {}", case.name(), short(&trace.verdict));
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} traces of good projects");
}

#[test]
fn every_trace_has_eight_steps_and_names_what_is_missing() {
    for (case, report) in all_linted() {
        for trace in traced(report) {
            assert_eq!(trace.steps.len(), 8);
            assert!(trace.steps.is_sorted_by_key(|step| step.kind));
            if let Verdict::Unknown { reasons } = &trace.verdict {
                assert!(!reasons.is_empty(), "{}: nothing is missing", case.name());
            }
            for step in &trace.steps {
                let says = !step.facts.is_empty()
                    || !step.checks.is_empty()
                    || step.all_failures().next().is_some()
                    || step.all_unknowns().next().is_some();
                assert!(says, "{}: {:?} of `{}` says nothing", case.name(), step.kind, trace.name);
                assert!(
                    step.state() != State::Unknown
                        || step.all_failures().next().is_some()
                        || step.all_unknowns().next().is_some()
                );
            }
        }
    }
}

#[test]
fn every_report_for_machines_keeps_to_its_schema() {
    let schema = schema();
    for (case, report) in all_linted() {
        let traces = traced(report);
        let json = written(report, &traces, false, TraceFormat::Json, STYLE);
        let value: Value = serde_json::from_str(&json).unwrap();
        let problems: Vec<String> = schema
            .iter_errors(&value)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{}: {problems:#?}\n{json}", case.name());
        assert!(
            !json.contains(|character: char| character.is_control() && character != '\n'),
            "{}: a control character",
            case.name()
        );
        let other = linted(case);
        assert_eq!(
            json,
            written(&other, &traced(&other), false, TraceFormat::Json, STYLE),
            "{}: another run, another text",
            case.name()
        );
    }
}

#[test]
fn the_schema_rejects_what_the_report_does_not_promise() {
    let schema = schema();
    let report = &linted(case("claim-missing/bad"));
    let value: Value =
        serde_json::from_str(&written(report, &traced(report), false, TraceFormat::Json, STYLE))
            .unwrap();
    assert!(schema.is_valid(&value));
    let broken: [fn(&mut Value); 5] = [
        |value| value["extra"] = true.into(),
        |value| value["traces"][0]["steps"][0]["state"] = "maybe".into(),
        |value| value["traces"][0]["verdict"]["kind"] = "fine".into(),
        |value| {
            value["traces"][0]["steps"].as_array_mut().unwrap().pop();
        },
        |value| {
            value["traces"][0].as_object_mut().unwrap().remove("jwt");
        },
    ];
    for (index, change) in broken.into_iter().enumerate() {
        let mut other = value.clone();
        change(&mut other);
        assert!(!schema.is_valid(&other), "change {index} is accepted");
    }
}

#[test]
fn every_text_fits_the_terminal() {
    for (case, report) in all_linted() {
        let traces = traced(report);
        let place = |line: &str| {
            let whole =
                line.split_whitespace().any(|word| word.contains('/') && word.chars().count() > 40);
            whole || report.sources.iter().any(|(_, source)| line.contains(&source.name))
        };
        for explain in [false, true] {
            let text = written(report, &traces, explain, TraceFormat::Text, STYLE);
            for line in text.lines() {
                assert!(line.chars().count() <= 80 || place(line), "{}: `{line}`", case.name());
                assert!(
                    !line.contains(char::is_control) && !line.ends_with(' '),
                    "{}: `{line}`",
                    case.name()
                );
            }
            let ascii = written(
                report,
                &traces,
                explain,
                TraceFormat::Text,
                Style { unicode: false, ..STYLE },
            );
            assert!(!ascii.contains(['│', '✓', '✗', '…']), "{}: {ascii}", case.name());
            let bare = written(
                report,
                &traces,
                explain,
                TraceFormat::Text,
                Style { color: true, ..STYLE },
            );
            assert!(traces.is_empty() || bare.contains("\u{1b}["), "{}: no color", case.name());
        }
    }
}

#[test]
fn no_report_shows_a_secret() {
    let mut hidden = 0;
    for (case, report) in all_linted() {
        let traces = traced(report);
        let texts = [
            written(report, &traces, true, TraceFormat::Text, Style { width: 100_000, ..STYLE }),
            written(report, &traces, true, TraceFormat::Json, STYLE),
        ];
        for (id, source) in report.sources.iter() {
            for secret in report
                .sources
                .concealed(id)
                .iter()
                .filter_map(|span| source.text().get(span.range()))
                .map(str::trim)
                .filter(|secret| secret.len() >= 12)
            {
                hidden += 1;
                assert!(
                    texts.iter().all(|text| !text.contains(secret)),
                    "{}: {secret}",
                    case.name()
                );
            }
        }
        for key in report
            .workspace
            .apps()
            .filter_map(|(_, app)| app.key())
            .filter(|key| key.as_str().len() > 40)
        {
            assert!(
                texts.iter().all(|text| !text.contains(key.as_str())),
                "{}: a whole consumer key",
                case.name()
            );
        }
    }
    assert!(hidden > 10, "only {hidden} secrets in all fixtures");
}
