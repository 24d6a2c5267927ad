//! `sfcred explain` and `sfcred rules`.

use super::Project;

#[test]
fn a_rule_is_explained_with_the_error_messages() {
    Project::new().run(&["explain", "claim-missing"]).ends(
        0,
        &[
            "claim-missing\nerror, since 0.1.0",
            "How to fix it",
            "Error messages",
            "\"Unable to complete the JWT token exchange.\"",
            "References",
        ],
    );
}

#[test]
fn an_answer_is_explained_by_name_and_by_its_words() {
    for name in ["user-not-approved", "user hasn't approved this consumer"] {
        Project::new().run(&["explain", name]).ends(
            0,
            &[
                "user-not-approved\n",
                "This error confirms",
                "Causes, most likely first",
                "app-not-admin-approved: ",
            ],
        );
    }
}

#[test]
fn a_misspelled_name_gets_a_suggestion() {
    Project::new().run(&["explain", "claim-mising"]).ends(
        2,
        &[
            "`claim-mising` is not a rule or a known Salesforce error",
            "did you mean `claim-missing`?",
        ],
    );
    Project::new()
        .run(&["explain", "audience-invald"])
        .ends(2, &["did you mean `audience-invalid`?"]);
    Project::new()
        .run(&["explain", "\u{1b}[31mbanana"])
        .ends(2, &["`sfcred rules` lists all rules"]);
}

#[test]
fn the_rules_are_listed_in_order() {
    let run = Project::new().run(&["rules"]);
    let names: Vec<&str> = run
        .out
        .lines()
        .filter(|line| {
            line.starts_with("error") || line.starts_with("warning") || line.starts_with("note")
        })
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    run.ends(0, &["claim-missing", &format!("{} rules", names.len())]);
}

#[test]
fn the_rules_for_machines_are_json() {
    let run = Project::new().run(&["rules", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&run.ends(0, &[]).out).unwrap();
    assert!(value["rules"].as_array().unwrap().iter().any(|rule| rule["name"] == "claim-missing"
        && rule["severity"] == "error"
        && rule["fix"] == "unsafe"));
}

#[test]
fn a_word_lists_the_names_that_contain_it() {
    let run = |arguments: &[&str], words: &[&str], status| {
        Project::new().run(arguments).ends(status, words);
    };
    run(
        &["explain", "audience"],
        &["these contain the word", "`audience-list`", "`audience-invalid`"],
        2,
    );
    run(&["rules", "Certificate"], &["certificate-mismatch", " rules ("], 0);
    run(&["rules", "--answers", "audience"], &["audience-invalid", "audience is invalid"], 0);
    run(&["rules", "--answers", "--json"], &["`--answers` prints text only"], 2);
    run(&["rules", "--json"], &["sfcred-rules-1.json"], 0);
    run(&["help", "lint"], &["Usage: sfcred lint"], 0);
    run(&["version"], &[concat!("sfcred ", env!("CARGO_PKG_VERSION"))], 0);
}

#[test]
fn json_is_short_for_the_format() {
    let project = Project::of("claim-missing/bad");
    for command in ["lint", "trace"] {
        let long = project.run(&[command, "--format", "json", "."]);
        let short = project.run(&[command, "--json", "."]);
        assert_eq!(long.out, short.out, "{command}");
        project.run(&[command, "--json", "--format", "text"]).ends(2, &["cannot be used with"]);
    }
}
