//! Decides which package directory each file is in, and which package it is built into, by the longest package directory
//! that contains the file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::discover::FileSet;
use crate::model::{Package, PackageDirectories};
use crate::parse::{Project, project_of};
use crate::source::{FileId, Kind, Sources, normalized};

/// The package directory of each file. A folder that the command line or a description names is meant to be checked, even
/// if it is outside of all package directories.
pub fn directories(projects: &[Project], file_set: &FileSet) -> PackageDirectories {
    let mut numbers: HashMap<PathBuf, usize> = HashMap::new();
    for directory in projects.iter().flat_map(|project| &project.package_directories) {
        let next = numbers.len();
        numbers.entry(normalized(directory)).or_insert(next);
    }
    let described = file_set.descriptions.iter().flat_map(|described| {
        let paths = described.description.orgs.iter().flat_map(|org| &org.metadata);
        let paths = paths.chain(described.description.files());
        paths.map(|path| normalized(&described.folder.join(path.as_str())))
    });
    let chosen: HashSet<PathBuf> = file_set.roots.iter().cloned().chain(described).collect();
    let mut directories = PackageDirectories::default();
    let mut projects_in_use: HashSet<&Path> = HashSet::new();
    let mut outside = Vec::new();
    let place_of = |folder: &Path| {
        let project = project_of(projects, folder)?.folder.as_path();
        let folders = || folder.ancestors().take_while(|above| *above != project);
        let number = folders().chain([project]).find_map(|above| numbers.get(above)).copied();
        Some((project, number, folders().any(|above| chosen.contains(above))))
    };
    // The files of a folder follow each other.
    let mut last = None;
    for (file, source) in file_set.sources.iter().filter(|(_, source)| is_deployable(source.kind)) {
        let Some(folder) = source.path.parent() else { continue };
        let place = match last {
            Some((of, place)) if of == folder.as_os_str() => place,
            _ => place_of(folder),
        };
        last = Some((folder.as_os_str(), place));
        match place {
            Some((project, Some(number), _)) => {
                directories.of_file.insert(file, number);
                projects_in_use.insert(project);
            }
            Some((project, None, false)) if !chosen.contains(&source.path) => {
                outside.push((file, project));
            }
            Some((_, None, _)) | None => {}
        }
    }
    // If no package directory holds anything, the project is deployed in another way.
    outside.retain(|(_, project)| projects_in_use.contains(project));
    directories.outside = outside.into_iter().map(|(file, _)| file).collect();
    directories.samples = samples(file_set, &numbers, &chosen);
    directories
}

/// Folders of files that are not used: lowercase, without underscores.
const SAMPLE_FOLDERS: &[&str] = &[
    "example", "examples", "fixture", "fixtures", "mock", "mocks", "sample", "samples", "test",
    "testdata", "tests",
];

/// The files below such a folder, seen from the checked folder, that no package directory contains.
fn samples(
    file_set: &FileSet,
    directories: &HashMap<PathBuf, usize>,
    chosen: &HashSet<PathBuf>,
) -> HashSet<FileId> {
    let is_sample = |path: &Path| {
        let folders = || path.ancestors().skip(1).take_while(|folder| !chosen.contains(*folder));
        let is_named = |folder: &Path| {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let name = name.trim_matches('_').replace(['-', '_'], "").to_ascii_lowercase();
            SAMPLE_FOLDERS.contains(&name.as_str())
        };
        path.ancestors().any(|folder| chosen.contains(folder))
            && !path.ancestors().any(|folder| directories.contains_key(folder))
            && folders().any(is_named)
    };
    let sources = file_set.sources.iter();
    sources.filter(|(_, source)| is_sample(&source.path)).map(|(file, _)| file).collect()
}

/// Whether deployments of a package directory include files of this kind.
fn is_deployable(kind: Kind) -> bool {
    match kind {
        Kind::Project
        | Kind::Manifest
        | Kind::Description
        | Kind::Export
        | Kind::SecretCandidate
        | Kind::Toml => false,
        Kind::ExternalCredential
        | Kind::NamedCredential
        | Kind::ExternalAuthIdentityProvider
        | Kind::ConnectedApp
        | Kind::ExternalClientApplication
        | Kind::ExtlClntAppGlobalOauthSettings
        | Kind::ExtlClntAppOauthSettings
        | Kind::ExtlClntAppOauthConfigurablePolicies
        | Kind::ExtlClntAppConfigurablePolicies
        | Kind::ExtlClntAppOauthSecuritySettings
        | Kind::PermissionSet
        | Kind::PermissionSetGroup
        | Kind::MutingPermissionSet
        | Kind::Profile
        | Kind::Certificate
        | Kind::CertificateBody
        | Kind::AuthProvider
        | Kind::RemoteSiteSetting
        | Kind::CspTrustedSite
        | Kind::ExternalServiceRegistration
        | Kind::ExternalDataSource
        | Kind::ProfileSessionSetting
        | Kind::Settings
        | Kind::PrincipalAccessPart
        | Kind::ObjectSettingsPart
        | Kind::Apex => true,
    }
}

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
    if directories.is_empty() {
        return packages;
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
