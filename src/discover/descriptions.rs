//! Files and folders that `sfcred.yaml` names.

use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::Resolved;
use super::{Discovery, has_extension, is_zip, normalized};
use crate::description;
use crate::error::{Error, Mistake, OUTSIDE, OUTSIDE_HINT};
use crate::source::{Content, FileId, Kind, Source, Text};

impl Discovery<'_> {
    /// Reads the files that the descriptions found so far name. Returns the paths of the descriptions.
    ///
    /// # Errors
    /// A description with mistakes, and a file that cannot be read.
    pub(super) fn descriptions(&mut self) -> Result<Vec<PathBuf>, Error> {
        let mut files: Vec<Source> =
            self.found.iter().filter(|source| source.kind == Kind::Description).cloned().collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        for source in &files {
            self.description(source)?;
        }
        Ok(files.into_iter().map(|source| source.path).collect())
    }

    fn description(&mut self, source: &Source) -> Result<(), Error> {
        if let Content::Unreadable(reason) = &source.content {
            return Err(Error::unreadable(&source.path, reason.clone()));
        }
        let description = description::parse(FileId(0), &source.name, source.text())?;
        let folder = source.path.parent().unwrap_or(Path::new(""));
        let mut mistakes = Vec::new();
        for metadata in description.orgs.iter().flat_map(|org| &org.metadata) {
            let path = normalized(&folder.join(metadata.as_str()));
            match self.file_system.resolve(&path, Origin::File(&source.path)) {
                Ok(root) => self.described_metadata(root)?,
                Err(Unresolved::Outside) => mistakes.push(outside(metadata)),
                Err(Unresolved::NotFound | Unresolved::OtherKind | Unresolved::Io(_)) => {
                    mistakes.push(Mistake::in_text(metadata, "does not exist"));
                }
            }
        }
        for file in description.files() {
            let path = normalized(&folder.join(file.as_str()));
            let kind =
                if has_extension(&path, "json") { Kind::Export } else { Kind::CertificateBody };
            match self.file_system.file(&path, &source.path) {
                Ok(Some(found)) => self.file(&found, kind)?,
                Err(Unresolved::Outside) => mistakes.push(outside(file)),
                Err(Unresolved::OtherKind) => mistakes
                    .push(Mistake::in_text(file, "is a symbolic link to another kind of file")),
                Ok(None) | Err(Unresolved::NotFound | Unresolved::Io(_)) => {
                    mistakes.push(Mistake::in_text(file, "is not a file"));
                }
            }
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            let (name, text) = (source.name.clone(), source.text().to_owned());
            Err(Error::mistakes(&name, &text, mistakes))
        }
    }

    /// The metadata of an org, unless it is under a known root. Zips inside of folders are not opened unasked.
    fn described_metadata(&mut self, found: Resolved) -> Result<(), Error> {
        let path = &found.path;
        if is_zip(path) || !self.roots.iter().any(|root| path.starts_with(root)) {
            self.root(found)?;
        }
        Ok(())
    }
}

fn outside(path: &Text) -> Mistake {
    Mistake { help: Some(OUTSIDE_HINT.to_owned()), ..Mistake::in_text(path, OUTSIDE) }
}
