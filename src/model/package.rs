//! Second-generation packages of a project: which folder is built into which package.

use std::collections::HashSet;

use crate::source::{FileId, Text};

/// One package directory with a package.
#[derive(Clone, Debug)]
pub struct Package {
    /// As `sfdx-project.json` names it.
    pub name: Text,
    /// The packages that it declares to need.
    pub dependencies: Vec<String>,
    /// The files that are built into it.
    pub files: HashSet<FileId>,
}
