//! The disk with the unsaved buffers of an editor in place of the saved files.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::{
    Entry, FileSystem, FileType, Found, Ignored, Metadata, OpenFile, Resolved, Tracked, Visitor,
    is_version_control,
};
use super::{Disk, PROJECT_FILE, SETTINGS_FILE};

/// A disk, and the bytes of the files that are not saved yet.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    disk: Disk,
    /// By absolute path.
    unsaved: BTreeMap<PathBuf, Vec<u8>>,
}

impl Overlay {
    pub fn new(disk: Disk, unsaved: BTreeMap<PathBuf, Vec<u8>>) -> Overlay {
        Overlay { disk, unsaved }
    }

    fn open_unsaved(bytes: &[u8]) -> OpenFile<'_> {
        OpenFile { metadata: of_unsaved(bytes), content: Box::new(Cursor::new(bytes)) }
    }
}

fn of_unsaved(bytes: &[u8]) -> Metadata {
    Metadata { file_type: FileType::File, length: bytes.len() as u64 }
}

impl FileSystem for Overlay {
    fn resolve(&self, path: &Path, origin: Origin<'_>) -> Result<Resolved, Unresolved> {
        let resolved = self.disk.resolve(path, origin);
        let Some(bytes) = self.unsaved.get(path) else { return resolved };
        match resolved {
            Ok(found) if found.is_file() => Ok(Resolved { metadata: of_unsaved(bytes), ..found }),
            Err(Unresolved::NotFound) => Ok(Resolved {
                path: path.to_owned(),
                real: path.to_owned(),
                metadata: of_unsaved(bytes),
            }),
            other => other,
        }
    }

    fn open<'a>(&'a self, file: &Resolved) -> io::Result<OpenFile<'a>> {
        let unsaved = self.unsaved.get(&file.path).or_else(|| self.unsaved.get(&file.real));
        unsaved.map_or_else(|| self.disk.open(file), |bytes| Ok(Overlay::open_unsaved(bytes)))
    }

    fn open_entry<'a>(&'a self, entry: &Entry<'_>) -> io::Result<OpenFile<'a>> {
        match self.unsaved.get(entry.path) {
            Some(bytes) => Ok(Overlay::open_unsaved(bytes)),
            None => self.disk.open_entry(entry),
        }
    }

    fn visit<'a>(
        &self,
        folder: &Resolved,
        ignored: Ignored,
        threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) -> bool {
        let are_few = self.disk.visit(folder, ignored, threads, new_visitor);
        let mut visit = new_visitor();
        let below = |path: &&PathBuf| path.starts_with(&folder.path) && **path != folder.path;
        for path in self.unsaved.keys().filter(below) {
            let inside = path.strip_prefix(&folder.path).unwrap_or(path);
            let is_new =
                matches!(self.disk.resolve(path, Origin::File(path)), Err(Unresolved::NotFound));
            let is_left_out = inside.iter().any(is_version_control)
                || ignored == Ignored::LeaveOut && self.disk.is_ignored(&folder.path, path);
            if is_new && !is_left_out {
                let depth = inside.components().count();
                visit(Found::Entry(Entry { path, depth, file_type: FileType::File }));
            }
        }
        are_few
    }

    fn tracked(&self, path: &Path) -> Option<Tracked> {
        self.disk.tracked(path)
    }
}

/// The folder of a file that is opened without a folder: the nearest one with settings, a description or a repository,
/// else the nearest project.
pub fn project_around(disk: &Disk, file: &Path) -> Option<PathBuf> {
    let with = |marks: &[&str]| {
        let is_marked = |folder: &&Path| marks.iter().any(|mark| disk.exists(&folder.join(mark)));
        file.ancestors().skip(1).find(is_marked).map(Path::to_owned)
    };
    with(&[".git", SETTINGS_FILE, "sfcred.yaml", "sfcred.yml"]).or_else(|| with(&[PROJECT_FILE]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_in;
    use crate::options::Options;

    #[test]
    fn unsaved_buffers_replace_saved_files_and_join_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join(".git")).unwrap();
        std::fs::write(root.join(".gitignore"), "ignored/\n").unwrap();
        let saved = root.join("A.externalCredential-meta.xml");
        std::fs::write(&saved, "<ExternalCredential/>").unwrap();
        let unsaved = [
            (saved, "<ExternalCredential>1</ExternalCredential>"),
            (
                root.join("hub/B.externalCredential-meta.xml"),
                "<ExternalCredential>2</ExternalCredential>",
            ),
            (root.join("ignored/C.externalCredential-meta.xml"), "<ExternalCredential/>"),
            (root.join(".git/D.externalCredential-meta.xml"), "<ExternalCredential/>"),
            (root.join("../E.externalCredential-meta.xml"), "<ExternalCredential/>"),
        ];
        let unsaved = unsaved
            .map(|(path, text)| (crate::source::normalized(&path), text.as_bytes().to_vec()));
        let options = Options::new(time::macros::date!(2026 - 11 - 22), root.clone());
        let paths = [PathBuf::from(".")];
        let overlay = Overlay::new(crate::discover::disk(&paths, &options), unsaved.into());
        let files = discover_in(&overlay, &paths, &options).unwrap();
        let read: Vec<(&str, &str)> =
            files.sources.iter().map(|(_, source)| (source.name.as_str(), source.text())).collect();
        assert_eq!(
            read,
            [
                ("A.externalCredential-meta.xml", "<ExternalCredential>1</ExternalCredential>"),
                ("hub/B.externalCredential-meta.xml", "<ExternalCredential>2</ExternalCredential>"),
            ]
        );
    }
}
