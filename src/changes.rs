//! Files that differ from a commit. Git reads only objects, in a view of the repository without its configuration; what
//! is tracked and what has changed in the working tree is decided here.

mod git;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::discover::{
    Disk, FOLDER, Index, IndexEntry, MAX_FILE_BYTES, Repository, SUBMODULE, TreeState,
    affects_folder, normalized,
};
use crate::error::{Error, GitError};
use crate::source::{Kind, decode};
use git::{Blobs, Committed, Git};

/// Changes since a commit, in the repositories of the given paths.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// As typed.
    pub reference: String,
    /// Files, and folders below which everything counts as changed.
    paths: HashSet<PathBuf>,
    /// The working trees. What they do not track is new.
    trees: HashMap<PathBuf, (Repository, Index)>,
    /// Files that no longer exist.
    pub deleted: Vec<PathBuf>,
    /// All removed lines of files that sfcred reads.
    pub removed: String,
}

/// Submodules in submodules.
const MAX_DEPTH: usize = 16;

/// What differs between the working tree and the commit at which its branch left `reference`: committed, staged,
/// unstaged and untracked changes.
///
/// # Errors
/// Git is not installed, a path is not in a repository, the reference is unknown, or the history is too shallow.
pub fn changes(
    disk: &Disk,
    paths: &[PathBuf],
    working_directory: &Path,
    reference: &str,
) -> Result<Changes, Error> {
    if reference.starts_with('-') || reference.trim().is_empty() {
        return Err(
            GitError::UnknownReference { reference: reference.to_owned(), shallow: false }.into()
        );
    }
    let mut changes = Changes { reference: reference.to_owned(), ..Changes::default() };
    for path in paths {
        let path = normalized(&working_directory.join(path));
        if !disk.exists(&path) {
            // `discover` reports the missing path.
            continue;
        }
        let repository = disk
            .repository_around(&path)
            .map_err(|reason| GitError::Unusable { path: path.clone(), reason })?
            .ok_or_else(|| GitError::NoRepository { path: path.clone() })?;
        if changes.trees.contains_key(&repository.top) {
            continue;
        }
        let git = open(&repository)?;
        let Some(commit) = git.commit(reference)? else {
            let shallow = git.is_shallow;
            return Err(
                GitError::UnknownReference { reference: reference.to_owned(), shallow }.into()
            );
        };
        let Some(base) = git.merge_base(&commit)? else {
            let shallow = git.is_shallow;
            return Err(GitError::NoMergeBase { reference: reference.to_owned(), shallow }.into());
        };
        changes.read(disk, repository, &git, &base, 0)?;
    }
    changes.deleted.sort();
    Ok(changes)
}

fn open(repository: &Repository) -> Result<Git, Error> {
    Git::new(repository)
        .map_err(|reason| GitError::Unusable { path: repository.top.clone(), reason })
        .map_err(Error::from)
}

impl Changes {
    /// Whether a file has changed or is new, or the archive or submodule that contains it.
    pub fn contains(&self, path: &Path) -> bool {
        if path.ancestors().any(|path| self.paths.contains(path)) {
            return true;
        }
        // Of a submodule and the repository around it, the submodule tracks the file.
        let innermost = path.ancestors().find_map(|above| self.trees.get(above));
        innermost.is_some_and(|(repository, index)| {
            !path
                .ancestors()
                .take_while(|above| *above != repository.top)
                .any(|above| repository.name(above).is_some_and(|name| index.contains(&name)))
        })
    }

    fn add(&mut self, path: PathBuf) {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if affects_folder(&name) {
            self.paths.extend(path.parent().map(Path::to_owned));
        }
        self.paths.insert(path);
    }

