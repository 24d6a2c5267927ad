//! The file system of the machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::MAX_FILE_BYTES;
use super::boundary::{Boundary, Origin, Unresolved, is_special};
use super::file_system::{
    Entry, FileSystem, FileType, Found, Ignored, Metadata, OpenFile, Resolved, Tracked, VisitError,
    Visitor, is_version_control,
};
use super::git_ignores::{GitIgnores, IgnoreFiles};
use super::repository::{Repository, small};
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

impl Disk {
    /// Whether a path of the command line exists.
    pub fn exists(&self, path: &Path) -> bool {
        self.resolve(path, Origin::CommandLine).is_ok()
    }

    /// The repository around a path.
    ///
    /// # Errors
    /// Why its `.git` cannot be used.
    pub fn repository_around(&self, path: &Path) -> Result<Option<Repository>, &'static str> {
        Repository::around(path, &self.boundary)
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
        ignored: Ignored,
        threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) {
        let ignores = GitIgnores::new(OnDisk, &folder.path);
        let left_out: Arc<Mutex<Vec<(PathBuf, bool)>>> = Arc::default();
        let leave_out = Arc::clone(&left_out);
        // Our own `GitIgnores` decides, because the walker would also read ignore files above the repository, and does
        // not tell what it leaves out.
        let walker = WalkBuilder::new(&folder.path)
            .standard_filters(false)
            .follow_links(false)
            .threads(threads)
            .filter_entry(move |entry| {
                if entry.depth() == 0 {
                    return true;
                }
                if is_version_control(entry.file_name()) || is_special(entry.path()) {
                    return false;
                }
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                let is_left_out =
                    ignored == Ignored::LeaveOut && ignores.is_ignored(entry.path(), is_folder);
                if is_left_out {
                    let mut left_out = leave_out.lock().unwrap_or_else(PoisonError::into_inner);
                    left_out.push((entry.path().to_owned(), is_folder));
                }
                !is_left_out
            })
            .build_parallel();
        walker.run(|| {
            let mut visit = new_visitor();
            Box::new(move |found| {
                match found {
                    Ok(entry) => {
                        entry_of(&entry).into_iter().for_each(|entry| visit(Found::Entry(entry)))
                    }
                    Err(error) => visit_error(&error)
                        .into_iter()
                        .for_each(|error| visit(Found::Failed(error))),
                }
                WalkState::Continue
            })
        });
        let mut visit = new_visitor();
        for (path, is_folder) in &*left_out.lock().unwrap_or_else(PoisonError::into_inner) {
            visit(Found::LeftOut { path, is_folder: *is_folder });
        }
    }

    fn tracked(&self, path: &Path) -> Option<Tracked> {
        let repository = self.repository_around(path).ok()??;
        let index = repository.index().ok()??;
        Some(Tracked { repository, index })
    }
}

/// The ignore files of the disk. Links are not followed, as git does not.
struct OnDisk;

impl IgnoreFiles for OnDisk {
    fn patterns(&self, folder: &Path) -> Option<Vec<u8>> {
        small(&folder.join(".gitignore"), MAX_FILE_BYTES)
    }

    fn excludes(&self, folder: &Path) -> Option<Vec<u8>> {
        let git = folder.join(".git");
        let is_folder = fs::symlink_metadata(&git).ok()?.is_dir();
        is_folder.then(|| small(&git.join("info/exclude"), MAX_FILE_BYTES))?
    }

    fn is_repository(&self, folder: &Path) -> bool {
        folder.join(".git").symlink_metadata().is_ok()
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
