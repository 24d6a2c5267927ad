//! The package directories of projects, and the second-generation packages that are built from them.

use std::collections::{HashMap, HashSet};

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

/// Which package directory each file is in.
#[derive(Clone, Debug, Default)]
pub struct PackageDirectories {
    /// The longest package directory above each file, by a number.
    pub(crate) of_file: HashMap<FileId, usize>,
    /// Metadata and code beside the package directories of its project, such as test data and retrieved copies.
    pub(crate) outside: HashSet<FileId>,
    /// Files of tests, fixtures and samples, by their folders, that no package directory contains.
    pub(crate) samples: HashSet<FileId>,
}

impl PackageDirectories {
    /// The package directory of a file, by a number.
    pub fn of(&self, file: FileId) -> Option<usize> {
        self.of_file.get(&file).copied()
    }

    /// Whether the file is in a package directory.
    pub fn hold(&self, file: FileId) -> bool {
        self.of_file.contains_key(&file)
    }

    /// Whether a file is part of tests or samples that are not deployed, in which secrets are usually invented.
    pub fn is_sample(&self, file: FileId) -> bool {
        self.samples.contains(&file)
    }

    /// Whether a deployment of the file's project leaves the file out.
    pub fn leave_out(&self, file: FileId) -> bool {
        self.outside.contains(&file)
    }
}
