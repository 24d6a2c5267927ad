//! Checks the formats that are defined elsewhere against their schemas, which are not part of this project:
//! `tools/fetch_standards.sh FOLDER` downloads them from package registries, and `SFCRED_STANDARDS=FOLDER` sets their
//! folder.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::Format;

use super::{STYLE, keeps_to, own_project, written};
use crate::common::{all_linted, lint_files, root};

/// The folder with the schemas. In CI, it must exist.
fn standards() -> Option<PathBuf> {
    let folder = std::env::var_os("SFCRED_STANDARDS").map(PathBuf::from);
    if folder.is_none() {
        assert!(
            std::env::var_os("SFCRED_CI").is_none(),
            "SFCRED_CI is set, and SFCRED_STANDARDS is not"
        );
        eprintln!(
            "\n!! SKIPPED: no schemas of others; run tools/fetch_standards.sh FOLDER and set SFCRED_STANDARDS=FOLDER\n"
        );
    }
    folder
}

/// Every case, and the project with allows.
fn outcomes() -> impl Iterator<Item = (String, &'static Report)> {
    static OWN: LazyLock<Report> = LazyLock::new(|| lint_files(own_project()).unwrap());
    let cases = all_linted().map(|(case, report)| (case.name(), report));
    std::iter::once(("tests/formats/project.txt".to_owned(), &*OWN)).chain(cases)
}

#[test]
fn sarif_keeps_to_its_schema() {
    let Some(folder) = standards() else { return };
    let mut schema: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("sarif.json")).unwrap()).unwrap();
    // The pattern of this edition has an unbalanced bracket, and sfcred does not write `language`.
    for of in ["run", "toolComponent"] {
        if let Some(language) = schema["definitions"][of]["properties"]["language"].as_object_mut()
        {
            language.remove("pattern");
        }
    }
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (project, report) in outcomes() {
        keeps_to(&schema, &written(report, Format::Sarif, STYLE), &project);
    }
}

#[test]
fn sarif_has_what_viewers_need() {
    let mut suppressed = 0;
    let mut fixes = 0;
    for (project, report) in outcomes() {
        let value: Value = serde_json::from_str(&written(report, Format::Sarif, STYLE)).unwrap();
        let run = &value["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.findings.len() + report.allowed.len());
        let fingerprints: BTreeSet<&str> = results
            .iter()
            .map(|result| result["partialFingerprints"]["sfcred/v1"].as_str().unwrap())
            .collect();
        assert_eq!(fingerprints.len(), results.len(), "{project}");
        for rule in rules {
            for text in [
                "/help/markdown",
                "/help/text",
                "/shortDescription/text",
                "/fullDescription/text",
                "/helpUri",
            ] {
                assert!(
                    rule.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
                    "{text} of {rule}"
                );
            }
        }
        for result in results {
            assert_eq!(
                rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"],
                result["ruleId"]
            );
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                uri.is_ascii() && !uri.contains([' ', '\\', '#', '?']) && !uri.starts_with('/'),
                "{uri}"
            );
            assert_eq!(place["artifactLocation"]["uriBaseId"], "SRCROOT");
            for related in result["relatedLocations"].as_array().unwrap() {
                assert!(!related["message"]["text"].as_str().unwrap().is_empty());
            }
            fixes += usize::from(result.get("fixes").is_some());
            suppressed += result["suppressions"].as_array().map_or(0, Vec::len);
        }
    }
    assert!(suppressed >= 2 && fixes >= 100, "{suppressed} suppressions, {fixes} fixes");
}

#[test]
fn an_allow_is_a_suppression_with_its_reason() {
    let report = lint_files(own_project()).unwrap();
    let value: Value = serde_json::from_str(&written(&report, Format::Sarif, STYLE)).unwrap();
    let results = value["runs"][0]["results"].as_array().unwrap();
    let said: BTreeSet<(&str, &str)> = results
        .iter()
        .flat_map(|result| result["suppressions"].as_array().unwrap())
        .map(|suppression| {
            (suppression["kind"].as_str().unwrap(), suppression["justification"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        said,
        BTreeSet::from([("external", "scratch orgs only"), ("inSource", "made by a package")])
    );
}

/// The schema of a Code Quality report by GitLab's documentation, because the published one has no license to be included.
#[test]
fn gitlab_reports_keep_to_their_schema() {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": false,
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^/]" },
                        "lines": { "type": "object", "required": ["begin"], "properties": { "begin": { "type": "integer", "minimum": 1 } } }
                    }
                }
            }
        }
    });
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (project, report) in outcomes() {
        let value = keeps_to(&schema, &written(report, Format::Gitlab, STYLE), &project);
        let fingerprints: BTreeSet<&str> = value
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(fingerprints.len(), report.findings.len(), "{project}: a fingerprint twice");
    }
}

#[test]
fn junit_keeps_to_the_schemas_of_ant_and_of_jenkins() {
    let Some(folder) = standards() else { return };
    let reports = tempfile::tempdir().unwrap();
    for (index, (_, report)) in outcomes().step_by(5).enumerate() {
        fs::write(
            reports.path().join(format!("{index}.xml")),
            written(report, Format::Junit, STYLE),
        )
        .unwrap();
    }
    for schema in ["JUnit.xsd", "jenkins-junit.xsd"] {
        keep_to(&folder, &folder.join(schema), reports.path());
    }
}

/// Checkstyle publishes no schema: this one is based on its own reports.
#[test]
fn checkstyle_reads_as_its_own_reports() {
    let Some(folder) = standards() else { return };
    let reports = tempfile::tempdir().unwrap();
    for (index, (_, report)) in outcomes().step_by(5).enumerate() {
        fs::write(
            reports.path().join(format!("{index}.xml")),
            written(report, Format::Checkstyle, STYLE),
        )
        .unwrap();
    }
    keep_to(&folder, &root().join("tests/formats/checkstyle.xsd"), reports.path());
}

/// Validates all XML files of a folder.
fn keep_to(standards: &Path, schema: &Path, reports: &Path) {
    const SCRIPT: &str = "
import pathlib, sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
files = sorted(pathlib.Path(sys.argv[2]).glob('*.xml'))
assert len(files) > 100, len(files)
for file in files:
    schema.assertValid(etree.parse(str(file)))
";
    let output = Command::new(standards.join("venv/bin/python"))
        .args(["-c", SCRIPT])
        .args([schema, reports])
        .output()
        .unwrap();
    let mut said = String::new();
    let _ = write!(
        said,
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{}: {said}", schema.display());
}
