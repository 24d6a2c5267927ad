//! Where files come from: a disk, or memory.

use std::ffi::OsStr;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use super::boundary::{Origin, Unresolved};
use super::git_index::Index;
use super::repository::Repository;

/// The type of file that a path refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    File,
    Folder,
    Symlink,
    /// A device, such as a terminal.
    Device,
    /// A pipe or a socket.
    Other,
}

#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    pub file_type: FileType,
    /// In bytes.
    pub length: u64,
}

/// A file opened for reading.
pub struct OpenFile<'a> {
    pub metadata: Metadata,
    pub content: Box<dyn ReadSeek + Send + 'a>,
}

pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A file or folder that the run may read. Only a [`FileSystem`] creates one.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// As it was named, absolute.
    pub path: PathBuf,
    /// Without links.
    pub(super) real: PathBuf,
    pub metadata: Metadata,
}

impl Resolved {
    pub fn is_file(&self) -> bool {
        self.metadata.file_type == FileType::File
    }

    pub fn is_folder(&self) -> bool {
        self.metadata.file_type == FileType::Folder
    }

    /// Whether no link is on the way to it from a folder.
    pub fn is_same_below(&self, folder: &Path) -> bool {
        let count = self.path.components().count().saturating_sub(folder.components().count());
        self.path.iter().rev().take(count).eq(self.real.iter().rev().take(count))
    }

    /// Whether the file has the extension that its path promises. A link can lead to a file of another kind.
    pub fn has_own_extension(&self) -> bool {
        let extension = |path: &Path| path.extension().map(OsStr::to_ascii_lowercase);
        extension(&self.path) == extension(&self.real)
    }
}

/// What git tracks in a working tree.
pub struct Tracked {
    pub repository: Repository,
    pub index: Index,
}

/// Something other than a folder, found by [`FileSystem::visit`].
pub struct Entry<'a> {
    pub path: &'a Path,
    /// The number of names below the visited folder.
    pub depth: usize,
    pub file_type: FileType,
}

/// A path that could not be visited.
pub struct VisitError {
    pub path: PathBuf,
    /// The reason to skip the entry and continue; `None` if the run must end.
    pub skipped: Option<&'static str>,
    pub reason: String,
}

/// What [`FileSystem::visit`] found.
pub enum Found<'a> {
    Entry(Entry<'a>),
    /// A file or folder that an ignore file leaves out, with everything below it.
    LeftOut {
        path: &'a Path,
        is_folder: bool,
    },
    Failed(VisitError),
}

pub type Visitor<'a> = Box<dyn FnMut(Found<'_>) + Send + 'a>;

/// What to do with what `.gitignore` matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    LeaveOut,
    Visit,
}

/// The files that a run can see. Nothing outside of its implementations reads them.
pub trait FileSystem: Sync {
    /// What a path leads to after following symbolic links, if the run may read it. `path` is absolute.
    ///
    /// # Errors
    /// See [`Unresolved`].
    fn resolve(&self, path: &Path, origin: Origin<'_>) -> Result<Resolved, Unresolved>;

    /// Opens a file. Opening a pipe waits for its other end, so open only regular files if the path may lead to one.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn open<'a>(&'a self, file: &Resolved) -> io::Result<OpenFile<'a>>;

    /// Opens a file that [`FileSystem::visit`] found.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn open_entry<'a>(&'a self, entry: &Entry<'_>) -> io::Result<OpenFile<'a>>;

    /// Visits everything below a folder, in no particular order, except the folders of version control systems. Each
    /// thread makes one visitor and drops it at the end. Returns whether the ignore files are within the limits;
    /// otherwise they do not count, and the visit has to be repeated without them.
    fn visit<'a>(
        &self,
        folder: &Resolved,
        ignored: Ignored,
        threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    ) -> bool;

    /// The files that git tracks in the repository around a path; `None` if it has no readable index.
    fn tracked(&self, path: &Path) -> Option<Tracked>;

    /// The regular file at a path that a file names; `None` if there is none.
    ///
    /// # Errors
    /// The path leads outside, or to a file of another kind.
    fn file(&self, path: &Path, named_by: &Path) -> Result<Option<Resolved>, Unresolved> {
        match self.resolve(path, Origin::File(named_by)) {
            Ok(file) if !file.is_file() => Ok(None),
            Ok(file) if file.has_own_extension() => Ok(Some(file)),
            Ok(_) => Err(Unresolved::OtherKind),
            Err(reason @ (Unresolved::Outside | Unresolved::OtherKind)) => Err(reason),
            Err(Unresolved::NotFound | Unresolved::Io(_)) => Ok(None),
        }
    }
}

/// Whether a folder belongs to a version control system.
pub(super) fn is_version_control(name: &std::ffi::OsStr) -> bool {
    [".git", ".hg", ".svn", ".jj"].iter().any(|known| name == *known)
}
