//! Finds and reads a baseline, and tells it what it must know of a run.

use std::path::{Path, PathBuf};

use super::{normalized, read, relative, unreadable};
use crate::baseline::{Baseline, Run};
use crate::error::Error;
use crate::finding::Severity;
use crate::settings::Settings;
use crate::source::{Sources, decode};

/// Reads a baseline by its path; `None` where there is none yet.
///
/// # Errors
/// A file that cannot be read, or that is no baseline.
pub fn read_baseline(path: &Path, working_directory: &Path) -> Result<Option<Baseline>, Error> {
    let path = normalized(&working_directory.join(path));
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read(&path).map_err(|error| unreadable(&path, &error))?;
    let text = bytes.and_then(|bytes| decode(bytes).map_err(|reason| reason.0));
    let (text, _) = text.map_err(|reason| Error::Unreadable { path: path.clone(), reason })?;
    Baseline::read(
        &relative(&path, working_directory),
        path.parent().unwrap_or(working_directory),
        &text,
    )
    .map(Some)
}

/// Gives a question about a baseline what it must know of a run.
pub fn seen_by<T>(
    baseline: &Baseline,
    roots: &[PathBuf],
    settings: &Settings,
    sources: &Sources,
    ask: impl FnOnce(&Run<'_>) -> T,
) -> T {
    ask(&Run {
        sources,
        name: &|path| relative(path, &baseline.folder),
        is_there: &Path::exists,
        analysis: &|path, rule| {
            let path = normalized(path);
            settings.severity(rule, Severity::Error).is_some()
                && roots.iter().any(|root| path.starts_with(root))
        },
        never: &|rule| settings.is_never_allowed(rule),
    })
}
