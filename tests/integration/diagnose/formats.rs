//! Every sample in both formats: JSON follows its schema, text fits the terminal, and neither shows a secret.

use std::path::PathBuf;

use serde_json::Value;
use sfcred::internals::diagnose::Diagnosis;
use sfcred::internals::options::Options;
use sfcred::internals::report::{self, Context, Format, Style};

use super::read;
use crate::common::cases::case;
use crate::common::samples::{Sample, harmless, labeled};
use crate::common::{STYLE, TODAY, linted, read as read_file};

fn written(diagnosis: &Diagnosis<'_>, format: Format, style: Style) -> String {
    let mut bytes = Vec::new();
    report::diagnosis(diagnosis, &Context { format, style }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_report_keeps_to_its_schema_and_to_its_terminal() {
    let schema = read_file("schemas/sfcred-diagnose-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let projects = ["claim-missing/bad-seed", "app-not-admin-approved/bad", "setups/yaml-only"];
    let settings = Options::new(TODAY, PathBuf::from("/project"));
    let outcomes = projects.map(|name| linted(case(name)));
    for (index, sample) in labeled().into_iter().chain(harmless()).enumerate() {
        let Sample { group, name, bytes } = sample;
        let project = (index % 4 < 3).then(|| (&outcomes[index % 4], &settings));
        let diagnosis = Diagnosis::new("debug.log".to_owned(), read(&bytes), None, project);
        let json = written(&diagnosis, Format::Json, STYLE);
        let value: Value = serde_json::from_str(&json).unwrap();
        let problems: Vec<String> = schema
            .iter_errors(&value)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{group}/{name}: {problems:#?}\n{json}");
        let text = written(&diagnosis, Format::Text, STYLE);
        for line in text.lines() {
            let whole = line.contains("─[")
                || line
                    .split_whitespace()
                    .any(|word| word.contains('/') && word.chars().count() > 40);
            assert!(whole || line.chars().count() <= 80, "{group}/{name}: {line}");
        }
        let plain = written(&diagnosis, Format::Text, Style { unicode: false, ..STYLE });
        for shown in [&json, &text, &plain] {
            assert!(!shown.contains("MARK"), "{group}/{name}: a secret\n{shown}");
            assert!(
                !shown.contains(|character: char| character.is_control() && character != '\n'),
                "{group}/{name}: a control character"
            );
        }
    }
}
