//! Finds out why a Salesforce credential setup does not work, before a deployment or after a failed callout.
//!
//! The flow is [`lint`]; the modules stand in the order in which data passes through them, and each imports only
//! what stands before it.

pub mod atomic_write;
pub mod autofix;
pub mod baseline;
pub mod check;
pub mod cli;
pub mod description;
pub mod diagnose;
pub mod discover;
pub mod error;
pub mod explain;
pub mod filter;
pub mod finding;
pub mod fingerprint;
pub mod init;
pub mod link;
pub mod model;
pub mod nearest;
pub mod parse;
pub mod replacements;
pub mod report;
pub mod rule;
pub mod schema;
pub mod settings;
pub mod source;
pub mod trace;

use std::path::PathBuf;

use discover::FileSet;
use error::Error;
use finding::Finding;
use model::Workspace;
use settings::Settings;
use source::Sources;

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    pub sources: Sources,
    pub workspace: Workspace,
    /// In the order of files and bytes.
    pub findings: Vec<Finding>,
    /// What an allow covers: found, and not reported.
    pub allowed: Vec<Finding>,
    /// What the run had to do with a baseline.
    pub baseline: Option<Baselined>,
    /// How many findings the run fixed.
    pub fixed: usize,
    /// What nobody asked to see.
    pub filtered: filter::Filtered,
    /// The environment that the files were deployed to in thought.
    pub environment: Option<String>,
}

/// What a baseline covers.
#[derive(Debug)]
pub struct Baselined {
    /// The baseline's file, as shown.
    pub name: String,
    /// Found, and not reported.
    pub findings: Vec<Finding>,
    /// In the baseline, and no longer found.
    pub gone: Vec<baseline::Entry>,
}

/// The steps of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Walk,
    Parse,
    Link,
    Check,
}

/// Lints everything under some paths.
///
/// # Errors
/// Only when there was no run: see [`Error`]. A mistake in the project is a finding.
pub fn lint(paths: &[PathBuf], settings: &Settings) -> Result<Report, Error> {
    lint_with_progress(paths, settings, &|_| {})
}

/// [`lint`] that tells when each phase begins.
///
/// # Errors
/// As of [`lint`].
pub fn lint_with_progress(
    paths: &[PathBuf],
    settings: &Settings,
    begins: &(dyn Fn(Phase) + Sync),
) -> Result<Report, Error> {
    begins(Phase::Walk);
    let mut file_set = discover::discover(paths, settings)?;
    let deployed = settings
        .environment
        .as_ref()
        .map(|environment| replacements::apply(&mut file_set.sources, environment))
        .transpose()?;
    let mut analysis = analyze_with_progress(&mut file_set, settings, begins);
    if let Some(deployed) = deployed {
        let old = analysis.baseline.as_mut().map(|baseline| &mut baseline.findings);
        deployed.restore(
            &mut file_set.sources,
            [&mut analysis.findings, &mut analysis.allowed].into_iter().chain(old),
        );
    }
    let environment =
        settings.environment.as_ref().map(|environment| environment.shown().to_owned());
    Ok(Report { environment, ..analysis.report(file_set.sources, 0) })
}

/// What came of the files of a run.
#[derive(Debug)]
pub struct Analysis {
    pub workspace: Workspace,
    pub findings: Vec<Finding>,
    pub allowed: Vec<Finding>,
    pub baseline: Option<Baselined>,
}

/// Everything that follows the walk.
pub fn analyze(file_set: &mut FileSet, settings: &Settings) -> Analysis {
    analyze_with_progress(file_set, settings, &|_| {})
}

fn analyze_with_progress(
    file_set: &mut FileSet,
    settings: &Settings,
    begins: &(dyn Fn(Phase) + Sync),
) -> Analysis {
    begins(Phase::Parse);
    let parsed = parse::parse(&file_set.sources);
    file_set.sources.conceal(parsed.secrets.iter().copied());
    #[cfg(feature = "forced-panic")]
    file_set
        .sources
        .iter()
        .for_each(|(_, source)| source::fail_if_asked("on-the-main-thread", source.text()));
    begins(Phase::Link);
    let mut workspace = link::link(parsed, file_set, settings);
    begins(Phase::Check);
    let (findings, allowed) = check::check(&mut workspace, &file_set.sources, settings);
    let Some(baseline) = &settings.baseline else {
        return Analysis { workspace, findings, allowed, baseline: None };
    };
    let divided =
        discover::seen_by(baseline, &file_set.roots, settings, &file_set.sources, |run| {
            baseline.divide(findings, run)
        });
    let covered =
        Baselined { name: baseline.name.clone(), findings: divided.baselined, gone: divided.gone };
    Analysis { workspace, findings: divided.reported, allowed, baseline: Some(covered) }
}

impl Analysis {
    pub fn report(self, sources: Sources, fixed: usize) -> Report {
        let Analysis { workspace, findings, allowed, baseline } = self;
        Report {
            sources,
            workspace,
            findings,
            allowed,
            baseline,
            fixed,
            filtered: filter::Filtered::default(),
            environment: None,
        }
    }
}
