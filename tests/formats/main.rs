//! Every project of `fixtures/` in every format: what others prescribe is kept to, the text keeps to its terminal, and nothing that
//! stands in a file is obeyed.

mod expected;
#[path = "../folders/mod.rs"]
mod folders;
mod hostile;
mod standards;

use std::fs;
use std::path::{Path, PathBuf};

use folders::copy_with;
use jsonschema::Validator;
use serde_json::Value;
use sfcred::pipeline::{Report, lint};
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use sfcred::{check, discover};
use time::macros::date;

const STYLE: Style =
    Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

/// The folders `fixtures/<rule>/<case>/`, in order.
fn projects() -> Vec<PathBuf> {
    let folders = |folder: &Path| {
        let mut all: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        all.sort();
        all
    };
    let all: Vec<PathBuf> = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .iter()
        .flat_map(|rule| folders(rule))
        .collect();
    assert!(all.len() > 100, "only {} projects under fixtures", all.len());
    all
}

fn linted(project: &Path) -> Report {
    let mut settings = Settings::new(date!(2026 - 11 - 22), project.to_owned());
    if let Some((name, text)) = discover::settings_file(project).unwrap() {
        let rules = check::rule_names();
        settings.read(&name, &text, &rules).unwrap();
    }
    lint(&[PathBuf::from(".")], &settings)
        .unwrap_or_else(|error| panic!("{}: {error}", project.display()))
}

