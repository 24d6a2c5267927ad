//! A project that is in memory: what an editor holds and has not saved, or what somebody made up. No disk is touched.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::descriptions::Shelf;
use super::{FileSet, Gathering, MAX_FILE_BYTES, archive, loose, normalized, source, too_large};
use crate::error::Error;
use crate::settings::Settings;
use crate::source::Kind;

/// As [`super::discover`], over files by their paths relative to the working directory. Zips are opened; symbolic links,
/// `.gitignore` and folders that are not there do not occur.
///
/// # Errors
/// A zip that cannot be read, a description with mistakes, and nothing to lint.
pub fn from_memory(
    files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    settings: &Settings,
) -> Result<FileSet, Error> {
    let mut gathering = Gathering::new(settings);
    let files: BTreeMap<PathBuf, Vec<u8>> = files
        .into_iter()
        .map(|(path, bytes)| (normalized(&settings.working_directory.join(path)), bytes))
        .collect();
    for (path, bytes) in &files {
        gathering.seen += 1;
        gathering.keep(path, bytes)?;
    }
    let described = gathering.descriptions(&mut InMemory { files: &files })?;
    gathering.settings_with_allows();
    if !gathering.found.iter().any(|source| source.kind.is_metadata()) {
        return Err(Error::NothingToLint {
            paths: vec![PathBuf::from(".")],
            seen: gathering.seen,
            skipped: gathering.skipped.len(),
        });
    }
    let root = normalized(&settings.working_directory);
    Ok(gathering.finish(described, vec![root]))
}

impl Gathering<'_> {
    fn keep(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name == ".forceignore" {
            self.ignores.add_text(path, &String::from_utf8_lossy(bytes));
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
            let entries = archive::unpacked(Cursor::new(bytes))
                .map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
            self.entries(path, entries);
        } else if let Some(kind) = Kind::of(&name) {
            self.add(path, kind, bytes);
        } else if Kind::may_be_loose(&name) && loose::may_hold_secret(bytes) {
            self.add(path, Kind::SecretCandidate, bytes);
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, kind: Kind, bytes: &[u8]) {
        let length = bytes.len() as u64;
        let bytes = if length > MAX_FILE_BYTES { Err(too_large(length)) } else { Ok(bytes) };
        let source =
            source(path.to_owned(), self.name(path), kind, bytes, self.settings.may_skip(kind));
        self.found.insert(source);
    }
}

/// The files that were given are all there is.
struct InMemory<'f> {
    files: &'f BTreeMap<PathBuf, Vec<u8>>,
}

impl Shelf for InMemory<'_> {
    fn is_there(&self, path: &Path) -> bool {
        self.files.keys().any(|file| file.starts_with(path))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Every file has been looked at.
    fn metadata(&mut self, _: PathBuf, _: &mut Gathering<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn file(
        &mut self,
        path: &Path,
        kind: Kind,
        gathering: &mut Gathering<'_>,
    ) -> Result<(), Error> {
        if let Some(bytes) = self.files.get(path).filter(|_| !gathering.found.contains(path)) {
            gathering.add(path, kind, bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_memory_is_found_as_on_a_disk() {
        let settings =
            Settings::new(time::macros::date!(2026 - 11 - 22), PathBuf::from("/project"));
        let files = [
            ("hub/X.externalCredential-meta.xml", "<ExternalCredential/>"),
            ("sfcred.yaml", "orgs: { hub: { metadata: hub, assignments: a.json } }"),
            ("a.json", "{}"),
            ("notes.txt", "nothing"),
        ];
        let files = |count: usize| {
            files.into_iter().take(count).map(|(path, text)| (PathBuf::from(path), text.into()))
        };
        let file_set = from_memory(files(4), &settings).unwrap();
        let names: Vec<&str> =
            file_set.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(names, ["a.json", "hub/X.externalCredential-meta.xml", "sfcred.yaml"]);
        assert_eq!(file_set.descriptions.len(), 1);
        assert!(matches!(from_memory(files(2), &settings), Err(Error::Mistakes { .. })));
        assert!(matches!(from_memory([], &settings), Err(Error::NothingToLint { .. })));
    }
}
