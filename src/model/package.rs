//! Second-generation packages of a project, each with the folder it is built from.

use std::collections::HashSet;

use crate::source::{FileId, Text};

/// One package directory with a package.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name in `sfdx-project.json`.
    pub name: Text,
    /// The packages that it declares as dependencies.
    pub dependencies: HashSet<String>,
    /// The files that are built into it.
    pub files: HashSet<FileId>,
}
