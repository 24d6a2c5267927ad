//! Files in memory: unsaved files of an editor, uploads in a browser, and tests.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::boundary::{Origin, Unresolved};
use super::file_system::{
    Entry, FileSystem, FileType, Metadata, OpenFile, Resolved, Visitor, is_version_control,
};
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

    /// The patterns of every `.gitignore`, by its folder.
    fn git_ignores(&self) -> BTreeMap<&Path, Gitignore> {
        let files = self
            .files
            .iter()
            .filter(|(path, _)| path.file_name() == Some(OsStr::new(".gitignore")));
        files
            .filter_map(|(path, bytes)| {
                let folder = path.parent()?;
                let mut builder = GitignoreBuilder::new(folder);
                for line in String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').lines() {
                    // An invalid line ignores nothing.
                    let _ = builder.add_line(None, line);
                }
                Some((folder, builder.build().ok()?))
            })
            .collect()
    }

    /// Whether the nearest pattern that matches a path ignores it. Patterns above a repository do not count.
    fn is_ignored(
        &self,
        ignores: &BTreeMap<&Path, Gitignore>,
        path: &Path,
        is_folder: bool,
    ) -> bool {
        for folder in path.ancestors().skip(1) {
            if let Some(patterns) = ignores.get(folder) {
                let matched = patterns.matched(path, is_folder);
                if !matched.is_none() {
                    return matched.is_ignore();
                }
            }
            if self.is_folder_of_files(&folder.join(".git")) {
                break;
            }
        }
        false
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
        _threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) {
        let folder = folder.path.as_path();
        let ignores = self.git_ignores();
        let mut visit = new_visitor();
        for (path, _) in self.below(folder) {
            let depth = path.components().count() - folder.components().count();
            let mut names = path.ancestors().take(depth).enumerate();
            let excluded = names.any(|(above, path)| {
                path.file_name().is_some_and(is_version_control)
                    || !ignores.is_empty() && self.is_ignored(&ignores, path, above > 0)
            });
            if !excluded {
                visit(Ok(Entry { path, depth, file_type: FileType::File }));
            }
        }
    }
}
