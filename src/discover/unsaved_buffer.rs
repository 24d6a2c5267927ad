//! One file whose content comes from standard input or an editor instead of the file system.

use super::{Discovery, MAX_FILE_BYTES, file_name, prefilter, source};
use crate::error::{Error, UsageError};
use crate::source::Kind;

impl Discovery<'_> {
    /// Adds the unsaved file, in place of the saved one.
    pub(super) fn unsaved_buffer(&mut self) -> Result<(), Error> {
        let Some((path, bytes)) = &self.options.unsaved else { return Ok(()) };
        let name = file_name(path);
        let kind = Kind::from_file_name(&name)
            .or_else(|| Kind::may_be_secret(&name).then_some(Kind::SecretCandidate));
        let Some(kind) = kind else {
            return Err(UsageError::UnsupportedStdinPath { path: path.clone() }.into());
        };
        self.seen += usize::from(!self.found.contains(path));
        let is_whole = bytes.len() as u64 <= MAX_FILE_BYTES;
        let bytes = is_whole
            .then_some(bytes.as_slice())
            .ok_or_else(|| format!("standard input has more than {MAX_FILE_BYTES} bytes"));
        self.found.insert(source(
            path.clone(),
            self.name(path),
            kind,
            bytes,
            prefilter::applies_to(kind, self.options),
        ));
        self.context_above(path)
    }
}
