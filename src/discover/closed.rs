//! Which files must stay as they are, and what stands in a file now.

use std::fs;
use std::path::{Path, PathBuf};

use super::{read, unreadable};
use crate::error::Error;

/// Why a file must not be changed; `None` where nothing speaks against it. `asked` are the paths of the command line, absolute.
pub fn closed(path: &Path, asked: &[PathBuf]) -> Option<&'static str> {
    if !asked.iter().any(|root| path.starts_with(root)) {
        return Some("it lies outside of the paths that were given");
    }
    let Ok(metadata) = fs::metadata(path) else {
        let in_archive = path.ancestors().skip(1).any(Path::is_file);
        return Some(if in_archive { "it lies in a zip" } else { "it is gone" });
    };
    if !metadata.is_file() {
        Some("it is no regular file")
    } else if metadata.permissions().readonly() {
        Some("it is read-only")
    } else if has_other_names(&metadata) {
        Some("it is hard-linked, and its other names would keep the old text")
    } else {
        None
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

/// The one path of a file that may have several, and its bytes as they are now.
///
/// # Errors
/// A file that cannot be read any more.
pub fn read_again(path: &Path) -> Result<(PathBuf, Vec<u8>), Error> {
    let target = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    match read(&target).map_err(|error| unreadable(path, &error))? {
        Ok(bytes) => Ok((target, bytes)),
        Err(reason) => Err(Error::Unreadable { path: path.to_owned(), reason }),
    }
}
