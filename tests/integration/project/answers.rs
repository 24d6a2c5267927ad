//! The answer pages: messages of Salesforce, and the rules that they refer to.

use std::collections::BTreeSet;

use regex::RegexBuilder;
use sfcred::internals::check::RULES;
use sfcred::internals::explain::{self, Cause, FlowFamily, Stage};

use super::{files, stem};

#[test]
fn every_page_is_in_the_table_and_parses() {
    let pages: BTreeSet<String> =
        files("rules/answers", "md").iter().map(|path| stem(path)).collect();
    let known: BTreeSet<String> = explain::answer_names().map(str::to_owned).collect();
    assert_eq!(pages, known);
    for name in explain::answer_names() {
        let answer = explain::answer(name)
            .unwrap_or_else(|| panic!("rules/answers/{name}.md does not parse"));
        assert!(!answer.head.causes.is_empty(), "{name} names no cause");
    }
}

#[test]
fn every_pattern_matches_what_salesforce_says() {
    for name in explain::answer_names() {
        let answer = explain::answer(name).unwrap();
        let matches = answer.head.matches.iter().map(|pattern| {
            RegexBuilder::new(pattern)
                .case_insensitive(true)
                .build()
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        });
        assert!(
            matches.into_iter().any(|pattern| pattern.is_match(&answer.head.says)),
            "no pattern of {name} matches `{}`",
            answer.head.says
        );
    }
}

#[test]
fn rules_and_answers_point_at_each_other() {
    for rule in RULES.iter() {
        for name in &rule.page().head.answers {
            let answer = explain::answer(name)
                .unwrap_or_else(|| panic!("{} names the answer {name}", rule.name));
            assert!(
                answer.head.causes.iter().any(|cause| *cause == Cause::Rule(rule.name.to_owned())),
                "{name} does not name {} among its causes",
                rule.name
            );
        }
    }
    for name in explain::answer_names() {
        for cause in &explain::answer(name).unwrap().head.causes {
            let Cause::Rule(cause) = cause else { continue };
            let Some(rule) = sfcred::internals::check::rule(cause) else { continue };
            assert!(
                rule.page().head.answers.iter().any(|answer| answer == name),
                "{cause} does not name the answer {name}"
            );
        }
    }
}

/// For every answer and every flow, the page says what the answer proves there, or that it cannot
/// appear there. Before a login, and in a deployment, the flow makes no difference.
#[test]
fn every_page_declares_its_proofs_in_every_flow() {
    for name in explain::answer_names() {
        let head = &explain::answer(name).unwrap().head;
        let Some(by_flow) = &head.proves_by_flow else {
            let is_login = matches!(head.stage, Stage::Exchange | Stage::OtherFlow);
            assert!(!is_login, "{name} does not say what it proves in which flow");
            continue;
        };
        let possible: Vec<&[String]> =
            FlowFamily::ALL.iter().filter_map(|flow| by_flow.get(*flow)).collect();
        for proof in possible.iter().copied().flatten() {
            assert!(!head.proves.contains(proof), "{name} states twice: {proof}");
            let everywhere = possible.iter().all(|proofs| proofs.contains(proof));
            assert!(!everywhere, "{name} states in every flow: {proof}");
        }
    }
}

/// Without a known flow, only what holds in every flow is said to be correct.
#[test]
fn an_unknown_flow_proves_least() {
    for name in explain::answer_names() {
        let head = &explain::answer(name).unwrap().head;
        let least = head.proofs(&[]);
        for flow in head.possible_flows() {
            let proofs = head.proofs(&[flow]);
            assert!(least.iter().all(|proof| proofs.contains(proof)), "{name} in {flow:?}");
        }
        let jwt = ["assertion", "signature", "`aud`", "`iss`", "`sub`", "certificate"];
        for flow in head.possible_flows().into_iter().filter(|flow| *flow != FlowFamily::JwtBearer)
        {
            let proofs = head.proofs(&[flow]).join("\n");
            assert!(!jwt.iter().any(|word| proofs.contains(word)), "{name} in {flow:?}: {proofs}");
        }
    }
}
