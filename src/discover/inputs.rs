//! Reads files other than metadata: settings, variables of an environment, replacement files and logs.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::{FileSystem, FileType, Resolved};
use super::{has_extension, normalized, read, refused, relative};
use crate::error::{ConfigError, Error, OUTSIDE};
use crate::settings::{Values, read_values};
use crate::source::decode;

pub const SETTINGS_FILE: &str = "sfcred.toml";

/// Finds `sfcred.toml` in a folder or above it. Returns its display name and its text.
///
/// # Errors
/// A settings file that cannot be read, or that is a link to a file outside.
pub fn settings_file(
    file_system: &dyn FileSystem,
    working_directory: &Path,
) -> Result<Option<(String, String)>, Error> {
    for folder in working_directory.ancestors() {
        let path = folder.join(SETTINGS_FILE);
        match file_system.file(&path, &path) {
            Ok(Some(file)) => return settings(file_system, &file, working_directory).map(Some),
            Ok(None) => {}
            Err(reason) => return Err(refused(&path, reason)),
        }
    }
    Ok(None)
}

/// Reads the settings file of the command line. Returns its display name and its text.
///
/// # Errors
/// A file that does not exist or cannot be read.
pub fn read_settings(
    file_system: &dyn FileSystem,
    path: &Path,
    working_directory: &Path,
) -> Result<(String, String), Error> {
    let path = normalized(&working_directory.join(path));
    let file =
        file_system.resolve(&path, Origin::CommandLine).map_err(|reason| refused(&path, reason))?;
    settings(file_system, &file, working_directory)
}

fn settings(
    file_system: &dyn FileSystem,
    file: &Resolved,
    working_directory: &Path,
) -> Result<(String, String), Error> {
    let name = relative(&file.path, working_directory);
    // A mistake in the file is shown with its line, so it must be a settings file.
    if !has_extension(&file.real, "toml") {
        return Err(Error::unreadable(&name, "a settings file has the extension `.toml`"));
    }
    let bytes = read(file_system, file).map_err(|error| Error::unreadable(&name, error))?;
    match bytes.and_then(|bytes| decode(bytes).map_err(|reason| reason.0)) {
        Ok((text, _)) => Ok((name, text)),
        Err(reason) => Err(Error::unreadable(&name, reason)),
    }
}

/// Reads a file of the command line, or one that is looked for in a folder of it.
///
/// # Errors
/// A file that does not exist, cannot be read or is too large.
pub fn read_bytes(file_system: &dyn FileSystem, path: &Path) -> Result<Vec<u8>, Error> {
    let file =
        file_system.resolve(path, Origin::CommandLine).map_err(|reason| refused(path, reason))?;
    match read(file_system, &file) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(reason)) => Err(Error::unreadable(path, reason)),
        Err(error) => Err(Error::unreadable(path, error)),
    }
}

/// Reads a file of `NAME=value` lines.
///
/// # Errors
/// A file that does not exist, cannot be read, is outside or has a mistake.
pub fn read_variables(
    file_system: &dyn FileSystem,
    path: &Path,
    origin: Origin<'_>,
) -> Result<Values, Error> {
    let file = file_system.resolve(path, origin).map_err(|reason| refused(path, reason))?;
    if matches!(origin, Origin::File(_)) && is_in_git_folder(&file.real) {
        return Err(Error::unreadable(path, IN_GIT_FOLDER));
    }
    let text = read_text(file_system, &file).map_err(|reason| Error::unreadable(path, reason))?;
    read_values(&text).map_err(|(line, reason)| {
        ConfigError::Values { path: path.to_owned(), line, reason }.into()
    })
}

/// The text of each file, or the reason why it cannot be read. `paths` are the files and the file that names each.
/// Paths that do not exist are omitted.
pub fn read_texts(
    file_system: &dyn FileSystem,
    paths: impl IntoIterator<Item = (PathBuf, PathBuf)>,
) -> BTreeMap<PathBuf, Result<String, String>> {
    paths
        .into_iter()
        .filter_map(|(path, named_by)| {
            let text = match file_system.file(&path, &named_by) {
                Ok(Some(file)) if is_in_git_folder(&file.real) => Err(IN_GIT_FOLDER.to_owned()),
                Ok(file) => read_text(file_system, &file?),
                Err(Unresolved::OtherKind) => {
                    Err("is a symbolic link to another kind of file".to_owned())
                }
                Err(_) => Err(OUTSIDE.to_owned()),
            };
            Some((path, text))
        })
        .collect()
}

/// The reason for refusing what belongs to git. Pipelines keep tokens there.
const IN_GIT_FOLDER: &str = "is in a `.git` folder";

fn is_in_git_folder(real: &Path) -> bool {
    real.iter().any(|name| name.eq_ignore_ascii_case(".git"))
}

fn read_text(file_system: &dyn FileSystem, file: &Resolved) -> Result<String, String> {
    let bytes = read(file_system, file).map_err(|error| format!("cannot be read: {error}"))??;
    decode(bytes).map(|(text, _)| text).map_err(|reason| reason.0)
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
    let file =
        file_system.resolve(&full, Origin::CommandLine).map_err(|reason| refused(path, reason))?;
    if file.is_folder() {
        return Err(Error::unreadable(path, "it is a folder; a log is a file"));
    }
    if file.metadata.file_type == FileType::Device {
        return Err(Error::unreadable(path, "it is a device; use `-` for standard input"));
    }
    match file_system.open(&file) {
        Ok(file) => Ok(Box::new(file.content)),
        Err(error) => Err(Error::unreadable(path, error)),
    }
}
