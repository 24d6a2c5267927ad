//! Each fix on its own removes its finding and causes no error.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sfcred::internals::autofix::edits::{apply, changes};
use sfcred::internals::finding::{Finding, Severity};
use sfcred::internals::options::Options;
use sfcred::internals::pipeline::Report;
use sfcred::internals::source::{Encoding, Sources};
use sfcred::lint_in_memory;

use crate::common::cases;
use crate::common::{Files, TODAY};

fn run(files: Files) -> Report {
    lint_in_memory(files, &Options::new(TODAY, PathBuf::from("/project"))).unwrap()
}

fn identity(finding: &Finding) -> (&'static str, String, String) {
    (finding.rule, finding.component.name.clone(), finding.field.clone())
}

/// The project after a fix; `None` if a file that it changes is not plain UTF-8.
fn fixed(finding: &Finding, sources: &Sources, files: &Files) -> Option<Files> {
    let changes = changes(finding.fix.as_ref().unwrap(), sources);
    let mut files = files.clone();
    for (file, source) in
        sources.iter().filter(|(file, _)| changes.iter().any(|change| change.span.file == *file))
    {
        if source.encoding != (Encoding::Utf8 { byte_order_mark: false }) {
            return None;
        }
        let text = apply(file, source.text(), &changes);
        files.insert(PathBuf::from(&source.name), text.into_bytes());
    }
    Some(files)
}

#[test]
fn a_fix_removes_its_finding_and_causes_no_error() {
    let mut tried = 0;
    let mut faults = Vec::new();
    for case in cases::all().iter().filter(|case| case.is_bad()) {
        let files = case.files();
        let before = run(files.clone());
        let known: BTreeSet<_> = before.findings.iter().map(identity).collect();
        for finding in before.findings.iter().filter(|finding| finding.fix.is_some()) {
            let Some(fixed) = fixed(finding, &before.sources, &files) else { continue };
            tried += 1;
            let after = run(fixed);
            let fix = finding.fix.as_ref().unwrap();
            // Claims whose values are not in the files are still missing after an unsafe fix.
            let partly = !fix.is_safe() && finding.rule == "claim-missing";
            if !partly && after.findings.iter().any(|other| identity(other) == identity(finding)) {
                let left: Vec<&str> =
                    after.findings.iter().map(|other| other.message.as_str()).collect();
                faults.push(format!(
                    "{}: {} is still there after `{}`: {left:?}",
                    case.name(),
                    finding.rule,
                    fix.title
                ));
            }
            let new = after.findings.iter().find(|other| {
                !known.contains(&identity(other))
                    && (fix.is_safe() || other.rule == "unreadable-file")
                    && other.severity == Severity::Error
                    && other.rule != "claim-missing"
            });
            if let Some(new) = new {
                faults.push(format!(
                    "{}: `{}` brings {}: {}",
                    case.name(),
                    fix.title,
                    new.rule,
                    new.message
                ));
            }
        }
    }
    assert!(tried > 50, "only {tried} fixes are offered");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
