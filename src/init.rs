//! Generates the first `sfcred.toml` and `sfcred.yaml` of a project. Only what the files prove is set; everything that
//! the user has to add is prepared in comments.

mod description;
mod quoting;
mod settings;

use std::path::Path;

pub use description::kind as kind_of_host;
pub use quoting::{comment, scalar};

use crate::pipeline::Report;
use crate::schema;

/// Instructions for agents: when to run which command.
pub const SKILL: &str = include_str!("../skills/sfcred/SKILL.md");
/// The name of the settings file.
pub const SETTINGS: &str = "sfcred.toml";
/// The name of the description.
pub const DESCRIPTION: &str = "sfcred.yaml";

/// The text of both files.
#[derive(Clone, Debug)]
pub struct Draft {
    pub settings: String,
    pub description: String,
    /// The names of the described orgs.
    pub orgs: Vec<String>,
}

/// Both files for a folder without metadata: an example of a description, and the default settings.
pub fn example() -> Draft {
    let schema = schema::DESCRIPTION.url;
    Draft {
        settings: settings::text(&[]),
        description: format!(
            "# yaml-language-server: $schema={schema}\n{}",
            include_str!("init/example.yaml")
        ),
        orgs: vec!["hub".to_owned(), "spoke".to_owned()],
    }
}

/// Generates both files for a folder, which is absolute and normalized.
pub fn draft(report: &Report, folder: &Path) -> Draft {
    let orgs = description::names(&report.workspace, folder);
    Draft {
        settings: settings::text(&report.findings),
        description: description::text(&report.workspace, &orgs, folder),
        orgs,
    }
}
