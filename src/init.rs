//! The first `sfcred.toml` and `sfcred.yaml` of a project, from what was found in it. Nothing is written here, and nothing is claimed that
//! the files do not prove: what a person must know stands in comments, ready to be filled in.

mod description;
mod quoting;
mod settings;

use std::path::Path;

use crate::pipeline::Report;

/// The name of the settings file.
pub const SETTINGS: &str = "sfcred.toml";
/// The name of the description.
pub const DESCRIPTION: &str = "sfcred.yaml";

/// Both files, ready to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub settings: String,
    pub description: String,
    /// The names of the orgs that are described.
    pub orgs: Vec<String>,
}

/// Puts both files together. `folder` is where they will lie: absolute and normalized.
pub fn draft(report: &Report, folder: &Path) -> Draft {
    let orgs = description::names(&report.workspace, folder);
    Draft {
        settings: settings::text(&report.findings),
        description: description::text(&report.workspace, &orgs, folder),
        orgs,
    }
}
