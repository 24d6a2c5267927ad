//! What the descriptions among the files name: more folders and files, on a disk or in memory.

use std::path::{Path, PathBuf};

use super::{Gathering, normalized};
use crate::description;
use crate::error::{Error, Mistake};
use crate::source::{Content, FileId, Kind, Source};

/// Where the paths of a description lead to.
pub(super) trait Shelf {
    fn is_there(&self, path: &Path) -> bool;
    fn is_file(&self, path: &Path) -> bool;

    /// Reads the metadata of an org.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    fn metadata(&mut self, path: PathBuf, gathering: &mut Gathering<'_>) -> Result<(), Error>;

    /// Reads an export or a certificate.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    fn file(&mut self, path: &Path, kind: Kind, gathering: &mut Gathering<'_>)
    -> Result<(), Error>;
}

impl Gathering<'_> {
    /// Reads every description found, and what it names. Each is given with the folder that its paths start from.
    ///
    /// # Errors
    /// A description with mistakes, and what cannot be read.
    pub(super) fn descriptions(
        &mut self,
        shelf: &mut dyn Shelf,
    ) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
        let mut files: Vec<Source> =
            self.found.iter().filter(|source| source.kind == Kind::Description).cloned().collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let mut described = Vec::new();
        for source in files {
            let text = source.text().to_owned();
            let Source { path, name, content, .. } = source;
            if let Content::Unreadable(reason) = content {
                return Err(Error::Unreadable { path, reason });
            }
            let description = description::parse(FileId(0), &name, &text)?;
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let mut mistakes = Vec::new();
            for metadata in description.orgs.iter().flat_map(|org| &org.metadata) {
                let target = normalized(&folder.join(metadata.as_str()));
                if shelf.is_there(&target) {
                    shelf.metadata(target, self)?;
                } else {
                    mistakes.push(Mistake::of(metadata, "does not exist"));
                }
            }
            for file in description.files() {
                let target = normalized(&folder.join(file.as_str()));
                let json = target
                    .extension()
                    .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
                if shelf.is_file(&target) {
                    shelf.file(
                        &target,
                        if json { Kind::Export } else { Kind::CertificateBody },
                        self,
                    )?;
                } else {
                    mistakes.push(Mistake::of(file, "is no file"));
                }
            }
            if !mistakes.is_empty() {
                return Err(Error::Mistakes { name, text, mistakes });
            }
            described.push((path, folder));
        }
        Ok(described)
    }
}
