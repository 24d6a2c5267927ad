//! Errors while files are found and read.

use std::io;
use std::path::PathBuf;

use super::shown;

/// What is wrong with a path that leads out of the repository.
pub const OUTSIDE: &str = "leads outside of the given paths and their repository";
pub const OUTSIDE_HINT: &str = "a repository must not make sfcred read or write other files; if you trust this path, allow its folder with `--allow-outside DIR`";

/// Why files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    #[error("`{}` does not exist", shown(.0))]
    NoSuchPath(PathBuf),
    #[error("`{}` {OUTSIDE}", shown(.0))]
    Outside(PathBuf),
    #[error("cannot read `{}`: {source}", shown(path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the baseline `{}` does not exist", shown(.0))]
    NoBaseline(PathBuf),
    /// No file under the paths is of interest.
    #[error(
        "nothing to lint in {}: none of {seen} files is credential metadata, a certificate or a description{}",
        paths.iter().map(|path| format!("`{}`", shown(path))).collect::<Vec<_>>().join(", "),
        if *skipped > 0 { format!(" ({skipped} skipped)") } else { String::new() }
    )]
    NothingToLint { paths: Vec<PathBuf>, seen: usize, skipped: usize },
}

impl DiscoveryError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            DiscoveryError::NoSuchPath(_) => {
                "check the spelling; paths are relative to the working directory".to_owned()
            }
            DiscoveryError::Outside(_) => OUTSIDE_HINT.to_owned(),
            DiscoveryError::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::Other => return None,
                _ => "check the permissions of the file and its folders".to_owned(),
            },
            DiscoveryError::NoBaseline(path) => {
                format!("run `sfcred lint --write-baseline {}` to create it", shown(path))
            }
            DiscoveryError::NothingToLint { seen: 0, .. } => {
                "to read orgs instead of files, run `sfcred pull NAME=ALIAS`, or add `--target-org ALIAS` to `lint`, `trace` or `diagnose`. \
                 With a project, give the folder with its metadata"
                    .to_owned()
            }
            DiscoveryError::NothingToLint { .. } => {
                "sfcred reads `*.externalCredential-meta.xml`, `*.namedCredential-meta.xml`, `*.connectedApp-meta.xml`, `*.eca-meta.xml`, \
                 `*.permissionset-meta.xml`, `*.crt` and similar files (with or without `-meta.xml`, in folders or zips), and \
                 `sfcred.yaml`; it skips files in `.gitignore` that git does not track. Without a repository, `sfcred pull` reads an org"
                    .to_owned()
            }
        })
    }
}
