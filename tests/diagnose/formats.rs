//! Every labelled text in both formats: JSON that keeps to its schema, text that keeps to its terminal, and no secret in either.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sfcred::diagnose::Diagnosis;
use sfcred::pipeline::lint;
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use time::macros::date;

use crate::{folder, inside, labelled, read};

const STYLE: Style =
    Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

fn written(diagnosis: &Diagnosis<'_>, format: Format, style: Style) -> String {
    let mut bytes = Vec::new();
    report::diagnosis(diagnosis, &Context { format, style }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_report_keeps_to_its_schema_and_to_its_terminal() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(root.join("schemas/sfcred-diagnose-1.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let projects = [
        "fixtures/claim-missing/bad-seed",
        "fixtures/app-not-admin-approved/bad",
        "fixtures/setups/good-yaml-only",
    ];
    let outcomes: Vec<_> = projects
        .iter()
        .map(|project| {
            let settings = Settings::new(date!(2026 - 11 - 22), root.join(project));
            (lint(&[PathBuf::from(".")], &settings).unwrap(), settings)
        })
        .collect();
    let texts: Vec<PathBuf> =
        labelled().into_iter().map(|(_, file)| file).chain(inside(&folder("harmless"))).collect();
    for (index, file) in texts.iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        let project = (index % 4 < 3)
            .then(|| &outcomes[index % 4])
            .map(|(report, settings)| (report, settings));
        let diagnosis = Diagnosis::of("debug.log".to_owned(), read(&bytes), None, project);
        let json = written(&diagnosis, Format::Json, STYLE);
        let value: Value = serde_json::from_str(&json).unwrap();
        let problems: Vec<String> = schema
            .iter_errors(&value)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{}: {problems:#?}\n{json}", file.display());
        let text = written(&diagnosis, Format::Text, STYLE);
        for line in text.lines() {
            let whole = line.contains("─[")
                || line
                    .split_whitespace()
                    .any(|word| word.contains('/') && word.chars().count() > 40);
            assert!(whole || line.chars().count() <= 80, "{}: {line}", file.display());
        }
        let plain = written(&diagnosis, Format::Text, Style { unicode: false, ..STYLE });
        for shown in [&json, &text, &plain] {
            assert!(!shown.contains("MARK"), "{}: a secret\n{shown}", file.display());
            assert!(
                !shown.contains(|character: char| character.is_control() && character != '\n'),
                "{}: a control character",
                file.display()
            );
        }
    }
}
