//! A git repository, as far as it can be read without git: where it is, what it tracks, its references. Its
//! configuration may come from strangers, so no program reads it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::boundary::{Boundary, Origin, follow, repository};
use super::git_index::{Index, IndexEntry};

/// Larger files of references and links between repositories are not read.
const MAX_SMALL_FILE: u64 = 4 << 10;
const MAX_CONFIG: u64 = 1 << 20;
const MAX_PACKED_REFERENCES: u64 = 64 << 20;
const MAX_INDEX: u64 = 512 << 20;
const MAX_REFERENCES: usize = 200_000;

/// A repository with a working tree.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The folder that contains `.git`.
    pub top: PathBuf,
    /// The folder with `HEAD` and the index of this working tree.
    folder: PathBuf,
    /// The folder with objects and references, which several working trees can share.
    common: PathBuf,
    hash_length: usize,
}

/// The state of a tracked file in the working tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeState {
    /// As git last saw it.
    Same,
    Missing,
    /// It has to be compared.
    Unknown,
}

/// What git needs to know of a repository besides its objects.
#[derive(Debug, Default)]
pub struct References {
    /// The content of `HEAD`.
    pub head: Vec<u8>,
    /// All references, as in `packed-refs`.
    pub packed: Vec<u8>,
    /// The commits at which a shallow clone ends.
    pub shallow: Vec<u8>,
    /// Files of the format `reftable`, which replace `HEAD` and the references.
    pub tables: Vec<(String, Vec<u8>)>,
}

