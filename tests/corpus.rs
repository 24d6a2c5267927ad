//! Lints real public metadata, where a copy is at hand: `SFCRED_CORPUS`, or `../shared/corpus` beside the checkout.
//!
//! Run with `--nocapture` to see how many components of each type were read, and every file that was not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sfcred::error::Error;
use sfcred::finding::Severity;
use sfcred::pipeline::lint;
use sfcred::settings::Settings;
use sfcred::source::Kind;
use time::macros::date;

fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("SFCRED_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let holds_something = std::fs::read_dir(&path).ok()?.next().is_some();
    holds_something.then(|| path.canonicalize().expect("a path that exists"))
}

/// Rules whose error-level findings in the corpus were read and stand: every other one must be looked at first.
const DEFENDED: &[&str] = &[
    "app-not-admin-approved",
    "authorization-header-off",
    "client-credentials-user-missing",
    "flow-variant-missing",
    "placeholder-left",
    "secret-in-source",
    "unknown-element",
    "url-missing",
    "url-not-https",
];

#[test]
fn real_metadata_is_read_whole_and_judged_with_care() {
    let Some(corpus) = corpus() else {
        println!("the corpus is not there: set SFCRED_CORPUS to a folder of projects");
        return;
    };
    let mut components: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    let mut projects: Vec<PathBuf> = std::fs::read_dir(&corpus)
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    projects.sort();
    for project in &projects {
        let settings = Settings::new(date!(2026 - 11 - 22), corpus.clone());
        let report = match lint(std::slice::from_ref(project), &settings) {
            Ok(report) => report,
            Err(Error::NothingToLint { .. }) => continue,
            Err(error) => panic!("{}: {error}", project.display()),
        };
        for (_, source) in report
            .sources
            .iter()
            .filter(|(_, source)| source.kind.is_xml() || source.kind == Kind::CertificateBody)
        {
            *components.entry(source.kind.type_name()).or_default() += 1;
        }
        for file in &report.workspace.unreadable {
            println!("unreadable: {}: {}", report.sources.get(file.file).name, file.message);
        }
        for finding in &report.findings {
            *rules.entry((finding.severity, finding.rule)).or_default() += 1;
            let place =
                report.sources.position(finding.primary.span.file, finding.primary.span.start);
            println!(
                "{} {}: {} ({}:{})",
                finding.severity,
                finding.rule,
                finding.message,
                report.sources.get(finding.primary.span.file).name,
                place.line
            );
            if finding.severity == Severity::Error && !DEFENDED.contains(&finding.rule) {
                surprises.push(finding.message.clone());
            }
        }
    }
    println!("\n{:>6}  files by type", components.values().sum::<usize>());
    for (kind, count) in &components {
        println!("{count:>6}  {kind}");
    }
    println!("\n{:>6}  findings by rule", rules.values().sum::<usize>());
    for ((severity, rule), count) in rules.iter().rev() {
        println!("{count:>6}  {severity:<7} {rule}");
    }
    assert!(components.len() > 4, "the corpus holds more types than {components:?}");
    assert!(
        surprises.is_empty(),
        "error-level findings that nobody has looked at:\n{}",
        surprises.join("\n")
    );
}