    fn read(
        &mut self,
        disk: &Disk,
        repository: Repository,
        git: &Git,
        base: &str,
        depth: usize,
    ) -> Result<(), Error> {
        let unusable = |reason| GitError::Unusable { path: repository.top.clone(), reason };
        let index = repository.index().map_err(unusable)?.unwrap_or_default();
        let written = repository.index_time();
        let mut committed = git.files(base)?;
        let mut sparse: HashSet<&[u8]> = HashSet::new();
        let mut tree = Tree { repository: &repository, blobs: git.blobs()? };
        for entry in &index.entries {
            let path = repository.path(&entry.name);
            if entry.mode == FOLDER {
                sparse.insert(&entry.name);
                continue;
            }
            let old = committed.remove(&*entry.name);
            let same_object = old.as_ref().is_some_and(|old| old.object == entry.object);
            if entry.mode == SUBMODULE {
                self.submodule(disk, path, entry, old, depth)?;
                continue;
            }
            if entry.conflicts {
                self.add(path);
                continue;
            }
            if entry.skips_worktree {
                if !same_object {
                    self.add(path);
                }
                continue;
            }
            match (old, repository.state(entry, written)) {
                (None, TreeState::Missing) => {}
                (None, _) => self.add(path),
                (Some(old), TreeState::Missing) => {
                    self.removed += &tree.removed_lines(&entry.name, &old, b"")?;
                    self.deleted.push(path.clone());
                    self.add(path);
                }
                (Some(_), TreeState::Same) if same_object => {}
                (Some(old), TreeState::Same | TreeState::Unknown) => {
                    // What is too large to be read counts as changed.
                    let new = tree.repository.content(&entry.name, MAX_FILE_BYTES);
                    let is_same = match &new {
                        Some(new) => tree.has_content(&old, new)?,
                        None => false,
                    };
                    if !is_same {
                        let new = new.unwrap_or_default();
                        self.removed += &tree.removed_lines(&entry.name, &old, &new)?;
                        self.add(path);
                    }
                }
            }
        }
        let mut untracked: Vec<_> = committed.into_iter().collect();
        untracked.sort_by(|left, right| left.0.cmp(&right.0));
        for (name, old) in untracked {
            let ends = memchr::memchr_iter(b'/', &name);
            if ends.into_iter().any(|end| sparse.contains(&name[..=end])) {
                continue;
            }
            let path = repository.path(&name);
            self.removed += &tree.removed_lines(&name, &old, b"")?;
            if !disk.exists(&path) {
                self.deleted.push(path.clone());
            }
            self.add(path);
        }
        self.trees.insert(repository.top.clone(), (repository, index));
        Ok(())
    }

    /// A submodule has changed as a whole if another commit is checked out; else its own changes count.
    fn submodule(
        &mut self,
        disk: &Disk,
        path: PathBuf,
        entry: &IndexEntry,
        old: Option<Committed>,
        depth: usize,
    ) -> Result<(), Error> {
        let Some(old) = old.filter(|old| old.is_submodule) else {
            self.add(path);
            return Ok(());
        };
        if !disk.exists(&path.join(".git")) || depth == MAX_DEPTH {
            if old.object != entry.object {
                self.add(path);
            }
            return Ok(());
        }
        let repository = disk
            .repository_around(&path)
            .map_err(|reason| GitError::Unusable { path: path.clone(), reason })?;
        let Some(repository) = repository.filter(|repository| repository.top == path) else {
            self.add(path);
            return Ok(());
        };
        let git = open(&repository)?;
        match git.commit("HEAD")? {
            Some(commit) if commit == old.object => {
                self.read(disk, repository, &git, &commit, depth + 1)
            }
            _ => {
                self.add(path);
                Ok(())
            }
        }
    }
}

/// A working tree and its objects.
struct Tree<'a> {
    repository: &'a Repository,
    blobs: Blobs,
}

impl Tree<'_> {
    /// Whether a file has its committed content. Line endings do not count, because git converts them.
    fn has_content(&mut self, old: &Committed, new: &[u8]) -> Result<bool, Error> {
        // The content of a partial clone is missing only if no checkout needed it.
        let Some(committed) = self.blobs.read(&old.object)? else { return Ok(false) };
        let is_equal =
            || committed.bytes == new || without_returns(&committed.bytes) == without_returns(new);
        Ok(!committed.is_too_large && is_equal())
    }

    /// The committed lines of a file that are not in its new content.
    fn removed_lines(&mut self, name: &[u8], old: &Committed, new: &[u8]) -> Result<String, Error> {
        let file_name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let is_read = Kind::from_file_name(&String::from_utf8_lossy(file_name)).is_some();
        if old.is_submodule || !is_read {
            return Ok(String::new());
        }
        let Some(committed) = self.blobs.read(&old.object)? else {
            let path = self.repository.path(name);
            return Err(GitError::PartialClone { path }.into());
        };
        let (before, after) = (text(committed.bytes), text(new.to_vec()));
        let kept: HashSet<&str> = after.lines().collect();
        let removed = before.lines().filter(|line| !kept.contains(line));
        Ok(removed.flat_map(|line| [line, "\n"]).collect())
    }
}

fn text(bytes: Vec<u8>) -> String {
    let lossy = String::from_utf8_lossy(&bytes).into_owned();
    decode(bytes).map_or(lossy, |(text, _)| text)
}

fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    for (position, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(position + 1) == Some(&b'\n')) {
            result.push(*byte);
        }
    }
    result
}

/// The files of a commit by their names.
type CommittedFiles = HashMap<Vec<u8>, Committed>;
