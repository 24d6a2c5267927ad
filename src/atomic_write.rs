//! Atomic writes. The only module that writes to the disk: files are replaced completely, all of a run or none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir, TempPath};

use crate::error::Error;

/// The temporary files and folders that exist. Whoever creates, renames or removes one holds the lock, so that an
/// interrupt finds all of them, and no file half replaced.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn temporary() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary files, waits for replacements that have begun, and calls `exit` before any other can begin.
pub fn abandon(exit: impl FnOnce()) {
    let paths = temporary();
    for path in paths.iter() {
        // What cannot be removed was removed before.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    exit();
}

/// Writes a file, or replaces it in one step. Its owner, permissions and extended attributes are kept. A symbolic link is
/// kept as well: the file that it leads to is replaced. Pipes and devices, such as `/dev/stdout`, are written to directly.
///
/// # Errors
/// [`Error::Write`]; the old file is then unchanged, and no other file is left behind.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_all(&[(path, bytes)])
}

/// [`write_atomically`] for several files: if one cannot be replaced, none is.
///
/// # Errors
/// [`Error::Write`]; all old files are then as before, and no other file is left behind.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<(), Error> {
    replace_all(stage(files)?, Vec::new())
}

/// [`write_all`], which creates missing folders, and removes other files: everything or nothing.
///
/// # Errors
/// [`Error::Write`]; all files are then as before, and no folder is left behind.
pub fn write_and_remove(files: &[(&Path, &[u8])], removed: &[&Path]) -> Result<(), Error> {
    let mut created = Vec::new();
    let written = files
        .iter()
        .filter_map(|(path, _)| path.parent())
        .try_for_each(|parent| {
            create_folders(parent, Mode::Default, &mut created)
                .map_err(|error| Error::unwritable(parent, error))
        })
        .and_then(|()| {
            let staged = stage(files)?;
            let backups = removed.iter().map(|path| {
                let failed = |error| Error::unwritable(*path, error);
                let metadata = fs::metadata(path).map_err(failed)?;
                Ok((path.to_path_buf(), backup(path, &metadata).map_err(failed)?))
            });
            replace_all(staged, backups.collect::<Result<_, Error>>()?)
        });
    if written.is_err() {
        remove_empty(&created);
    }
    written
}

/// Removes new folders, the innermost first.
fn remove_empty(created: &[PathBuf]) {
    for path in created.iter().rev() {
        // Only an empty folder can be removed.
        let _ = fs::remove_dir(path);
    }
}

/// Prepares everything that can fail. Pipes and devices are written to.
fn stage<'f>(files: &[(&'f Path, &[u8])]) -> Result<Vec<(&'f Path, Staged)>, Error> {
    for (path, _) in files {
        writable(path)?;
    }
    let mut staged = Vec::new();
    for (path, bytes) in files {
        let failed = |error| Error::unwritable(*path, error);
        match Staged::new(path, bytes, files.len() > 1).map_err(failed)? {
            Some(file) => staged.push((*path, file)),
            None => OpenOptions::new()
                .append(true)
                .open(path)
                .and_then(|mut file| file.write_all(bytes))
                .map_err(failed)?,
        }
    }
    Ok(staged)
}

