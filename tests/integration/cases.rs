//! Lints every case of `fixtures/`: a bad one reports its rule, a good one does not, and no case reports another rule.
//!
//! `CASE=claim-missing/bad` limits the run to cases whose names contain that, and `UPDATE=1` writes the snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use sfcred::internals::autofix::edits::{apply, changes};
use sfcred::internals::finding::Finding;
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::{self, Context, Format};
use sfcred::internals::source::{Encoding, Source};

use crate::common::cases::{self, Case, case};
use crate::common::{STYLE, entries, lint_folder, linted, on_disk};

/// Complete projects with a fault. Each is also a case.
const BROKEN: &[(&str, &str)] = &[
    ("setups/broken-certificate", "certificate-mismatch/bad"),
    ("setups/broken-audience", "audience-environment-mismatch/bad"),
    ("setups/broken-claims", "claim-missing/bad"),
    ("setups/broken-approval", "app-not-admin-approved/bad"),
    ("setups/broken-grant", "principal-not-granted/bad"),
];

/// Checks the cases that `CASE` selects, and reports every fault.
fn every_case(check: impl Fn(&Case) -> Result<(), String> + Sync) {
    let selected = std::env::var("CASE").unwrap_or_default();
    let cases: Vec<&Case> =
        cases::all().iter().filter(|case| case.name().contains(&selected)).collect();
    assert!(!cases.is_empty(), "no case is named {selected}");
    let fault = |case: &&Case| check(case).err().map(|fault| format!("{}: {fault}", case.name()));
    let faults: Vec<String> = cases.par_iter().filter_map(fault).collect();
    assert!(
        faults.is_empty(),
        "{} of {} cases fail:\n\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n\n")
    );
}

fn listed(report: &Report) -> String {
    let line = |finding: &Finding| {
        let file = &report.sources.get(finding.primary.span.file).name;
        format!("{} {}: {} ({file})\n", finding.severity, finding.rule, finding.message)
    };
    report.findings.iter().map(line).collect()
}

#[test]
fn a_case_reports_its_rule_and_no_other() {
    every_case(|case| {
        let report = linted(case);
        let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        let also = case.also();
        let own = case.is_bad().then_some(case.rule.as_str());
        let expected: BTreeSet<&str> = also.iter().map(String::as_str).chain(own).collect();
        if found == expected {
            return Ok(());
        }
        Err(format!("expected {expected:?}, and found\n{}", listed(&report)))
    });
}

#[test]
fn safe_fixes_turn_a_bad_case_into_its_good_twin() {
    every_case(|case| {
        let report = linted(case);
        let fixes = report
            .findings
            .iter()
            .filter(|finding| finding.rule == case.rule)
            .filter_map(|finding| finding.fix.as_ref())
            .filter(|fix| fix.is_safe());
        let changes: Vec<_> = fixes.flat_map(|fix| changes(fix, &report.sources)).collect();
        let twin = case.twin_files();
        for (file, source) in report.sources.iter() {
            if !changes.iter().any(|change| change.span.file == file) {
                continue;
            }
            let fixed = apply(file, source.text(), &changes);
            if twin.get(Path::new(&source.name)) != Some(&encoded(source, &fixed)) {
                let name = &source.name;
                return Err(format!("the fix of {name} does not give that of the twin:\n{fixed}"));
            }
        }
        Ok(())
    });
}

#[test]
fn messages_contain_no_markdown() {
    every_case(|case| {
        let report = linted(case);
        for finding in &report.findings {
            let labels = std::iter::once(&finding.primary).chain(&finding.related);
            let texts = labels.map(|label| label.text.as_str()).chain([finding.message.as_str()]);
            for text in texts {
                // What is in backticks comes from files.
                let own: String = text.split('`').step_by(2).collect();
                if ["*", "__", "](", "<br"].iter().any(|mark| own.contains(mark)) {
                    return Err(format!("{}: {text}", finding.rule));
                }
            }
        }
        for format in [Format::Compact, Format::Github, Format::Azure, Format::Text] {
            let context = Context { format, style: STYLE };
            let mut printed = Vec::new();
            report::write(&report, &context, &mut printed).unwrap();
            let printed = String::from_utf8(printed).unwrap();
            let mut own = printed.lines().filter(|line| line.contains("help: "));
            let emphasis = |line: &&str| {
                line.split("*")
                    .nth(1)
                    .is_some_and(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
            };
            if let Some(line) = own.find(emphasis) {
                return Err(format!("{format:?}: {line}"));
            }
        }
        Ok(())
    });
}

fn encoded(source: &Source, text: &str) -> Vec<u8> {
    match source.encoding {
        Encoding::Utf8 { byte_order_mark: false } => text.as_bytes().to_vec(),
        Encoding::Utf8 { byte_order_mark: true } => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le { .. } => {
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
        Encoding::Utf16Be { .. } => {
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
        }
        Encoding::Other(encoding) => encoding.encode(text).0.into_owned(),
    }
}

/// The text report, without the line that counts files and findings.
fn printed(case: &Case) -> String {
    let mut bytes = Vec::new();
    let context = Context { format: Format::Text, style: STYLE };
    report::write(&linted(case), &context, &mut bytes).expect("writing to memory");
    let text = String::from_utf8(bytes).expect("a report is UTF-8");
    let closing = ["\nFound ", "\nAll checks passed!"];
    let end = closing.iter().find_map(|line| text.rfind(line));
    let end = end.expect("a report ends with what was checked");
    text[..end].to_owned()
}

#[test]
fn a_bad_case_prints_its_snapshot() {
    if std::env::var_os("UPDATE").is_some() {
        return write_snapshots();
    }
    every_case(|case| {
        if !case.is_bad() {
            return Ok(());
        }
        let printed = printed(case);
        if case.snapshot.as_ref() == Some(&printed) {
            return Ok(());
        }
        Err(format!("the snapshot is not what is printed; UPDATE=1 writes it:\n{printed}"))
    });
}

fn write_snapshots() {
    for page in cases::pages() {
        let rule = page.file_stem().unwrap().to_string_lossy().into_owned();
        let bad = cases::all().iter().filter(|case| case.rule == rule && case.is_bad());
        let snapshots: BTreeMap<String, String> =
            bad.map(|case| (case.id.clone(), printed(case))).collect();
        let text = fs::read_to_string(&page).unwrap();
        fs::write(&page, cases::with_snapshots(&text, snapshots)).unwrap();
    }
}

#[test]
fn a_project_on_disk_gives_the_same_findings_as_in_memory() {
    every_case(|case| {
        let folder = on_disk(&case.files());
        let on_disk = lint_folder(folder.path()).map_err(|error| error.to_string())?;
        let (on_disk, in_memory) = (listed(&on_disk), listed(&linted(case)));
        if on_disk == in_memory {
            return Ok(());
        }
        Err(format!("on disk:\n{on_disk}\nin memory:\n{in_memory}"))
    });
}

#[test]
fn every_setup_is_listed_and_every_broken_one_is_a_case_of_its_rule() {
    for folder in entries(&cases::fixtures().join("setups")) {
        let name = format!("setups/{}", folder.file_name().unwrap().to_string_lossy());
        let broken = BROKEN.iter().any(|(setup, _)| *setup == name);
        assert_eq!(name.contains("broken"), broken, "{name}");
        case(&name);
    }
    for (setup, name) in BROKEN {
        assert!(case(setup).files() == case(name).files(), "{setup} is not {name}");
    }
}
