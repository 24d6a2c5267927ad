//! Which files are built into which package: the longest package directory above a file decides.

use std::path::Path;

use crate::model::Package;
use crate::parse::Project;
use crate::source::Sources;

/// All packages with their files. What `.forceignore` names is not built.
pub fn packages(projects: &[Project], sources: &Sources) -> Vec<Package> {
    let mut packages = Vec::new();
    for project in projects {
        let nested = |path: &Path, own: &Path| {
            project.package_directories.iter().any(|other| {
                other.as_path() != own && other.starts_with(own) && path.starts_with(other)
            })
        };
        for directory in &project.packages {
            let inside = |path: &Path| {
                path.starts_with(&directory.path)
                    && !nested(path, &directory.path)
                    && !directory.unpackaged.iter().any(|folder| path.starts_with(folder))
            };
            let files = sources
                .iter()
                .filter(|(_, source)| !source.ignored && inside(&source.path))
                .map(|(file, _)| file)
                .collect();
            packages.push(Package {
                name: directory.package.clone(),
                dependencies: directory.dependencies.clone(),
                files,
            });
        }
    }
    packages
}
