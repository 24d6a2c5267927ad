//! Reads a baseline, and collects the facts about a run that it depends on.

use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::FileSystem;
use super::{normalized, read, refused, relative};
use crate::baseline::{Baseline, Scope};
use crate::error::Error;
use crate::finding::Severity;
use crate::options::Options;
use crate::source::{Sources, decode};

/// Reads a baseline; `None` if the file does not exist.
///
/// # Errors
/// A file that cannot be read, that is outside, or that is not a baseline.
pub fn read_baseline(
    file_system: &dyn FileSystem,
    path: &Path,
    origin: Origin<'_>,
    working_directory: &Path,
) -> Result<Option<Baseline>, Error> {
    let path = normalized(&working_directory.join(path));
    let file = match file_system.resolve(&path, origin) {
        Err(Unresolved::NotFound) => return Ok(None),
        file => file.map_err(|reason| refused(&path, reason))?,
    };
    let bytes = read(file_system, &file).map_err(|error| Error::unreadable(&path, error))?;
    let text = bytes.and_then(|bytes| decode(bytes).map_err(|reason| reason.0));
    let (text, _) = text.map_err(|reason| Error::unreadable(&path, reason))?;
    Baseline::read(
        &relative(&path, working_directory),
        path.parent().unwrap_or(working_directory),
        &text,
    )
    .map(Some)
}

/// What a run covers, for [`Baseline::divide`].
pub fn baseline_scope<'a>(
    file_system: &'a dyn FileSystem,
    roots: &'a [PathBuf],
    options: &'a Options,
    sources: &'a Sources,
) -> Scope<'a> {
    Scope {
        sources,
        roots,
        exists: Box::new(|path| file_system.resolve(path, Origin::CommandLine).is_ok()),
        runs: Box::new(|rule| options.severity(rule, Severity::Error).is_some()),
        never_allowed: Box::new(|rule| options.settings.is_never_allowed(rule)),
    }
}
