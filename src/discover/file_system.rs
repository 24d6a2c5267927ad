//! Where files come from: a disk, or memory.

use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// The type of file that a path refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    File,
    Folder,
    Symlink,
    /// A pipe, a socket or a device.
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
    pub not_found: bool,
    pub reason: String,
}

pub type Visitor<'a> = Box<dyn FnMut(Result<Entry<'_>, VisitError>) + Send + 'a>;

/// The files that a run can see. Nothing outside of its implementations reads them.
pub trait FileSystem: Sync {
    /// The type of file that a path refers to, after following symbolic links.
    ///
    /// # Errors
    /// A path that does not exist or cannot be inspected.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Opens a file. Opening a pipe waits for its other end, so check [`FileSystem::metadata`] first if the path
    /// may lead to one.
    ///
    /// # Errors
    /// A path that does not exist or cannot be read.
    fn open<'a>(&'a self, path: &Path) -> io::Result<OpenFile<'a>>;

    /// Visits everything below a folder, in no particular order, except what `.gitignore` excludes and the
    /// folders of version control systems. Each thread makes one visitor and drops it at the end.
    fn visit<'a>(
        &self,
        folder: &Path,
        threads: usize,
        new_visitor: &'a (dyn Fn() -> Visitor<'a> + Sync),
    );

    fn exists(&self, path: &Path) -> bool {
        self.metadata(path).is_ok()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.metadata(path).is_ok_and(|metadata| metadata.file_type == FileType::File)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.metadata(path).is_ok_and(|metadata| metadata.file_type == FileType::Folder)
    }
}

/// Whether a folder belongs to a version control system.
pub(super) fn is_version_control(name: &std::ffi::OsStr) -> bool {
    [".git", ".hg", ".svn", ".jj"].iter().any(|known| name == *known)
}
