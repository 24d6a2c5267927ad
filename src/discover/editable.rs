//! Files that `--fix` changes: whether it may change them, and their current content.

use std::fs;
use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::FileSystem;
use super::{Disk, read, refused};
use crate::error::Error;

/// Why a file must not be changed; `None` if it may be. `asked` are the paths of the command line, absolute.
pub fn write_obstacle(disk: &Disk, path: &Path, asked: &[PathBuf]) -> Option<&'static str> {
    if !asked.iter().any(|root| path.starts_with(root)) {
        return Some("it is outside of the given paths");
    }
    if let Err(Unresolved::Outside) = disk.resolve(path, Origin::File(path)) {
        return Some("it is a link to a file outside of the given paths");
    }
    let Ok(metadata) = fs::metadata(path) else {
        let in_archive = path.ancestors().skip(1).any(Path::is_file);
        return Some(if in_archive { "it is in a zip" } else { "it no longer exists" });
    };
    if !metadata.is_file() {
        Some("it is not a regular file")
    } else if metadata.permissions().readonly() {
        Some("it is read-only")
    } else if has_other_names(&metadata) {
        Some("it has hard links, which would keep the old text")
    } else {
        None
    }
}

/// Why a file must not be created; `None` if it may be. `asked` are the paths of the command line, absolute.
pub fn create_obstacle(disk: &Disk, path: &Path, asked: &[PathBuf]) -> Option<&'static str> {
    let Some(root) = asked.iter().find(|root| path.starts_with(root)) else {
        return Some("it would be outside of the given paths");
    };
    if path.symlink_metadata().is_ok() {
        return Some("it already exists");
    }
    let above = path.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok())?;
    // As if a file in the given folder named it: the folders below can be links.
    match disk.resolve(above, Origin::File(&root.join("sfcred.yaml"))) {
        Ok(found) if found.is_folder() => None,
        Err(Unresolved::Outside) => Some("its folder is a link out of the given paths"),
        Ok(_) | Err(_) => Some("its folder cannot be created"),
    }
}

#[cfg(unix)]
fn has_other_names(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink() > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// The path of a file without links, and its current bytes.
///
/// # Errors
/// A file that can no longer be read.
pub fn reload(disk: &Disk, path: &Path) -> Result<(PathBuf, Vec<u8>), Error> {
    let file = disk.resolve(path, Origin::File(path)).map_err(|reason| match reason {
        Unresolved::NotFound => Error::unreadable(path, "it no longer exists"),
        reason => refused(path, reason),
    })?;
    match read(disk, &file).map_err(|error| Error::unreadable(path, error))? {
        Ok(bytes) => Ok((file.real, bytes)),
        Err(reason) => Err(Error::unreadable(path, reason)),
    }
}
