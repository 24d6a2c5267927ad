//! A file whose content is given, and not read: what an editor has not saved yet.

use super::{Gathering, source};
use crate::error::{Error, Narrowing};
use crate::source::Kind;

impl Gathering<'_> {
    /// A file whose content was given takes the place of the one on disk.
    pub(super) fn overlay(&mut self) -> Result<(), Error> {
        let Some((path, bytes)) = &self.settings.overlay else { return Ok(()) };
        let file_name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kind = Kind::of(&file_name)
            .or_else(|| Kind::may_be_loose(&file_name).then_some(Kind::SecretCandidate));
        let Some(kind) = kind else {
            return Err(Narrowing::NotLinted { path: path.clone() }.into());
        };
        self.seen += usize::from(!self.found.contains(path));
        self.found.insert(source(
            path.clone(),
            self.name(path),
            kind,
            Ok(bytes),
            self.settings.short_cuts,
        ));
        self.context_above(path)
    }
}
