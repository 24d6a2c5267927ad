//! Atomic writes. The only module that writes to the disk: a file is replaced completely, or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::Error;

/// Writes a file, or replaces it in one step. Its permissions are kept. A symbolic link is kept as well: the file that
/// it leads to is replaced. Pipes and devices, such as `/dev/stdout`, are written to directly.
///
/// # Errors
/// [`Error::Write`]; the old file is then unchanged, and no other file is left behind.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    writable(path)?;
    replace(path, bytes).map_err(|error| Error::unwritable(path, error))
}

/// Creates a file; returns `false` if a file with this name exists, which is then unchanged.
///
/// # Errors
/// [`Error::Write`]; no file is left behind.
pub fn create(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let written = temporary_file(path, Mode::Default).and_then(|file| fill(file, bytes));
    match written.map(|file| file.persist_noclobber(path)) {
        Ok(Ok(_)) => Ok(true),
        Ok(Err(error)) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Ok(Err(error)) => Err(Error::unwritable(path, error.error)),
        Err(error) => Err(Error::unwritable(path, error)),
    }
}

/// Appends to a file, or creates it.
///
/// # Errors
/// [`Error::Write`].
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), Error> {
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

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    let is_special = old.as_ref().is_some_and(|old| !old.is_file())
        || path.starts_with("/dev")
        || path.starts_with("/proc");
    if is_special {
        return OpenOptions::new().append(true).open(path)?.write_all(bytes);
    }
    match old {
        None => fill(temporary_file(path, Mode::Default)?, bytes)?.persist(path)?,
        Some(old) => {
            let target = fs::canonicalize(path)?;
            let file = fill(temporary_file(&target, Mode::Private)?, bytes)?;
            file.as_file().set_permissions(old.permissions())?;
            file.persist(target)?
        }
    };
    Ok(())
}

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
    builder.prefix(".sfcred-");
    #[cfg(unix)]
    if mode == Mode::Default {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = mode;
    // The error would name the temporary file.
    builder.tempfile_in(folder(target)).map_err(|error| error.kind().into())
}

fn fill(mut file: NamedTempFile, bytes: &[u8]) -> io::Result<NamedTempFile> {
    file.as_file_mut().write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
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
