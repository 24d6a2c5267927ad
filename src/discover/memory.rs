//! Files in memory: unsaved files of an editor, uploads in a browser, and tests.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::file_system::{
    Entry, FileSystem, FileType, Found, Ignored, Metadata, OpenFile, Resolved, Tracked, Visitor,
    is_version_control,
};
use super::git_ignores::{GitIgnores, IgnoreFiles};
use crate::source::normalized;

/// Regular files by their paths; a folder exists if a file is in it.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    root: PathBuf,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// Files by their paths, absolute or relative to a root folder. The root exists even if it is empty.
    pub fn new(root: &Path, files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>) -> Memory {
        let root = normalized(root);
        let files =
            files.into_iter().map(|(path, bytes)| (normalized(&root.join(path)), bytes)).collect();
        Memory { root, files }
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    fn below<'m>(&'m self, folder: &'m Path) -> impl Iterator<Item = (&'m Path, &'m [u8])> {
        self.files
            .range(folder.to_owned()..)
            .map(|(path, bytes)| (path.as_path(), bytes.as_slice()))
            .take_while(move |(path, _)| path.starts_with(folder))
    }

    fn open_path<'a>(&'a self, path: &Path) -> io::Result<OpenFile<'a>> {
        let bytes = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        let metadata = Metadata { file_type: FileType::File, length: bytes.len() as u64 };
        Ok(OpenFile { metadata, content: Box::new(Cursor::new(bytes)) })
    }

    fn is_folder_of_files(&self, path: &Path) -> bool {
        path == self.root || self.below(path).next().is_some()
    }
}

impl FileSystem for Memory {
    fn resolve(&self, path: &Path, _origin: Origin<'_>) -> Result<Resolved, Unresolved> {
        let (file_type, length) = match self.files.get(path) {
            Some(bytes) => (FileType::File, bytes.len() as u64),
            None if self.is_folder_of_files(path) => (FileType::Folder, 0),
            None => return Err(Unresolved::NotFound),
        };
        let metadata = Metadata { file_type, length };
        Ok(Resolved { path: path.to_owned(), real: path.to_owned(), metadata })
    }

    fn open<'a>(&'a self, file: &Resolved) -> io::Result<OpenFile<'a>> {
        self.open_path(&file.path)
    }

    fn open_entry<'a>(&'a self, entry: &Entry<'_>) -> io::Result<OpenFile<'a>> {
        self.open_path(entry.path)
    }

    fn visit<'a>(
        &self,
        folder: &Resolved,
        ignored: Ignored,
        _threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) -> bool {
        let folder = folder.path.as_path();
        let ignores = GitIgnores::new(self, folder);
        let mut visit = new_visitor();
        let mut left_out: BTreeMap<&Path, bool> = BTreeMap::new();
        for (path, _) in self.below(folder) {
            let depth = path.components().count() - folder.components().count();
            // From the topmost folder down, as a walk meets them.
            let mut names: Vec<&Path> = path.ancestors().take(depth).collect();
            names.reverse();
            if names.iter().any(|path| path.file_name().is_some_and(is_version_control)) {
                continue;
            }
            let is_left_out = |above: &&Path| ignores.is_ignored(above, *above != path);
            match names.into_iter().find(is_left_out).filter(|_| ignored == Ignored::LeaveOut) {
                Some(above) => {
                    left_out.insert(above, above != path);
                }
                None => visit(Found::Entry(Entry { path, depth, file_type: FileType::File })),
            }
        }
        for (path, is_folder) in left_out {
            visit(Found::LeftOut { path, is_folder });
        }
        !ignores.are_too_many()
    }

    fn tracked(&self, _path: &Path) -> Option<Tracked> {
        None
    }
}

impl IgnoreFiles for &Memory {
    fn patterns(&self, folder: &Path) -> Option<Vec<u8>> {
        self.files.get(&folder.join(".gitignore")).cloned()
    }

    fn excludes(&self, folder: &Path) -> Option<Vec<u8>> {
        self.files.get(&folder.join(".git/info/exclude")).cloned()
    }

    fn is_repository(&self, folder: &Path) -> bool {
        self.is_folder_of_files(&folder.join(".git"))
    }
}
