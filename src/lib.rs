//! Finds out why a Salesforce credential setup does not work, before a deployment or after a failed callout.
//!
//! The flow is [`lint`]; the modules stand in the order in which data passes through them, and each imports only
//! what stands before it.

pub mod baseline;
pub mod check;
pub mod cli;
pub mod deploy;
pub mod description;
pub mod diagnose;
pub mod error;
pub mod explain;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod init;
pub mod link;
pub mod mend;
pub mod model;
pub mod narrow;
pub mod nearest;
pub mod parse;
pub mod report;
pub mod rule;
pub mod schema;
pub mod settings;
pub mod source;
pub mod suppress;
pub mod trace;
pub mod walk;
pub mod writing;

use std::path::PathBuf;

use error::Error;
use finding::Finding;
use model::Workspace;
use settings::Settings;
use source::Sources;
use walk::Walked;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
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
    pub left_out: narrow::LeftOut,
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
pub fn lint(paths: &[PathBuf], settings: &Settings) -> Result<Outcome, Error> {
    lint_watched(paths, settings, &|_| {})
}

/// [`lint`] that tells when each phase begins.
///
/// # Errors
/// As of [`lint`].
pub fn lint_watched(
    paths: &[PathBuf],
    settings: &Settings,
    begins: &(dyn Fn(Phase) + Sync),
) -> Result<Outcome, Error> {
    begins(Phase::Walk);
    let mut walked = walk::walk(paths, settings)?;
    let deployed = settings
        .environment
        .as_ref()
        .map(|environment| deploy::deploy(&mut walked.sources, environment))
        .transpose()?;
    let mut judged = judge_watched(&mut walked, settings, begins);
    if let Some(deployed) = deployed {
        let old = judged.baseline.as_mut().map(|baseline| &mut baseline.findings);
        deployed.restore(
            &mut walked.sources,
            [&mut judged.findings, &mut judged.allowed].into_iter().chain(old),
        );
    }
    let environment =
        settings.environment.as_ref().map(|environment| environment.shown().to_owned());
    Ok(Outcome { environment, ..judged.outcome(walked.sources, 0) })
}

/// What came of the files of a run.
#[derive(Debug)]
pub struct Judged {
    pub workspace: Workspace,
    pub findings: Vec<Finding>,
    pub allowed: Vec<Finding>,
    pub baseline: Option<Baselined>,
}

/// Everything that follows the walk.
pub fn judge(walked: &mut Walked, settings: &Settings) -> Judged {
    judge_watched(walked, settings, &|_| {})
}

fn judge_watched(
    walked: &mut Walked,
    settings: &Settings,
    begins: &(dyn Fn(Phase) + Sync),
) -> Judged {
    begins(Phase::Parse);
    let parsed = parse::parse(&walked.sources);
    walked.sources.conceal(parsed.secrets.iter().copied());
    #[cfg(feature = "forced-panic")]
    walked
        .sources
        .iter()
        .for_each(|(_, source)| source::fail_if_asked("on-the-main-thread", source.text()));
    begins(Phase::Link);
    let workspace = link::link(parsed, walked, settings);
    begins(Phase::Check);
    let (findings, allowed) = check::check(&workspace, &walked.sources, settings);
    let Some(baseline) = &settings.baseline else {
        return Judged { workspace, findings, allowed, baseline: None };
    };
    let divided = walk::seen_by(baseline, &walked.roots, settings, &walked.sources, |run| {
        baseline.divide(findings, run)
    });
    let covered =
        Baselined { name: baseline.name.clone(), findings: divided.baselined, gone: divided.gone };
    Judged { workspace, findings: divided.reported, allowed, baseline: Some(covered) }
}

impl Judged {
    pub fn outcome(self, sources: Sources, fixed: usize) -> Outcome {
        let Judged { workspace, findings, allowed, baseline } = self;
        Outcome {
            sources,
            workspace,
            findings,
            allowed,
            baseline,
            fixed,
            left_out: narrow::LeftOut::default(),
            environment: None,
        }
    }
}
