//! Every case in every format: reports are valid by their schemas, text fits the terminal, and no value in a file acts
//! as a command or markup.

mod expected;
mod hostile;
mod standards;

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use sfcred::internals::check;
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::{self, Context, Format, Style};

use crate::common::cases::case;
use crate::common::samples::parts;
use crate::common::{Files, STYLE, all_linted, lint_files, linted, read, rewritten};

fn written(report: &Report, format: Format, style: Style) -> String {
    let mut bytes = Vec::new();
    report::write(report, &Context { format, style }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn schema(name: &str) -> Validator {
    let text = read(format!("schemas/{name}"));
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
    for (case, report) in all_linted() {
        let json = written(report, Format::Json, STYLE);
        let value = keeps_to(&schema, &json, &case.name());
        assert!(!json.contains(is_control), "{}: a control character in JSON", case.name());
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
            case.name()
        );
    }
}

#[test]
fn the_schema_rejects_what_the_report_does_not_promise() {
    let schema = schema("sfcred-lint-1.json");
    let value: Value =
        serde_json::from_str(&written(&linted(case("claim-missing/bad")), Format::Json, STYLE))
            .unwrap();
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
    report::rules(
        &check::RULES.iter().collect::<Vec<_>>(),
        &Context { format: Format::Json, style: STYLE },
        &mut bytes,
    )
    .unwrap();
    let value =
        keeps_to(&schema("sfcred-rules-1.json"), &String::from_utf8(bytes).unwrap(), "rules");
    assert_eq!(value["rules"].as_array().unwrap().len(), check::RULES.len());
}

#[test]
fn statistics_for_machines_keep_to_their_schema() {
    let schema = schema("sfcred-statistics-1.json");
    for (case, report) in all_linted() {
        let mut bytes = Vec::new();
        report::write_statistics(
            report,
            &Context { format: Format::Json, style: STYLE },
            &mut bytes,
        )
        .unwrap();
        let value = keeps_to(&schema, &String::from_utf8(bytes).unwrap(), &case.name());
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
    for (case, report) in all_linted() {
        let whole: Value = serde_json::from_str(&written(report, Format::Json, STYLE)).unwrap();
        let mut lines: Vec<Value> = written(report, Format::Jsonl, STYLE)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.pop().unwrap();
        assert_eq!(last["summary"], whole["summary"]);
        assert_eq!(Value::Array(lines), whole["findings"], "{}", case.name());
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    for (case, one) in all_linted() {
        let other = linted(case);
        for &format in Format::all() {
            assert_eq!(
                written(one, format, STYLE),
                written(&other, format, STYLE),
                "{}",
                case.name()
            );
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal_but_one_that_names_a_file() {
    for (case, report) in all_linted() {
        for width in [80, 120] {
            for line in written(report, Format::Text, Style { width, ..STYLE }).lines() {
                let names_a_file = line.contains("─[")
                    || line
                        .split_whitespace()
                        .any(|word| word.contains('/') && word.chars().count() > width - 24);
                assert!(
                    names_a_file || line.chars().count() <= width,
                    "{} at {width}: {line}",
                    case.name()
                );
            }
        }
    }
}

#[test]
fn without_unicode_only_letters_of_the_files_are_left() {
    for (case, report) in all_linted() {
        let text = written(report, Format::Text, Style { unicode: false, ..STYLE });
        for character in text.chars().filter(|character| !character.is_ascii()) {
            let of_a_file = report.sources.iter().any(|(_, source)| {
                source.text().contains(character) || source.name.contains(character)
            });
            assert!(of_a_file, "{}: `{character}` in\n{text}", case.name());
        }
        assert!(!text.contains(is_control), "{}: a control character", case.name());
    }
}

#[test]
fn no_format_shows_a_whole_consumer_key_or_certificate() {
    let whole = regex::Regex::new("3MVG9[A-Za-z0-9._]{16,}|[A-Za-z0-9+/]{100,}").unwrap();
    for (case, report) in all_linted() {
        for &format in Format::all() {
            let mut text = written(report, format, Style { width: 120, ..STYLE });
            if format == Format::Sarif {
                // The keys in the rule pages are invented, so they are not secrets.
                let mut value: Value = serde_json::from_str(&text).unwrap();
                value["runs"][0]["tool"] = Value::Null;
                text = value.to_string();
            }
            if format == Format::Html {
                text.truncate(text.find("<h2 id=\"rules\">").unwrap_or(text.len()));
            }
            assert!(!whole.is_match(&text), "{}: {:?}", case.name(), whole.find(&text));
        }
    }
}

#[test]
fn a_fingerprint_survives_moved_lines_and_folders() {
    let files = case("claim-missing/bad").files();
    let moved: Files = rewritten(&files, |path, text| {
        let xml = path.extension().is_some_and(|extension| extension == "xml");
        xml.then(|| text.replace('\n', "\n\n").into_bytes())
    })
    .into_iter()
    .map(|(path, bytes)| (Path::new("elsewhere/deeper").join(path), bytes))
    .collect();
    let fingerprints = |files: Files| -> Vec<Value> {
        let report = lint_files(files).unwrap();
        let value: Value = serde_json::from_str(&written(&report, Format::Json, STYLE)).unwrap();
        value["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["fingerprint"].clone())
            .collect()
    };
    assert_eq!(fingerprints(files), fingerprints(moved));
}

/// The project in `tests/formats/project.txt`, with errors, a fix, notes and allows.
fn own_project() -> Files {
    let parts = parts("tests/formats/project.txt").into_iter();
    parts.map(|(path, text)| (PathBuf::from(path), format!("{text}\n").into_bytes())).collect()
}
