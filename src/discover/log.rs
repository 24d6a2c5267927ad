//! Opens a log; what it says is not looked at here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::normalized;
use crate::error::Error;

/// Opens a file for reading from its start, whatever its size.
///
/// # Errors
/// A file that is not there, cannot be opened or is a folder.
pub fn open_log(path: &Path, working_directory: &Path) -> Result<Box<dyn Read + Send>, Error> {
    let full = normalized(&working_directory.join(path));
    let metadata = std::fs::metadata(&full).map_err(|error| {
        if full.exists() { Error::unreadable(path, error) } else { Error::no_such_path(path) }
    })?;
    if metadata.is_dir() {
        return Err(Error::unreadable(path, "it is a folder, not a log file"));
    }
    File::open(&full)
        .map(|file| Box::new(file) as Box<dyn Read + Send>)
        .map_err(|error| Error::unreadable(path, error))
}
