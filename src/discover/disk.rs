//! The file system of the machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::boundary::{Boundary, Origin, Unresolved, is_special};
use super::file_system::{
    Entry, FileSystem, FileType, Found, Ignored, Metadata, OpenFile, Resolved, Tracked, VisitError,
    Visitor, is_version_control,
};
use super::git_ignores::{GitIgnores, IgnoreFiles};
use super::repository::{Repository, small};
use super::{DELETED, TOO_LONG, ignore_files};
use crate::error::Error;
use crate::threads;

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

    /// Whether an ignore file leaves out a path below a folder, which need not exist.
    pub(super) fn is_ignored(&self, folder: &Path, path: &Path) -> bool {
        let ignores = GitIgnores::new(OnDisk { over: Arc::default() }, folder);
        let depth = path.components().count().saturating_sub(folder.components().count());
        path.ancestors().take(depth).any(|above| ignores.is_ignored(above, above != path))
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
    ) -> bool {
        let threads = threads::available(threads);
        let over: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let ignores = Arc::new(GitIgnores::new(OnDisk { over: Arc::clone(&over) }, &folder.path));
        let applied = Arc::clone(&ignores);
        let left_out: Arc<Mutex<Vec<(PathBuf, bool)>>> = Arc::default();
        let leave_out = Arc::clone(&left_out);
        // Our own `GitIgnores` decides, because the walker would also read ignore files above the repository, and does
        // not tell what it leaves out.
        let in_special = is_special(&folder.path);
        let mut walker = WalkBuilder::new(&folder.path);
        walker.standard_filters(false).follow_links(false).threads(threads).filter_entry(
            move |entry| {
                if entry.depth() == 0 {
                    return true;
                }
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if is_version_control(entry.file_name())
                    || (is_folder || in_special) && is_special(entry.path())
                {
                    return false;
                }
                let is_left_out =
                    ignored == Ignored::LeaveOut && applied.is_ignored(entry.path(), is_folder);
                if is_left_out {
                    let mut left_out = leave_out.lock().unwrap_or_else(PoisonError::into_inner);
                    left_out.push((entry.path().to_owned(), is_folder));
                }
                !is_left_out
            },
        );
        let pass = |visit: &mut Visitor<'_>, found: Result<DirEntry, ignore::Error>| match found {
            Ok(entry) => entry_of(&entry).into_iter().for_each(|entry| visit(Found::Entry(entry))),
            Err(error) => {
                visit_error(&error).into_iter().for_each(|error| visit(Found::Failed(error)))
            }
        };
        if threads == 1 {
            let mut visit = new_visitor();
            walker.build().for_each(|found| pass(&mut visit, found));
        } else {
            walker.build_parallel().run(|| {
                let mut visit = new_visitor();
                Box::new(move |found| {
                    pass(&mut visit, found);
                    WalkState::Continue
                })
            });
        }
        let mut visit = new_visitor();
        for (path, is_folder) in &*left_out.lock().unwrap_or_else(PoisonError::into_inner) {
            visit(Found::LeftOut { path, is_folder: *is_folder });
        }
        for path in over.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let skipped = Some(ignore_files::TOO_LARGE);
            visit(Found::Failed(VisitError { path, skipped, reason: String::new() }));
        }
        !ignores.are_too_many()
    }

    fn tracked(&self, path: &Path) -> Option<Tracked> {
        let repository = self.repository_around(path).ok()??;
        let index = repository.index().ok()??;
        Some(Tracked { repository, index })
    }
}

/// The ignore files of the disk. Links are not followed, as git does not.
struct OnDisk {
    /// Those over the limits, which are not applied.
    over: Arc<Mutex<Vec<PathBuf>>>,
}

impl OnDisk {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let is_file = fs::symlink_metadata(path).ok()?.is_file();
        let bytes = small(path, ignore_files::READ).filter(|bytes| ignore_files::is_small(bytes));
        if is_file && bytes.is_none() {
            let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            if !over.iter().any(|known| known == path) {
                over.push(path.to_owned());
            }
        }
        bytes
    }
}

impl IgnoreFiles for OnDisk {
    fn patterns(&self, folder: &Path) -> Option<Vec<u8>> {
        self.read(&folder.join(".gitignore"))
    }

    fn excludes(&self, folder: &Path) -> Option<Vec<u8>> {
        let git = folder.join(".git");
        let is_folder = fs::symlink_metadata(&git).ok()?.is_dir();
        is_folder.then(|| self.read(&git.join("info/exclude")))?
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
        skipped: io_error.and_then(|error| match error.kind() {
            io::ErrorKind::NotFound => Some(DELETED),
            io::ErrorKind::InvalidFilename => Some(TOO_LONG),
            _ => None,
        }),
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

#[cfg(unix)]
fn is_device(file_type: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file_type.is_char_device() || file_type.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: fs::FileType) -> bool {
    false
}

impl From<fs::FileType> for FileType {
    fn from(file_type: fs::FileType) -> Self {
        if file_type.is_file() {
            FileType::File
        } else if file_type.is_dir() {
            FileType::Folder
        } else if file_type.is_symlink() {
            FileType::Symlink
        } else if is_device(file_type) {
            FileType::Device
        } else {
            FileType::Other
        }
    }
}
