//! Lints public metadata, if there is a copy: `SFCRED_CORPUS`, or `../shared/corpus` next to the checkout.
//!
//! Run with `--nocapture` to see how many components of each type were read, and every file that was not.

use std::collections::BTreeMap;

use sfcred::internals::error::{DiscoveryError, Error};
use sfcred::internals::finding::Severity;
use sfcred::internals::options::Options;
use sfcred::internals::pipeline::lint;
use sfcred::internals::source::Kind;

use crate::common::{TODAY, corpus, entries};

/// Rules whose errors in the corpus were reviewed and are correct. Errors of other rules must be reviewed first.
const DEFENDED: &[&str] = &[
    "app-not-admin-approved",
    "auth-provider-missing",
    "authorization-header-off",
    "client-credentials-user-missing",
    "flow-variant-missing",
    "merge-field-encoded",
    "placeholder-left",
    "secret-in-source",
    "unknown-element",
    "url-missing",
    "url-not-https",
];

#[test]
fn real_metadata_is_read_completely_and_has_no_unreviewed_errors() {
    let Some(corpus) = corpus() else { return };
    let mut components: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    let projects = entries(&corpus).into_iter().filter(|path| path.is_dir());
    for project in projects {
        let settings = Options::new(TODAY, corpus.clone());
        let report = match lint(std::slice::from_ref(&project), &settings) {
            Ok(report) => report,
            Err(Error::Discovery(DiscoveryError::NothingToLint { .. })) => continue,
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
        "errors that are not on the list of reviewed rules:\n{}",
        surprises.join("\n")
    );
}
