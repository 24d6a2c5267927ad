//! The only room that writes to the disk: a file is whole afterwards, or as it was before.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Error;

/// Writes a whole file: beside the old one first, which is then replaced in one step. The old one's permissions stay, and a symbolic link
/// stays one: what it leads to is replaced. Pipes and devices, such as `/dev/stdout`, are written to as they are.
///
/// # Errors
/// [`Error::Unwritable`]; the old file is then untouched, and nothing is left beside it.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    writable(path)?;
    replace(path, bytes).map_err(|error| unwritable(path, &error))
}

/// Makes a file; `false` where something of that name is there already, which then stays as it is.
///
/// # Errors
/// [`Error::Unwritable`]; nothing is left behind then.
pub fn create(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(unwritable(path, &error)),
    };
    if let Err(error) = file.write_all(bytes) {
        // Half a file would stand in the way of the next try.
        let _ = fs::remove_file(path);
        return Err(unwritable(path, &error));
    }
    Ok(true)
}

/// Adds to the end of a file, which need not be there yet.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let append = || OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes);
    append().map_err(|error| unwritable(path, &error))
}

/// Looks whether a file could be written, as far as that can be told without writing: told early, it spares a long run for nothing.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn writable(path: &Path) -> Result<(), Error> {
    let refused =
        |reason: &str| Err(Error::Unwritable { path: path.to_owned(), reason: reason.to_owned() });
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refused("it is a folder"),
        Ok(metadata) if metadata.is_file() => OpenOptions::new()
            .append(true)
            .open(path)
            .map(drop)
            .map_err(|error| unwritable(path, &error)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        Err(_) if path.symlink_metadata().is_ok() => {
            refused("it is a symbolic link that leads nowhere")
        }
        Err(_) if path.file_name().is_none() => refused("it names no file"),
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
    let target = if old.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let (mut file, draft) = Draft::beside(&target)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        file.set_permissions(old.permissions())?;
    }
    drop(file);
    fs::rename(&draft.0, &target)
}

/// The new file until it has its place. Dropped before, it is taken away; afterwards there is nothing left under its name.
struct Draft(PathBuf);

impl Draft {
    fn beside(target: &Path) -> io::Result<(File, Draft)> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let mut name = OsString::from(".");
            name.push(target.file_name().unwrap_or_default());
            name.push(format!(
                ".sfcred-{}-{}",
                std::process::id(),
                NUMBER.fetch_add(1, Ordering::Relaxed)
            ));
            let path = folder(target).join(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, Draft(path))),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone where it took its place.
        let _ = fs::remove_file(&self.0);
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::Unwritable { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of what is in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_made_and_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        append(&path, b", three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two, three");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn what_cannot_be_written_is_said_with_its_reason() {
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
    fn permissions_stay_and_a_link_stays_a_link() {
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
        symlink("nowhere", &lost).unwrap();
        assert!(write_atomically(&lost, b"x").unwrap_err().to_string().contains("leads nowhere"));
        assert_eq!(names(folder.path()), ["file", "link", "lost"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_as_it_is() {
        write_atomically(Path::new("/dev/null"), b"x").unwrap();
        use std::os::unix::fs::FileTypeExt;
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