impl Repository {
    /// The repository that contains a path.
    ///
    /// # Errors
    /// Why its `.git` cannot be used.
    pub fn around(path: &Path, boundary: &Boundary) -> Result<Option<Repository>, &'static str> {
        match repository(path) {
            Some(top) => Repository::at(top, boundary).map(Some),
            None => Ok(None),
        }
    }

    /// The repository with this working tree.
    ///
    /// # Errors
    /// Why its `.git` cannot be used.
    pub fn at(top: &Path, boundary: &Boundary) -> Result<Repository, &'static str> {
        const UNREADABLE: &str = "its `.git` cannot be read";
        const OUTSIDE: &str =
            "its `.git` leads to another repository, which does not have it as a working tree";
        let git = top.join(".git");
        let followed = boundary.resolve(&git, Origin::File(&git)).map_err(|_| OUTSIDE)?;
        let metadata = fs::symlink_metadata(&followed.real).map_err(|_| UNREADABLE)?;
        let (folder, is_linked) = if metadata.is_dir() {
            (followed.real, false)
        } else {
            let text = small(&followed.real, MAX_SMALL_FILE).ok_or(UNREADABLE)?;
            let text = String::from_utf8(text).map_err(|_| UNREADABLE)?;
            let target = text.strip_prefix("gitdir: ").ok_or(UNREADABLE)?.trim_end();
            let target = follow(&top.join(target)).complete().map_err(|_| UNREADABLE)?;
            let is_ours = boundary.resolve(&target.real, Origin::File(&git)).is_ok()
                || is_submodule(top, &target.real, boundary)
                || is_worktree_of(&target.real, &followed.real);
            if !is_ours {
                return Err(OUTSIDE);
            }
            (target.real, true)
        };
        if !folder.is_dir() {
            return Err(UNREADABLE);
        }
        let common = match small(&folder.join("commondir"), MAX_SMALL_FILE) {
            None => folder.clone(),
            Some(text) => {
                let text = String::from_utf8(text).map_err(|_| UNREADABLE)?;
                let common =
                    follow(&folder.join(text.trim_end())).complete().map_err(|_| UNREADABLE)?.real;
                // The folder of a linked working tree is inside of the repository.
                if !(is_linked && folder.starts_with(&common)) {
                    return Err(OUTSIDE);
                }
                common
            }
        };
        let config = small(&common.join("config"), MAX_CONFIG).unwrap_or_default();
        let config = String::from_utf8_lossy(&config).to_ascii_lowercase();
        let is_sha256 =
            config.lines().any(|line| line.contains("objectformat") && line.contains("sha256"));
        let hash_length = if is_sha256 { 32 } else { 20 };
        Ok(Repository { top: top.to_owned(), folder, common, hash_length })
    }

    /// The folder of its objects.
    pub fn objects(&self) -> PathBuf {
        self.common.join("objects")
    }

    pub fn has_sha256(&self) -> bool {
        self.hash_length == 32
    }

    /// The tracked files, or `None` if the repository has no index yet.
    ///
    /// # Errors
    /// Why the index cannot be read.
    pub fn index(&self) -> Result<Option<Index>, &'static str> {
        match small(&self.folder.join("index"), MAX_INDEX) {
            Some(bytes) => Index::parse(&bytes, self.hash_length).map(Some),
            None => Ok(None),
        }
    }

    /// `HEAD` and all references.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn references(&self) -> Result<References, &'static str> {
        let head = small(&self.folder.join("HEAD"), MAX_SMALL_FILE).ok_or("it has no `HEAD`")?;
        let shallow =
            small(&self.common.join("shallow"), MAX_PACKED_REFERENCES).unwrap_or_default();
        let tables = self.common.join("reftable");
        if tables.is_dir() {
            if self.folder != self.common {
                return Err("it is a linked working tree with references in the format `reftable`");
            }
            let names = fs::read_dir(&tables).map_err(|_| "its references cannot be read")?;
            let tables = names.flatten().take(MAX_REFERENCES).filter_map(|entry| {
                let bytes = small(&entry.path(), MAX_PACKED_REFERENCES)?;
                Some((entry.file_name().into_string().ok()?, bytes))
            });
            let tables = tables.collect();
            return Ok(References { head, shallow, tables, ..References::default() });
        }
        let mut references = References { head, shallow, ..References::default() };
        let packed =
            small(&self.common.join("packed-refs"), MAX_PACKED_REFERENCES).unwrap_or_default();
        let mut known: std::collections::BTreeMap<Vec<u8>, Vec<u8>> = packed
            .split(|byte| *byte == b'\n')
            .filter(|line| line.first().is_some_and(u8::is_ascii_hexdigit))
            .filter_map(|line| {
                let space = memchr::memchr(b' ', line)?;
                Some((line[space + 1..].to_vec(), line[..space].to_vec()))
            })
            .collect();
        let mut loose = std::collections::BTreeMap::new();
        self.loose_references(&self.common.join("refs"), b"refs".to_vec(), 0, &mut loose);
        let symbolic: Vec<(Vec<u8>, Vec<u8>)> = loose
            .iter()
            .filter_map(|(name, text)| {
                Some((name.clone(), text.strip_prefix(b"ref:")?.trim_ascii().to_vec()))
            })
            .collect();
        known.extend(loose.into_iter().filter(|(_, text)| !text.starts_with(b"ref:")));
        for (name, target) in symbolic {
            if let Some(object) = known.get(&target).cloned() {
                known.insert(name, object);
            }
        }
        for (name, object) in known {
            // A line break or a space in a name would add another reference.
            let is_name = !name.iter().any(|byte| byte.is_ascii_control() || *byte == b' ');
            if is_name && is_object(&object) {
                references.packed.extend([&object[..], b" ", &name, b"\n"].concat());
            }
        }
        Ok(references)
    }

    fn loose_references(
        &self,
        folder: &Path,
        name: Vec<u8>,
        depth: usize,
        found: &mut std::collections::BTreeMap<Vec<u8>, Vec<u8>>,
    ) {
        const MAX_DEPTH: usize = 64;
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = [&name[..], b"/", entry.file_name().as_encoded_bytes()].concat();
            let Ok(file_type) = entry.file_type() else { continue };
            if found.len() >= MAX_REFERENCES {
                return;
            }
            if file_type.is_dir() && depth < MAX_DEPTH {
                self.loose_references(&entry.path(), name, depth + 1, found);
            } else if let Some(text) = small(&entry.path(), MAX_SMALL_FILE) {
                found.insert(name, text.trim_ascii().to_vec());
            }
        }
    }

    /// The path of a tracked name in the working tree.
    pub fn path(&self, name: &[u8]) -> PathBuf {
        self.top.join(path_of(name))
    }

    /// The name of a path in the working tree, as in the index; `None` if it is elsewhere.
    pub fn name(&self, path: &Path) -> Option<Vec<u8>> {
        let inside = path.strip_prefix(&self.top).ok()?;
        let names: Vec<&[u8]> = inside.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
        Some(names.join(&b'/'))
    }

    /// Compares a tracked file with what git noted about it.
    pub fn state(&self, entry: &IndexEntry, written: Option<(i64, i64)>) -> TreeState {
        match fs::symlink_metadata(self.path(&entry.name)) {
            Err(_) => TreeState::Missing,
            Ok(metadata) if metadata.is_dir() => TreeState::Missing,
            Ok(metadata) if is_as_noted(&metadata, entry, written) => TreeState::Same,
            Ok(_) => TreeState::Unknown,
        }
    }

    /// When the index was written.
    pub fn index_time(&self) -> Option<(i64, i64)> {
        fs::symlink_metadata(self.folder.join("index"))
            .ok()
            .and_then(|metadata| modified(&metadata))
    }

    /// The content of a file in the working tree, or the target of a link; `None` if it is something else, is reached
    /// through a link, or is larger than `limit`.
    pub fn content(&self, name: &[u8], limit: u64) -> Option<Vec<u8>> {
        let path = self.path(name);
        let top = follow(&self.top).complete().ok()?.real;
        let folder = follow(path.parent()?).complete().ok()?.real;
        // A folder that became a link is not the tracked one.
        if folder != top.join(path_of(name)).parent()? {
            return None;
        }
        let metadata = fs::symlink_metadata(&path).ok()?;
        if metadata.is_symlink() {
            return Some(fs::read_link(&path).ok()?.as_os_str().as_encoded_bytes().to_vec());
        }
        small(&path, limit)
    }
}