/// `removed` are files to remove, each with another name that it keeps until everything is done.
fn replace_all(
    staged: Vec<(&Path, Staged)>,
    removed: Vec<(PathBuf, TempPath)>,
) -> Result<(), Error> {
    let _lock = temporary();
    let mut done: Vec<Replaced> = Vec::new();
    for (path, file) in staged {
        match file.replace() {
            Ok(replaced) => done.push(replaced),
            Err(error) => {
                done.into_iter().rev().for_each(Replaced::undo);
                return Err(Error::unwritable(path, error));
            }
        }
    }
    for (path, backup) in removed {
        match fs::remove_file(&path) {
            Ok(()) => {
                done.push(Replaced { target: path, backup: Some(backup), is_new: false });
            }
            Err(error) => {
                done.into_iter().rev().for_each(Replaced::undo);
                return Err(Error::unwritable(path, error));
            }
        }
    }
    for replaced in &done {
        // The content is on the disk; only the name could still be the old one after a power failure.
        let _ = File::open(folder(&replaced.target)).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// A file that is complete, with everything but the name.
struct Staged {
    file: NamedTempFile,
    target: PathBuf,
    /// Another name of the old file.
    backup: Option<TempPath>,
    is_new: bool,
}

/// A file that has its name.
struct Replaced {
    target: PathBuf,
    backup: Option<TempPath>,
    is_new: bool,
}

impl Staged {
    /// `None` for pipes and devices.
    fn new(path: &Path, bytes: &[u8], may_undo: bool) -> io::Result<Option<Staged>> {
        let old = fs::metadata(path).ok();
        let is_special = old.as_ref().is_some_and(|old| !old.is_file())
            || path.starts_with("/dev")
            || path.starts_with("/proc");
        if is_special {
            return Ok(None);
        }
        let Some(old) = old else {
            let file = temporary_file(path, Mode::Default)?;
            let file = fill(file, bytes, |_| Ok(()))?;
            return Ok(Some(Staged { file, target: path.to_owned(), backup: None, is_new: true }));
        };
        let target = fs::canonicalize(path)?;
        let file = temporary_file(&target, Mode::Private)?;
        let file = fill(file, bytes, |file| copy_attributes(&target, &old, file))?;
        let backup = may_undo.then(|| backup(&target, &old)).transpose()?;
        Ok(Some(Staged { file, target, backup, is_new: false }))
    }

    /// The caller holds the lock.
    fn replace(self) -> io::Result<Replaced> {
        let Staged { file, target, backup, is_new } = self;
        file.persist(&target).map_err(|error| error.error)?;
        Ok(Replaced { target, backup, is_new })
    }
}

impl Replaced {
    /// Gives the old file its name back. The caller holds the lock.
    fn undo(self) {
        // A second failure cannot be repaired, and the first one is reported.
        let _ = match self.backup {
            Some(backup) => backup.persist(&self.target).map_err(|error| error.error),
            None if self.is_new => fs::remove_file(&self.target),
            None => Ok(()),
        };
    }
}

/// A second name of a file, or a copy where the file system has no such names.
fn backup(target: &Path, old: &fs::Metadata) -> io::Result<TempPath> {
    let mut paths = temporary();
    let linked = tempfile::Builder::new()
        .prefix(PREFIX)
        .make_in(folder(target), |path| fs::hard_link(target, path));
    if let Ok(linked) = linked {
        let path = linked.into_temp_path();
        paths.insert(path.to_path_buf());
        return Ok(path);
    }
    drop(paths);
    let file = temporary_file(target, Mode::Private)?;
    let bytes = fs::read(target)?;
    Ok(fill(file, &bytes, |file| copy_attributes(target, old, file))?.into_temp_path())
}

/// Creates a file; returns `false` if a file with this name exists, which is then unchanged.
///
/// # Errors
/// [`Error::Write`]; no file is left behind.
pub fn create(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let written =
        temporary_file(path, Mode::Default).and_then(|file| fill(file, bytes, |_| Ok(())));
    let _lock = temporary();
    match written.map(|file| file.persist_noclobber(path)) {
        Ok(Ok(_)) => Ok(true),
        Ok(Err(error)) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Ok(Err(error)) => Err(Error::unwritable(path, error.error)),
        Err(error) => Err(Error::unwritable(path, error)),
    }
}

/// A new folder for temporary files that only the user can read, with these folders and files.
///
/// # Errors
/// Those of the file system; nothing is left behind.
pub fn private_folder(folders: &[&str], files: &[(String, Vec<u8>)]) -> io::Result<TempDir> {
    let created = {
        let mut paths = temporary();
        let created = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        paths.insert(created.path().to_owned());
        created
    };
    for name in folders {
        fs::create_dir(created.path().join(name))?;
    }
    for (name, bytes) in files {
        fs::write(created.path().join(name), bytes)?;
    }
    Ok(created)
}

/// Writes files to a private folder, which is created if it does not exist, and removes some old ones. The names are paths
/// in it.
///
/// # Errors
/// [`Error::Write`]; all old files are then as before, and new folders are removed again.
pub fn write_folder(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    removed: &[&str],
) -> Result<(), Error> {
    let paths: Vec<(PathBuf, &[u8])> =
        files.iter().map(|(name, bytes)| (folder.join(name), bytes.as_slice())).collect();
    let mut created = Vec::new();
    let written = paths
        .iter()
        .filter_map(|(path, _)| path.parent())
        .chain([folder])
        .try_for_each(|parent| {
            create_folders(parent, Mode::Private, &mut created)
                .map_err(|error| Error::unwritable(parent, error))
        })
        .and_then(|()| {
            let all: Vec<(&Path, &[u8])> =
                paths.iter().map(|(path, bytes)| (path.as_path(), *bytes)).collect();
            write_all(&all)
        });
    if written.is_err() {
        remove_empty(&created);
        return written;
    }
    for name in removed {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|error| Error::unwritable(&path, error))?;
        let mut parents = path.ancestors().skip(1).take_while(|parent| *parent != folder);
        while parents.next().is_some_and(|parent| fs::remove_dir(parent).is_ok()) {}
    }
    Ok(())
}

/// Creates a folder and those above it. Private ones can only be opened by the user.
fn create_folders(path: &Path, mode: Mode, created: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.is_dir())
        .collect();
    for path in missing.into_iter().rev() {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        if mode == Mode::Private {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        #[cfg(not(unix))]
        let _ = mode;
        builder.create(path)?;
        created.push(path.to_owned());
    }
    Ok(())
}

/// Appends to a regular file, or creates it.
///
/// # Errors
/// [`Error::Write`].
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Error::unwritable(path, "it is not a regular file"));
    }
    let append = || OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes);
    append().map_err(|error| Error::unwritable(path, error))
}

