//! Lints every project under `fixtures/`: what is bad shows its own fault and no other, what is good is silent.
//!
//! `UPDATE=1 cargo test --test fixtures` writes the expected texts.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use sfcred::autofix::edits::{apply, changes};
use sfcred::check::RULES;
use sfcred::pipeline::{Report, lint};
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use sfcred::source::{Encoding, Source};
use time::macros::date;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trials = Vec::new();
    for rule in folders(&root) {
        let group = name(&rule);
        for project in folders(&rule) {
            let title = format!("{group}/{}", name(&project));
            let group = group.clone();
            trials.push(Trial::test(title, move || {
                if name(&project).starts_with("bad") {
                    bad(&group, &project)
                } else {
                    good(&project)
                }
            }));
        }
    }
    assert!(trials.len() > 100, "the fixtures are not where they should be");
    libtest_mimic::run(&arguments, trials).exit();
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder's entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn run(project: &Path) -> Result<Report, Failed> {
    let mut settings = Settings::new(date!(2026 - 11 - 22), project.to_owned());
    if let Ok(text) = fs::read_to_string(project.join("sfcred.toml")) {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        settings.read("sfcred.toml", &text, &rules).map_err(|error| error.to_string())?;
    }
    lint(&[PathBuf::from(".")], &settings).map_err(|error| error.to_string().into())
}

/// What speaks besides a fixture's own rule: every legacy named credential is worth a note, and what an allow covered
/// is reported again when its day has passed.
fn expected_beside(project: &Path) -> &'static [&'static str] {
    let again = project.parent().is_some_and(|rule| name(rule) == "expired-allow")
        && name(project).starts_with("bad");
    if again {
        &["named-credential-not-found", "app-approves-nobody"]
    } else if project.to_string_lossy().contains("legacy") {
        &["legacy-named-credential"]
    } else {
        &[]
    }
}

fn told(report: &Report) -> String {
    let lines: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}: {} ({})",
                finding.severity,
                finding.rule,
                finding.message,
                report.sources.get(finding.primary.span.file).name
            )
        })
        .collect();
    lines.join("\n")
}

fn good(project: &Path) -> Result<(), Failed> {
    let report = run(project)?;
    let beside = expected_beside(project);
    if report.findings.iter().all(|finding| beside.contains(&finding.rule)) {
        Ok(())
    } else {
        Err(format!("nothing is wrong here, and yet:\n{}", told(&report)).into())
    }
}

fn bad(rule: &str, project: &Path) -> Result<(), Failed> {
    let report = run(project)?;
    let beside = expected_beside(project);
    if !report.findings.iter().any(|finding| finding.rule == rule) {
        return Err(format!("{rule} does not fire; found:\n{}", told(&report)).into());
    }
    if let Some(other) = report
        .findings
        .iter()
        .find(|finding| finding.rule != rule && !beside.contains(&finding.rule))
    {
        return Err(format!("{} fires beside {rule}:\n{}", other.rule, told(&report)).into());
    }
    fix_run(rule, project, &report)?;
    reads_as_expected(project, &report)
}

/// What a person reads stands beside the project.
fn reads_as_expected(project: &Path, report: &Report) -> Result<(), Failed> {
    let style = Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };
    let mut printed = Vec::new();
    report::write(report, &Context { format: Format::Text, style }, &mut printed)?;
    let expected = project.with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, &printed)?;
        return Ok(());
    }
    let text = fs::read(&expected)
        .map_err(|error| format!("{}: {error}; UPDATE=1 writes it", expected.display()))?;
    if text == printed {
        Ok(())
    } else {
        Err(format!(
            "{} holds something else than\n{}",
            expected.display(),
            String::from_utf8_lossy(&printed)
        )
        .into())
    }
}

/// Every file that a safe fix changes reads as in the good twin afterwards, byte for byte.
fn fix_run(rule: &str, project: &Path, report: &Report) -> Result<(), Failed> {
    let fixes = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .filter_map(|finding| finding.fix.as_ref())
        .filter(|fix| fix.safe);
    let changes: Vec<_> = fixes.flat_map(|fix| changes(fix, &report.sources)).collect();
    let twin = project.with_file_name(name(project).replacen("bad", "good", 1));
    for (file, source) in report.sources.iter() {
        if !changes.iter().any(|change| change.span.file == file) {
            continue;
        }
        let expected = fs::read(twin.join(&source.name))
            .map_err(|error| format!("{}: {error}", twin.join(&source.name).display()))?;
        let fix_run = apply(file, source.text(), &changes);
        if bytes(source, &fix_run) != expected {
            return Err(format!(
                "the fix of {} gives\n{fixed}\nand not what stands in {}",
                source.name,
                twin.display()
            )
            .into());
        }
    }
    Ok(())
}

fn bytes(source: &Source, text: &str) -> Vec<u8> {
    match source.encoding {
        Encoding::Utf8 { byte_order_mark: false } => text.as_bytes().to_vec(),
        Encoding::Utf8 { byte_order_mark: true } => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le => {
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
        Encoding::Utf16Be => {
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
        }
        Encoding::Other(encoding) => encoding.encode(text).0.into_owned(),
    }
}