/// The bytes of a regular file that is not a link; `None` if it is something else or larger.
pub fn small(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let is_small = |metadata: fs::Metadata| metadata.is_file() && metadata.len() <= limit;
    if !is_small(fs::symlink_metadata(path).ok()?) {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether a folder is where the repository around a submodule keeps it.
fn is_submodule(top: &Path, folder: &Path, boundary: &Boundary) -> bool {
    let around = top.parent().and_then(|above| Repository::around(above, boundary).ok()?);
    around.is_some_and(|around| {
        [around.folder, around.common].iter().any(|git| folder.starts_with(git.join("modules")))
    })
}

/// Whether the folder of a linked working tree names the `.git` file of that tree.
fn is_worktree_of(folder: &Path, git: &Path) -> bool {
    small(&folder.join("gitdir"), MAX_SMALL_FILE)
        .and_then(|text| String::from_utf8(text).ok())
        .and_then(|text| follow(&folder.join(text.trim_end())).complete().ok())
        .is_some_and(|back| back.real == git)
}

fn is_object(text: &[u8]) -> bool {
    matches!(text.len(), 40 | 64) && text.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> &Path {
    Path::new(std::str::from_utf8(name).unwrap_or_default())
}

#[cfg(unix)]
fn modified(metadata: &fs::Metadata) -> Option<(i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.mtime(), metadata.mtime_nsec()))
}

#[cfg(not(unix))]
fn modified(_: &fs::Metadata) -> Option<(i64, i64)> {
    None
}

/// Whether a file was not touched since git noted it. A file that was written at the same time as the index, or later,
/// may have changed without a trace.
#[cfg(unix)]
fn is_as_noted(metadata: &fs::Metadata, entry: &IndexEntry, written: Option<(i64, i64)>) -> bool {
    use std::os::unix::fs::MetadataExt;

    use super::git_index::IndexStat;
    let low = |number: i64| number as u32;
    let stat = IndexStat {
        changed: (low(metadata.ctime()), low(metadata.ctime_nsec())),
        modified: (low(metadata.mtime()), low(metadata.mtime_nsec())),
        inode: metadata.ino() as u32,
        length: metadata.len() as u32,
    };
    stat == entry.stat && modified(metadata) < written
}

#[cfg(not(unix))]
fn is_as_noted(_: &fs::Metadata, _: &IndexEntry, _: Option<(i64, i64)>) -> bool {
    false
}