/// Checks whether a file could be written, as far as possible without writing: an early error saves a long run.
///
/// # Errors
/// [`Error::Write`].
pub fn writable(path: &Path) -> Result<(), Error> {
    let refused = |reason: &str| Err(Error::unwritable(path, reason));
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refused("it is a folder"),
        Ok(metadata) if metadata.is_file() => OpenOptions::new()
            .append(true)
            .open(path)
            .map(drop)
            .map_err(|error| Error::unwritable(path, error)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::unwritable(path, error))
        }
        Err(_) if path.symlink_metadata().is_ok() => refused("it is a broken symbolic link"),
        Err(_) if path.file_name().is_none() => refused("it does not name a file"),
        Err(_) if folder(path).is_dir() => Ok(()),
        Err(_) => refused("its folder does not exist"),
    }
}

/// The names of temporary files begin with it.
const PREFIX: &str = ".sfcred-";

/// Permissions of a temporary file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The default permissions of a new file.
    Default,
    /// Only the user can read it, because the file that it replaces may be as private.
    Private,
}

fn temporary_file(target: &Path, mode: Mode) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    if mode == Mode::Default {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut paths = temporary();
    // The error would name the temporary file.
    let file = builder.tempfile_in(folder(target)).map_err(|error| error.kind())?;
    paths.insert(file.path().to_owned());
    Ok(file)
}

