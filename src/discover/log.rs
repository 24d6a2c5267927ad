//! Opens a log; what it says is not looked at here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{normalized, unreadable};
use crate::error::Error;

/// Opens a file for reading from its start, whatever its size.
///
/// # Errors
/// A file that is not there, cannot be opened or is a folder.
pub fn open_log(path: &Path, working_directory: &Path) -> Result<Box<dyn Read + Send>, Error> {
    let full = normalized(&working_directory.join(path));
    let metadata = std::fs::metadata(&full).map_err(|error| {
        if full.exists() { unreadable(path, &error) } else { Error::NoSuchPath(path.to_owned()) }
    })?;
    if metadata.is_dir() {
        return Err(Error::Unreadable {
            path: path.to_owned(),
            reason: "it is a folder, and a log is a file".to_owned(),
        });
    }
    File::open(&full)
        .map(|file| Box::new(file) as Box<dyn Read + Send>)
        .map_err(|error| unreadable(path, &error))
}
