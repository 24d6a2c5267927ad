//! Finds and reads `sfcred.toml`, values of environments, and what replaces a placeholder; what they say is not looked at here.

use std::path::Path;

use super::{normalized, read, relative, unreadable};
use crate::error::{Error, Narrowing};
use crate::settings::{Values, read_values};
use crate::source::decode;

/// Finds `sfcred.toml` upward from a folder: its name as shown, and its text.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn settings_file(working_directory: &Path) -> Result<Option<(String, String)>, Error> {
    match working_directory
        .ancestors()
        .map(|folder| folder.join("sfcred.toml"))
        .find(|path| path.is_file())
    {
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
    match read(&path).map_err(|error| unreadable(&path, &error))? {
        Ok(bytes) => match decode(bytes) {
            Ok((text, _)) => Ok((name, text)),
            Err(reason) => Err(Error::Unreadable { path, reason: reason.0 }),
        },
        Err(reason) => Err(Error::Unreadable { path, reason }),
    }
}

/// A file of values; `None` where there is none.
///
/// # Errors
/// A file that is there and cannot be read or understood.
pub fn values(path: &Path) -> Result<Option<Values>, Error> {
    if !path.is_file() {
        return Ok(None);
    }
    let text =
        text_of(path).map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
    read_values(&text)
        .map(Some)
        .map_err(|(line, reason)| Narrowing::Values { path: path.to_owned(), line, reason }.into())
}

/// The text of a file that must be there.
///
/// # Errors
/// What is wrong with it, behind its name.
pub fn text_of(path: &Path) -> Result<String, String> {
    if !path.is_file() {
        return Err("does not exist".to_owned());
    }
    let bytes = read(path).map_err(|error| format!("cannot be read: {error}"))??;
    decode(bytes).map(|(text, _)| text).map_err(|reason| reason.0)
}
