//! The file system of the machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::boundary::{Boundary, Origin, Unresolved, is_special};
use super::file_system::{
    Entry, FileSystem, FileType, Metadata, OpenFile, Resolved, VisitError, Visitor,
    is_version_control,
};
use crate::error::Error;

/// The files of the machine that a run may read.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    boundary: Boundary,
}

impl Disk {
    /// The disk for a run with these paths. `allowed` are folders besides the given paths and their repositories.
    pub fn new(paths: &[PathBuf], working_directory: &Path, allowed: &[PathBuf]) -> Disk {
        Disk { boundary: Boundary::new(paths, working_directory, allowed) }
    }

    /// Where a file of the command line would be written, which need not exist. Without links, so that a link in the
    /// repository cannot redirect it.
    ///
    /// # Errors
    /// The path leads outside through a link of the repository, or cannot be followed.
    pub fn target(&self, path: &Path) -> Result<PathBuf, Error> {
        self.boundary.resolve(path, Origin::CommandLine).map(|followed| followed.real).map_err(
            |reason| match reason {
                Unresolved::Io(error) => Error::unwritable(path, error),
                Unresolved::NotFound | Unresolved::OtherKind | Unresolved::Outside => {
                    Error::outside(path)
                }
            },
        )
    }
}

impl FileSystem for Disk {
    fn resolve(&self, path: &Path, origin: Origin<'_>) -> Result<Resolved, Unresolved> {
        let followed = self.boundary.resolve(path, origin)?;
        if !followed.exists {
            return Err(Unresolved::NotFound);
        }
        let metadata = fs::symlink_metadata(&followed.real).map_err(Unresolved::Io)?.into();
        Ok(Resolved { path: path.to_owned(), real: followed.real, metadata })
    }

    fn open<'a>(&'a self, file: &Resolved) -> io::Result<OpenFile<'a>> {
        open(&file.real)
    }

    fn open_entry<'a>(&'a self, entry: &Entry<'_>) -> io::Result<OpenFile<'a>> {
        open(entry.path)
    }

    fn visit<'a>(
        &self,
        folder: &Resolved,
        threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) {
        let walker = WalkBuilder::new(&folder.path)
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .require_git(false)
            .follow_links(false)
            .threads(threads)
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !is_version_control(entry.file_name()) && !is_special(entry.path())
            })
            .build_parallel();
        walker.run(|| {
            let mut visit = new_visitor();
            Box::new(move |found| {
                match found {
                    Ok(entry) => entry_of(&entry).into_iter().for_each(|entry| visit(Ok(entry))),
                    Err(error) => {
                        visit_error(&error).into_iter().for_each(|error| visit(Err(error)))
                    }
                }
                WalkState::Continue
            })
        });
    }
}

fn open<'a>(path: &Path) -> io::Result<OpenFile<'a>> {
    let file = File::open(path)?;
    Ok(OpenFile { metadata: file.metadata()?.into(), content: Box::new(file) })
}

fn entry_of(entry: &DirEntry) -> Option<Entry<'_>> {
    let file_type = FileType::from(entry.file_type()?);
    (file_type != FileType::Folder).then(|| Entry {
        path: entry.path(),
        depth: entry.depth(),
        file_type,
    })
}

fn visit_error(error: &ignore::Error) -> Option<VisitError> {
    let io_error = error.io_error();
    Some(VisitError {
        path: path_of(error)?,
        not_found: io_error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound),
        reason: io_error.map_or_else(|| error.to_string(), ToString::to_string),
    })
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

impl From<fs::Metadata> for Metadata {
    fn from(metadata: fs::Metadata) -> Self {
        Metadata { file_type: metadata.file_type().into(), length: metadata.len() }
    }
}

impl From<fs::FileType> for FileType {
    fn from(file_type: fs::FileType) -> Self {
        if file_type.is_file() {
            FileType::File
        } else if file_type.is_dir() {
            FileType::Folder
        } else if file_type.is_symlink() {
            FileType::Symlink
        } else {
            FileType::Other
        }
    }
}
