//! A rule consists of a page, a check, a line in `rules!` and fixtures, all with the same name.

use std::collections::BTreeSet;

use regex::Regex;
use sfcred::internals::check::RULES;
use sfcred::internals::rule::{FixKind, Page, Step, split};

use super::{files, stem};
use crate::common::cases;
use crate::common::{all_linted, files_below, root};

const HEADINGS: &[&str] = &["Why it matters", "How to fix it", "When to allow it"];

fn pages() -> BTreeSet<String> {
    files("rules", "md").iter().map(|path| stem(path)).filter(|name| name != "README").collect()
}

#[test]
fn every_rule_has_a_page_a_check_and_cases_and_there_are_no_others() {
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    let checks: BTreeSet<String> = files_below(&root().join("src/check"))
        .iter()
        .map(|path| stem(path).replace('_', "-"))
        .filter(|name| !name.starts_with("shared-"))
        .collect();
    let fixtures: BTreeSet<String> =
        files("fixtures/rules", "md").iter().map(|path| stem(path)).collect();
    assert_eq!(rules, pages(), "rules and pages");
    assert_eq!(rules, checks, "rules and checks");
    assert_eq!(rules, fixtures, "rules and fixtures");
    for rule in &rules {
        let own = || cases::all().iter().filter(|case| case.rule == *rule);
        assert!(own().any(|case| case.is_bad()), "{rule} has no bad case");
        assert!(own().any(|case| !case.is_bad()), "{rule} has no good case");
    }
}

#[test]
fn every_page_has_the_fixed_form() {
    for rule in RULES.iter() {
        let (name, ..) =
            split(rule.text).unwrap_or_else(|problem| panic!("rules/{}.md: {problem}", rule.name));
        assert_eq!(name, rule.name, "the title is the name");
        let page = Page::parse(rule.text)
            .unwrap_or_else(|problem| panic!("rules/{}.md: {problem}", rule.name));
        assert!(
            !page.summary.is_empty() && !page.summary.starts_with('#'),
            "rules/{}.md has no summary",
            rule.name
        );
        let headings: Vec<&str> =
            page.body.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert!(
            headings.iter().all(|heading| HEADINGS.contains(heading)),
            "rules/{}.md has the headings {headings:?}",
            rule.name
        );
        assert!(
            headings.starts_with(&HEADINGS[..2]),
            "rules/{}.md has the headings {headings:?}",
            rule.name
        );
        assert_eq!(
            page.head.check.is_some(),
            page.head.step == Some(Step::TargetOrg),
            "rules/{}.md: only the target org has checks",
            rule.name
        );
        for reference in &page.head.references {
            assert!(
                reference.starts_with("https://"),
                "rules/{}.md refers to {reference}",
                rule.name
            );
        }
    }
}

#[test]
fn every_answer_that_a_page_names_has_a_page() {
    for rule in RULES.iter() {
        for answer in &rule.page().head.answers {
            assert!(
                root().join(format!("rules/answers/{answer}.md")).is_file(),
                "rules/{}.md names the answer {answer}",
                rule.name
            );
        }
    }
}

#[test]
fn every_example_is_quoted_from_a_fixture() {
    let block = Regex::new(r"(?s)```(?:xml|yaml|apex|json)\n(.*?)```").unwrap();
    for rule in RULES.iter() {
        let blocks: Vec<Vec<String>> =
            block.captures_iter(rule.text).map(|found| trimmed(&found[1])).collect();
        if blocks.is_empty() {
            continue;
        }
        let texts: Vec<Vec<String>> = cases::all()
            .iter()
            .filter(|case| case.rule == rule.name)
            .flat_map(|case| case.files().into_values())
            .filter_map(|bytes| String::from_utf8(bytes).ok())
            .map(|text| trimmed(&text))
            .collect();
        for quoted in blocks {
            assert!(
                texts
                    .iter()
                    .any(|lines| lines.windows(quoted.len()).any(|window| window == quoted)),
                "rules/{}.md quotes what no fixture of it holds:\n{}",
                rule.name,
                quoted.join("\n")
            );
        }
    }
}

fn trimmed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn no_fix_is_safer_than_its_page_says() {
    for rule in RULES.iter() {
        let kind = rule.page().head.fix;
        for (case, report) in all_linted().filter(|(case, _)| case.rule == rule.name) {
            for fix in report
                .findings
                .iter()
                .filter(|finding| finding.rule == rule.name)
                .filter_map(|finding| finding.fix.as_ref())
            {
                // A single fix can be less certain than others of its rule.
                assert!(
                    kind == Some(FixKind::Safe) || kind.is_some() && !fix.is_safe(),
                    "{} offers a fix that is safer than its page says ({})",
                    rule.name,
                    case.name()
                );
            }
        }
    }
}
