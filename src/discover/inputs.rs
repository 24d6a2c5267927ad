//! Reads files other than metadata: settings, variables of an environment, replacement files and logs.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::file_system::{FileSystem, FileType};
use super::{normalized, read, relative};
use crate::error::{ConfigError, Error};
use crate::settings::{Values, read_values};
use crate::source::decode;

/// Finds `sfcred.toml` in a folder or above it. Returns its display name and its text.
///
/// # Errors
/// A settings file that cannot be read.
pub fn settings_file(
    file_system: &dyn FileSystem,
    working_directory: &Path,
) -> Result<Option<(String, String)>, Error> {
    working_directory
        .ancestors()
        .map(|folder| folder.join("sfcred.toml"))
        .find(|path| file_system.is_file(path))
        .map(|path| read_settings(file_system, &path, working_directory))
        .transpose()
}

/// Reads a settings file. Returns its display name and its text.
///
/// # Errors
/// A file that does not exist or cannot be read.
pub fn read_settings(
    file_system: &dyn FileSystem,
    path: &Path,
    working_directory: &Path,
) -> Result<(String, String), Error> {
    let path = normalized(&working_directory.join(path));
    if !file_system.exists(&path) {
        return Err(Error::no_such_path(path));
    }
    let bytes = read(file_system, &path).map_err(|error| Error::unreadable(&path, error))?;
    match bytes.and_then(|bytes| decode(bytes).map_err(|reason| reason.0)) {
        Ok((text, _)) => Ok((relative(&path, working_directory), text)),
        Err(reason) => Err(Error::unreadable(path, reason)),
    }
}

/// Reads a file of `NAME=value` lines; `None` if it does not exist.
///
/// # Errors
/// A file that cannot be read or has a mistake.
pub fn read_variables(file_system: &dyn FileSystem, path: &Path) -> Result<Option<Values>, Error> {
    let Some(text) = read_text(file_system, path) else { return Ok(None) };
    let text = text.map_err(|reason| Error::unreadable(path, reason))?;
    read_values(&text).map(Some).map_err(|(line, reason)| {
        ConfigError::Values { path: path.to_owned(), line, reason }.into()
    })
}

/// The text of each file, or the reason why it cannot be read. Paths that do not exist are omitted.
pub fn read_texts(
    file_system: &dyn FileSystem,
    paths: impl IntoIterator<Item = PathBuf>,
) -> BTreeMap<PathBuf, Result<String, String>> {
    paths
        .into_iter()
        .filter_map(|path| Some((read_text(file_system, &path)?, path)))
        .map(|(text, path)| (path, text))
        .collect()
}

fn read_text(file_system: &dyn FileSystem, path: &Path) -> Option<Result<String, String>> {
    file_system.is_file(path).then(|| {
        let bytes =
            read(file_system, path).map_err(|error| format!("cannot be read: {error}"))??;
        decode(bytes).map(|(text, _)| text).map_err(|reason| reason.0)
    })
}

/// Opens a log of any size.
///
/// # Errors
/// A path that does not exist, cannot be opened or is a folder.
pub fn open_log<'a>(
    file_system: &'a dyn FileSystem,
    path: &Path,
    working_directory: &Path,
) -> Result<Box<dyn Read + Send + 'a>, Error> {
    let full = normalized(&working_directory.join(path));
    let metadata = file_system.metadata(&full).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Error::no_such_path(path)
        } else {
            Error::unreadable(path, error)
        }
    })?;
    if metadata.file_type == FileType::Folder {
        return Err(Error::unreadable(path, "it is a folder; a log is a file"));
    }
    match file_system.open(&full) {
        Ok(file) => Ok(Box::new(file.content)),
        Err(error) => Err(Error::unreadable(path, error)),
    }
}
