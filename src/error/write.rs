//! Errors while results are written.

use std::io;
use std::path::PathBuf;

use super::{listed, shown};

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write `{}`: {source}", shown(path))]
    Unwritable { path: PathBuf, source: io::Error },
    /// A file to fix is no longer as it was read.
    #[error("`{}` changed on disk after it was read; nothing was written", shown(.0))]
    ChangedOnDisk(PathBuf),
    /// All files that `sfcred init` creates.
    #[error("nothing to write: {} already exist", listed(.0))]
    AlreadyExist(Vec<String>),
    /// Files that `sfcred new` would have to overwrite.
    #[error("nothing was written: {} already exist{}", listed(.0), if .0.len() == 1 { "s" } else { "" })]
    Occupied(Vec<String>),
}

impl WriteError {
    pub(super) fn hint(&self) -> String {
        match self {
            WriteError::Unwritable { path, .. } => match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => format!(
                    "sfcred does not create folders; `{}` must exist and be writable",
                    shown(folder)
                ),
                _ => "check the permissions of the file and its folder".to_owned(),
            },
            WriteError::ChangedOnDisk(_) => "run it again".to_owned(),
            WriteError::AlreadyExist(_) => {
                "existing files are never changed; `sfcred init --dry-run` prints what would be written"
                    .to_owned()
            }
            WriteError::Occupied(_) => {
                "existing files are never overwritten: choose another `--name` or `--into`, or run `sfcred new --resume` to go on with a setup"
                    .to_owned()
            }
        }
    }
}
