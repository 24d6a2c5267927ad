//! Decides which package each file is built into, by the longest package directory that contains the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::model::Package;
use crate::parse::Project;
use crate::source::{Sources, normalized};

/// A package directory of a project, and its packages.
struct Directory {
    project: usize,
    packages: Vec<usize>,
}

/// All packages with their files. What `.forceignore` names is not built.
pub fn packages(projects: &[Project], sources: &Sources) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut unpackaged: Vec<&[PathBuf]> = Vec::new();
    let mut directories: HashMap<PathBuf, Vec<Directory>> = HashMap::new();
    for (project, content) in projects.iter().enumerate().filter(|(_, it)| !it.packages.is_empty())
    {
        let mut of_path: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for directory in &content.package_directories {
            of_path.entry(normalized(directory)).or_default();
        }
        for directory in &content.packages {
            of_path.entry(directory.path.clone()).or_default().push(packages.len());
            unpackaged.push(&directory.unpackaged);
            packages.push(Package {
                name: directory.package.clone(),
                dependencies: directory.dependencies.iter().cloned().collect(),
                files: Default::default(),
            });
        }
        for (path, packages) in of_path {
            directories.entry(path).or_default().push(Directory { project, packages });
        }
    }
    for (file, source) in sources.iter().filter(|(_, source)| !source.ignored) {
        for package in packages_of(&source.path, &directories) {
            if !unpackaged[package].iter().any(|folder| source.path.starts_with(folder)) {
                packages[package].files.insert(file);
            }
        }
    }
    packages
}

/// The packages of the longest package directory above a file, in each project.
fn packages_of(path: &Path, directories: &HashMap<PathBuf, Vec<Directory>>) -> Vec<usize> {
    let mut projects: Vec<usize> = Vec::new();
    let mut packages = Vec::new();
    for directory in path.ancestors().filter_map(|folder| directories.get(folder)).flatten() {
        if !projects.contains(&directory.project) {
            projects.push(directory.project);
            packages.extend(&directory.packages);
        }
    }
    packages
}
