//! The report of one project with errors, a fix, notes and allows, in each format. `UPDATE=1` writes the expected files.

use std::fs;

use sfcred::internals::report::Format;
use sfcred::internals::source::Content;

use super::{STYLE, own_project, written};
use crate::common::{lint_files, rewritten, root};

#[test]
fn each_format_reads_as_expected() {
    let folder = root().join("tests/formats");
    let report = lint_files(own_project()).unwrap();
    assert!(
        report.findings.len() >= 2
            && report.allowed.len() >= 2
            && report.findings.iter().any(|finding| finding.fix.is_some()),
        "{report:#?}"
    );
    assert!(
        report.sources.iter().any(|(_, source)| matches!(source.content, Content::Text(_))
            && source.text().contains('💥'))
    );
    let mut faults = Vec::new();
    // A page is long, and `pictures` tests what it contains.
    for &format in Format::all().iter().filter(|format| **format != Format::Html) {
        let file = folder.join("expected").join(format!("{format:?}").to_lowercase());
        let text = written(&report, format, STYLE);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            faults.push(format!("{} holds something else than\n{text}", file.display()));
        }
    }
    assert!(faults.is_empty(), "UPDATE=1 writes them\n{}", faults.join("\n"));
}

#[test]
fn the_columns_of_sarif_count_characters_in_every_encoding() {
    let regions = |report: &sfcred::Report| -> serde_json::Value {
        let value: serde_json::Value =
            serde_json::from_str(&written(report, Format::Sarif, STYLE)).unwrap();
        value["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["region"].clone())
            .collect()
    };
    let utf8 = lint_files(own_project()).unwrap();
    let behind = utf8
        .findings
        .iter()
        .find(|finding| finding.rule == "audience-trailing-slash")
        .expect("the audience of the project ends in a slash");
    let text = utf8.sources.get(behind.primary.span.file).text();
    let line_start = text[..behind.primary.span.range().start].rfind('\n').unwrap() + 1;
    let before = &text[line_start..behind.primary.span.range().start];
    assert!(before.contains('💥'), "{before}");
    let columns: Vec<u64> = regions(&utf8)
        .as_array()
        .unwrap()
        .iter()
        .map(|region| region["startColumn"].as_u64().unwrap())
        .collect();
    assert!(columns.contains(&(before.chars().count() as u64 + 1)), "{columns:?}");
    let utf16 = rewritten(&own_project(), |path, text| {
        let credential = path.to_string_lossy().ends_with(".externalCredential-meta.xml");
        let text = text.replace("UTF-8", "UTF-16");
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        credential.then(|| units.flat_map(u16::to_le_bytes).collect())
    });
    assert_eq!(regions(&utf8), regions(&lint_files(utf16).unwrap()));
}
