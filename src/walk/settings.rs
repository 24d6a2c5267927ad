//! Finds and reads `sfcred.toml`; what it says is not looked at here.

use std::path::Path;

use super::bytes::read_if_regular;
use super::{normalized, relative, unreadable};
use crate::error::Error;
use crate::source::decode;

/// Finds `sfcred.toml` upward from a folder: its name as shown, and its text.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn settings_file(working_directory: &Path) -> Result<Option<(String, String)>, Error> {
    match working_directory.ancestors().map(|folder| folder.join("sfcred.toml")).find(|path| path.is_file()) {
        Some(path) => read_settings(&path, working_directory).map(Some),
        None => Ok(None),
    }
}

/// Reads a settings file by its path: its name as shown, and its text.
///
/// # Errors
/// A file that is not there or cannot be read.
pub fn read_settings(path: &Path, working_directory: &Path) -> Result<(String, String), Error> {
    let path = normalized(&working_directory.join(path));
    if !path.exists() {
        return Err(Error::NoSuchPath(path));
    }
    let name = relative(&path, working_directory);
    match read_if_regular(&path).map_err(|error| unreadable(&path, &error))? {
        Ok(bytes) => match decode(bytes) {
            Ok((text, _)) => Ok((name, text)),
            Err(reason) => Err(Error::Unreadable { path, reason: reason.0 }),
        },
        Err(reason) => Err(Error::Unreadable { path, reason }),
    }
}
