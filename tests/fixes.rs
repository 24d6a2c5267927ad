//! Every fix that is offered mends what it is offered for, and breaks nothing.

mod folders;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use folders::copy;
use sfcred::autofix::edits::{apply, changes};
use sfcred::finding::{Finding, Severity};
use sfcred::pipeline::{Report, lint};
use sfcred::settings::Settings;
use sfcred::source::{Encoding, Sources};
use time::macros::date;

fn run(folder: &Path) -> Report {
    lint(&[PathBuf::from(".")], &Settings::new(date!(2026 - 11 - 22), folder.to_owned())).unwrap()
}

fn identity(finding: &Finding) -> (&'static str, String, String) {
    (finding.rule, finding.component.name.clone(), finding.field.clone())
}

/// Writes the files that a fix changes; `false` where a file's encoding is not that of a plain text.
fn autofix(finding: &Finding, sources: &Sources, folder: &Path) -> bool {
    let changes = changes(finding.fix.as_ref().unwrap(), sources);
    for (file, source) in
        sources.iter().filter(|(file, _)| changes.iter().any(|change| change.span.file == *file))
    {
        if source.encoding != (Encoding::Utf8 { byte_order_mark: false }) {
            return false;
        }
        fs::write(folder.join(&source.name), apply(file, source.text(), &changes)).unwrap();
    }
    true
}

#[test]
fn what_a_fix_mends_is_gone_and_nothing_is_broken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut fix_run = 0;
    let mut faults = Vec::new();
    let folders = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    };
    for project in folders(&root)
        .iter()
        .flat_map(|rule| folders(rule))
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("bad"))
    {
        let before = run(&project);
        let known: BTreeSet<_> = before.findings.iter().map(identity).collect();
        for finding in before.findings.iter().filter(|finding| finding.fix.is_some()) {
            let copied = tempfile::tempdir().unwrap();
            copy(&project, copied.path());
            if !autofix(finding, &before.sources, copied.path()) {
                continue;
            }
            fix_run += 1;
            let after = run(copied.path());
            let fix = finding.fix.as_ref().unwrap();
            // A claim at a time: what nobody can know stays missing after a fix that asks.
            let partly = !fix.safe && finding.rule == "claim-missing";
            if !partly && after.findings.iter().any(|other| identity(other) == identity(finding)) {
                let told: Vec<&str> =
                    after.findings.iter().map(|other| other.message.as_str()).collect();
                faults.push(format!(
                    "{}: {} is still there after `{}`: {told:?}",
                    project.display(),
                    finding.rule,
                    fix.title
                ));
            }
            let new = after.findings.iter().find(|other| {
                !known.contains(&identity(other))
                    && (fix.safe || other.rule == "unreadable-file")
                    && other.severity == Severity::Error
                    && other.rule != "claim-missing"
            });
            if let Some(new) = new {
                faults.push(format!(
                    "{}: `{}` brings {}: {}",
                    project.display(),
                    fix.title,
                    new.rule,
                    new.message
                ));
            }
        }
    }
    assert!(fix_run > 50, "only {fixed} fixes are offered");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
