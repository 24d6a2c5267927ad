//! The answer pages: messages of Salesforce, and the rules that they refer to.

use std::collections::BTreeSet;

use regex::RegexBuilder;
use sfcred::internals::check::RULES;
use sfcred::internals::explain::{self, Cause};

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