fn written(report: &Report, format: Format, style: Style) -> String {
    let mut bytes = Vec::new();
    report::write(report, &Context { format, style }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn schema(name: &str) -> Validator {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name))
        .unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn keeps_to(schema: &Validator, json: &str, of: &str) -> Value {
    let value: Value = serde_json::from_str(json).unwrap();
    let problems: Vec<String> = schema
        .iter_errors(&value)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{of}: {problems:#?}\n{json}");
    value
}

fn is_control(character: char) -> bool {
    character.is_control() && character != '\n'
}

#[test]
fn every_report_for_machines_keeps_to_its_schema() {
    let schema = schema("sfcred-lint-1.json");
    for project in projects() {
        let report = linted(&project);
        let json = written(&report, Format::Json, STYLE);
        let value = keeps_to(&schema, &json, &project.display().to_string());
        assert!(!json.contains(is_control), "{}: a control character in JSON", project.display());
        assert_eq!(value["findings"].as_array().unwrap().len(), report.findings.len());
        let fingerprints: std::collections::BTreeSet<&str> = value["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(
            fingerprints.len(),
            report.findings.len(),
            "{}: a fingerprint twice",
            project.display()
        );
    }
}

#[test]
fn the_schema_refuses_what_the_report_does_not_promise() {
    let schema = schema("sfcred-lint-1.json");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claim-missing/bad");
    let value: Value =
        serde_json::from_str(&written(&linted(&folder), Format::Json, STYLE)).unwrap();
    assert!(schema.is_valid(&value));
    let broken: [fn(&mut Value); 5] = [
        |value| value["extra"] = true.into(),
        |value| value["findings"][0]["severity"] = "fatal".into(),
        |value| value["findings"][0]["line"] = 0.into(),
        |value| value["findings"][0]["fingerprint"] = "x".into(),
        |value| value["summary"] = Value::Null,
    ];
    for (index, breaks) in broken.iter().enumerate() {
        let mut value = value.clone();
        breaks(&mut value);
        assert!(!schema.is_valid(&value), "{index}");
    }
}

#[test]
fn the_rule_book_for_machines_keeps_to_its_schema() {
    let mut bytes = Vec::new();
    report::rule_book(&check::RULES, &Context { format: Format::Json, style: STYLE }, &mut bytes)
        .unwrap();
    let value =
        keeps_to(&schema("sfcred-rules-1.json"), &String::from_utf8(bytes).unwrap(), "rules");
    assert_eq!(value["rules"].as_array().unwrap().len(), check::RULES.len());
}

#[test]
fn statistics_for_machines_keep_to_their_schema() {
    let schema = schema("sfcred-statistics-1.json");
    for project in projects() {
        let report = linted(&project);
        let mut bytes = Vec::new();
        report::write_statistics(
            &report,
            &Context { format: Format::Json, style: STYLE },
            &mut bytes,
        )
        .unwrap();
        let value =
            keeps_to(&schema, &String::from_utf8(bytes).unwrap(), &project.display().to_string());
        let counted: u64 = value["statistics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["count"].as_u64().unwrap())
            .sum();
        assert_eq!(counted as usize, report.findings.len());
    }
}

#[test]
fn lines_of_json_hold_what_the_json_holds() {
    for project in projects() {
        let report = linted(&project);
        let whole: Value = serde_json::from_str(&written(&report, Format::Json, STYLE)).unwrap();
        let mut lines: Vec<Value> = written(&report, Format::Jsonl, STYLE)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.pop().unwrap();
        assert_eq!(last["summary"], whole["summary"]);
        assert_eq!(Value::Array(lines), whole["findings"], "{}", project.display());
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    for project in projects() {
        let (one, other) = (linted(&project), linted(&project));
        for format in Format::ALL {
            assert_eq!(
                written(&one, format, STYLE),
                written(&other, format, STYLE),
                "{}",
                project.display()
            );
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal_but_one_that_names_a_file() {
    for project in projects() {
        let report = linted(&project);
        for width in [80, 120] {
            for line in written(&report, Format::Text, Style { width, ..STYLE }).lines() {
                let names_a_file = line.contains("─[")
                    || line
                        .split_whitespace()
                        .any(|word| word.contains('/') && word.chars().count() > width - 24);
                assert!(
                    names_a_file || line.chars().count() <= width,
                    "{} at {width}: {line}",
                    project.display()
                );
            }
        }
    }
}

#[test]
fn without_unicode_only_the_files_own_letters_are_left() {
    for project in projects() {
        let report = linted(&project);
        let text = written(&report, Format::Text, Style { unicode: false, ..STYLE });
        for character in text.chars().filter(|character| !character.is_ascii()) {
            let of_a_file = report.sources.iter().any(|(_, source)| {
                source.text().contains(character) || source.name.contains(character)
            });
            assert!(of_a_file, "{}: `{character}` in\n{text}", project.display());
        }
        assert!(!text.contains(is_control), "{}: a control character", project.display());
    }
}

#[test]
fn no_format_shows_a_whole_consumer_key_or_certificate() {
    let whole = regex::Regex::new("3MVG9[A-Za-z0-9._]{16,}|[A-Za-z0-9+/]{100,}").unwrap();
    for project in projects() {
        let report = linted(&project);
        for format in Format::ALL {
            let mut text = written(&report, format, Style { width: 120, ..STYLE });
            if format == Format::Sarif {
                // The pages of rules are our own, and their keys invented.
                let mut value: Value = serde_json::from_str(&text).unwrap();
                value["runs"][0]["tool"] = Value::Null;
                text = value.to_string();
            }
            assert!(!whole.is_match(&text), "{}: {:?}", project.display(), whole.find(&text));
        }
    }
}

#[test]
fn a_fingerprint_survives_moved_lines_and_folders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claim-missing/bad");
    let moved = tempfile::tempdir().unwrap();
    copy(&folder, &moved.path().join("elsewhere/deeper"));
    let fingerprints = |project: &Path| -> Vec<Value> {
        let value: Value =
            serde_json::from_str(&written(&linted(project), Format::Json, STYLE)).unwrap();
        value["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["fingerprint"].clone())
            .collect()
    };
    assert_eq!(fingerprints(&folder), fingerprints(moved.path()));
}

/// Copies a project and puts an empty line before each line of its XML but the first.
fn copy(from: &Path, to: &Path) {
    copy_with(from, to, &|from, to| {
        let text = fs::read_to_string(from).unwrap();
        fs::write(
            to,
            if from.extension().is_some_and(|extension| extension == "xml") {
                text.replace('\n', "\n\n")
            } else {
                text
            },
        )
        .unwrap();
    });
}
