//! A project that is in memory: what an editor holds and has not saved, or what somebody made up. No disk is touched.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::{Gathering, MAX_FILE_BYTES, Walked, archive, loose, normalized, source, too_large};
use crate::description;
use crate::error::{Error, Mistake};
use crate::settings::Settings;
use crate::source::{Content, FileId, Kind, Source};

/// As [`super::walk`], over files by their paths relative to the working directory. Zips are opened; symbolic links,
/// `.gitignore` and folders that are not there do not occur.
///
/// # Errors
/// A zip that cannot be read, a description with mistakes, and nothing to lint.
pub fn from_memory(files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>, settings: &Settings) -> Result<Walked, Error> {
    let mut gathering = Gathering::new(settings);
    let files: BTreeMap<PathBuf, Vec<u8>> = files.into_iter().map(|(path, bytes)| (normalized(&settings.working_directory.join(path)), bytes)).collect();
    for (path, bytes) in &files {
        gathering.seen += 1;
        gathering.keep(path, bytes)?;
    }
    let described = gathering.described_in(&files)?;
    gathering.settings_with_allows();
    if !gathering.found.iter().any(|source| source.kind.is_metadata()) {
        return Err(Error::NothingToLint { paths: vec![PathBuf::from(".")], seen: gathering.seen, skipped: gathering.skipped.len() });
    }
    let root = normalized(&settings.working_directory);
    Ok(gathering.finish(described, vec![root]))
}

impl Gathering<'_> {
    fn keep(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name == ".forceignore" {
            self.ignores.add_text(path, &String::from_utf8_lossy(bytes));
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
            let entries = archive::unpacked(Cursor::new(bytes)).map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
            self.entries(path, entries);
        } else if let Some(kind) = Kind::of(&name) {
            self.add(path, kind, bytes);
        } else if Kind::may_be_loose(&name) && loose::may_hold_secret(bytes) {
            self.add(path, Kind::Loose, bytes);
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, kind: Kind, bytes: &[u8]) {
        let length = bytes.len() as u64;
        let bytes = if length > MAX_FILE_BYTES { Err(too_large(length)) } else { Ok(bytes) };
        let source = source(path.to_owned(), self.name(path), kind, bytes, self.settings.may_skip(kind));
        self.found.insert(source);
    }

    /// The descriptions among the files, and what they name.
    fn described_in(&mut self, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
        let mut named: HashMap<PathBuf, Kind> = HashMap::new();
        let mut described = Vec::new();
        let mut sources: Vec<&Source> = self.found.iter().filter(|source| source.kind == Kind::Description).collect();
        sources.sort_by_key(|source| &source.path);
        for source in sources {
            let path = &source.path;
            if let Content::Unreadable(reason) = &source.content {
                return Err(Error::Unreadable { path: path.clone(), reason: reason.clone() });
            }
            let description = description::parse(FileId(0), &source.name, source.text())?;
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let mut mistakes = Vec::new();
            for metadata in description.orgs.iter().flat_map(|org| &org.metadata) {
                let target = normalized(&folder.join(metadata.as_str()));
                if !files.keys().any(|path| path.starts_with(&target)) {
                    mistakes.push(Mistake::of(metadata, "does not exist"));
                }
            }
            for file in description.files() {
                let target = normalized(&folder.join(file.as_str()));
                if !files.contains_key(&target) {
                    mistakes.push(Mistake::of(file, "is no file"));
                    continue;
                }
                let json = target.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
                named.insert(target, if json { Kind::Export } else { Kind::CertificateBody });
            }
            if !mistakes.is_empty() {
                return Err(Error::Mistakes { name: source.name.clone(), text: source.text().to_owned(), mistakes });
            }
            described.push((path.clone(), folder));
        }
        for (path, kind) in named {
            if let Some(bytes) = files.get(&path).filter(|_| !self.found.contains(&path)) {
                self.add(&path, kind, bytes);
            }
        }
        Ok(described)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_memory_is_found_as_on_a_disk() {
        let settings = Settings::new(time::macros::date!(2026 - 11 - 22), PathBuf::from("/project"));
        let files = [
            ("hub/X.externalCredential-meta.xml", "<ExternalCredential/>"),
            ("sfcred.yaml", "orgs: { hub: { metadata: hub, assignments: a.json } }"),
            ("a.json", "{}"),
            ("notes.txt", "nothing"),
        ];
        let files = |count: usize| files.into_iter().take(count).map(|(path, text)| (PathBuf::from(path), text.into()));
        let walked = from_memory(files(4), &settings).unwrap();
        let names: Vec<&str> = walked.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(names, ["a.json", "hub/X.externalCredential-meta.xml", "sfcred.yaml"]);
        assert_eq!(walked.descriptions.len(), 1);
        assert!(matches!(from_memory(files(2), &settings), Err(Error::Mistakes { .. })));
        assert!(matches!(from_memory([], &settings), Err(Error::NothingToLint { .. })));
    }
}
