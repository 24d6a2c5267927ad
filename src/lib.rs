//! Finds out why a Salesforce credential setup does not work, before a deployment or after a failed callout.
//!
//! The flow is [`lint`]; the modules stand in the order in which data passes through them, and each imports only
//! what stands before it.

pub mod source;
pub mod schema;
pub mod nearest;
pub mod model;
pub mod finding;
pub mod fingerprint;
pub mod error;
pub mod settings;
pub mod rule;
pub mod description;
pub mod walk;
pub mod writing;
pub mod parse;
pub mod link;
pub mod check;
pub mod fix;
pub mod init;
pub mod explain;
pub mod report;
pub mod cli;

use std::path::PathBuf;

use error::Error;
use finding::Finding;
use model::Workspace;
use settings::Settings;
use source::Sources;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    pub sources: Sources,
    pub workspace: Workspace,
    /// In the order of files and bytes.
    pub findings: Vec<Finding>,
    /// What an allow covers: found, and not reported.
    pub allowed: Vec<Finding>,
}

/// Lints everything under some paths.
///
/// # Errors
/// Only when there was no run: see [`Error`]. A mistake in the project is a finding.
pub fn lint(paths: &[PathBuf], settings: &Settings) -> Result<Outcome, Error> {
    let mut walked = walk::walk(paths, settings)?;
    let parsed = parse::parse(&walked.sources);
    walked.sources.conceal(parsed.secrets.iter().copied());
    let mut workspace = link::link(parsed, &walked, settings);
    let (findings, allowed) = check::check(&mut workspace, &walked.sources, settings);
    Ok(Outcome { sources: walked.sources, workspace, findings, allowed })
}
