//! Finds out why a Salesforce credential setup does not work, before a deployment or after a failed callout.
//!
//! The flow is [`lint`]; the modules stand in the order in which data passes through them, and each imports only
//! what stands before it.

pub mod source;
pub mod nearest;
pub mod model;
pub mod finding;
pub mod fingerprint;
pub mod error;
pub mod baseline;
pub mod settings;
pub mod rule;
pub mod description;
pub mod walk;
pub mod writing;
pub mod parse;
pub mod link;
pub mod check;
pub mod fix;
pub mod mend;
pub mod explain;
pub mod report;
pub mod cli;

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

/// Lints everything under some paths.
///
/// # Errors
/// Only when there was no run: see [`Error`]. A mistake in the project is a finding.
pub fn lint(paths: &[PathBuf], settings: &Settings) -> Result<Outcome, Error> {
    let mut walked = walk::walk(paths, settings)?;
    let judged = judge(&mut walked, settings);
    Ok(judged.outcome(walked.sources, 0))
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
    let parsed = parse::parse(&walked.sources);
    walked.sources.conceal(parsed.secrets.iter().copied());
    let mut workspace = link::link(parsed, walked, settings);
    let (findings, allowed) = check::check(&mut workspace, &walked.sources, settings);
    let Some(baseline) = &settings.baseline else { return Judged { workspace, findings, allowed, baseline: None } };
    let divided = walk::seen_by(baseline, &walked.roots, settings, &walked.sources, |run| baseline.divide(findings, run));
    let covered = Baselined { name: baseline.name.clone(), findings: divided.baselined, gone: divided.gone };
    Judged { workspace, findings: divided.reported, allowed, baseline: Some(covered) }
}

impl Judged {
    pub fn outcome(self, sources: Sources, fixed: usize) -> Outcome {
        let Judged { workspace, findings, allowed, baseline } = self;
        Outcome { sources, workspace, findings, allowed, baseline, fixed }
    }
}