/// Writes the content, then the attributes, then everything to the disk.
fn fill(
    mut file: NamedTempFile,
    bytes: &[u8],
    attributes: impl Fn(&File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    file.as_file_mut().write_all(bytes)?;
    attributes(file.as_file())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Gives a file the owner, the permissions and the extended attributes of another.
#[cfg(unix)]
fn copy_attributes(path: &Path, old: &fs::Metadata, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    use xattr::FileExt;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))
            .map_err(|_| io::Error::other("its owner and group cannot be kept"))?;
    }
    file.set_permissions(old.permissions())?;
    // A file system without extended attributes has none to keep.
    let Ok(names) = xattr::list(path) else { return Ok(()) };
    for name in names {
        let value = xattr::get(path, &name)?;
        if let Some(value) = value
            && file.get_xattr(&name).ok().flatten().as_ref() != Some(&value)
        {
            file.set_xattr(&name, &value)
                .map_err(|_| io::Error::other("its extended attributes cannot be kept"))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn copy_attributes(_: &Path, old: &fs::Metadata, file: &File) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_created_and_replaced_without_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        append(&path, b", three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two, three");
        assert!(!create(&path, b"four").unwrap());
        assert!(create(&folder.path().join("b.txt"), b"five").unwrap());
        assert_eq!(names(folder.path()), ["a.txt", "b.txt"]);
    }

    #[test]
    fn errors_give_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        for (path, reason) in [("none/a.txt", "its folder does not exist"), (".", "it is a folder")]
        {
            let error = write_atomically(&folder.path().join(path), b"x").unwrap_err();
            assert!(error.to_string().contains(reason), "{path}: {error}");
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn all_files_are_replaced_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c", "new"].map(|name| folder.path().join(name));
        for path in &paths[..3] {
            fs::write(path, "old").unwrap();
        }
        let files =
            || paths.iter().map(|path| (path.as_path(), &b"changed"[..])).collect::<Vec<_>>();
        // The third name is taken by a folder after everything was prepared.
        let staged = stage(&files()).unwrap();
        fs::remove_file(&paths[2]).unwrap();
        fs::create_dir_all(paths[2].join("x")).unwrap();
        let error = replace_all(staged, Vec::new()).unwrap_err().to_string();
        assert!(error.contains("/c`"), "{error}");
        assert_eq!(fs::read(&paths[0]).unwrap(), b"old");
        assert_eq!(fs::read(&paths[1]).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a", "b", "c"]);
        fs::remove_dir_all(&paths[2]).unwrap();
        write_all(&files()).unwrap();
        assert_eq!(names(folder.path()), ["a", "b", "c", "new"]);
        assert!(paths.iter().all(|path| fs::read(path).unwrap() == b"changed"));
    }

    #[test]
    fn files_are_created_in_new_folders_and_removed_or_nothing_happens() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (old, new, kept) = (path("old"), path("a/b/new"), path("kept"));
        fs::write(&old, "old").unwrap();
        fs::write(&kept, "kept").unwrap();
        let files = [(new.as_path(), &b"new"[..]), (kept.as_path(), b"changed")];
        // A folder cannot be removed as a file, which is found out last.
        fs::create_dir(path("folder")).unwrap();
        let removed = [old.as_path(), &path("folder")];
        assert!(write_and_remove(&files, &removed).is_err());
        assert_eq!(names(folder.path()), ["folder", "kept", "old"]);
        assert_eq!(fs::read(&kept).unwrap(), b"kept");
        write_and_remove(&files, &[&old]).unwrap();
        assert_eq!(names(folder.path()), ["a", "folder", "kept"]);
        assert_eq!(fs::read(&new).unwrap(), b"new");
        assert_eq!(fs::read(&kept).unwrap(), b"changed");
    }

    #[test]
    fn a_file_that_cannot_be_written_keeps_the_others_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let missing = folder.path().join("none/b");
        assert!(write_all(&[(&path, b"new"), (&missing, b"new")]).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link, lost) =
            (folder.path().join("file"), folder.path().join("link"), folder.path().join("lost"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        let (new, plain) = (folder.path().join("new"), folder.path().join("plain"));
        write_atomically(&new, b"x").unwrap();
        fs::write(&plain, "x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&new), mode(&plain), "a new file has the permissions of any other");
        symlink("nowhere", &lost).unwrap();
        assert!(
            write_atomically(&lost, b"x").unwrap_err().to_string().contains("broken symbolic link")
        );
        assert_eq!(names(folder.path()), ["file", "link", "lost", "new", "plain"]);
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_to_directly() {
        write_atomically(Path::new("/dev/null"), b"x").unwrap();
        use std::os::unix::fs::FileTypeExt;
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
