//! Files that a command changes, creates or removes, as a patch or on the disk.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::atomic_write;
use crate::discover::{self, Disk};
use crate::error::{Error, WriteError};
use crate::mask::Notation;
use crate::report::{self, Pair, Patch, Style, Version};
use crate::source::{Source, decode_any, encode};

/// One file.
pub(super) struct FileChange {
    /// As shown.
    pub name: String,
    /// As it was found, for the patch.
    path: PathBuf,
    /// Without symbolic links.
    target: PathBuf,
    notation: Notation,
    before: Option<Content>,
    after: Option<Content>,
}

struct Content {
    text: String,
    bytes: Vec<u8>,
    concealed: Vec<Range<usize>>,
}

/// A text, and the parts of it that hold secrets.
pub(super) type Concealed<'a> = (&'a str, Vec<Range<usize>>);

impl FileChange {
    /// A file with a new text. `old` is the text that was read.
    ///
    /// # Errors
    /// If the file changed after it was read, or cannot be written exactly.
    pub fn replaced(
        disk: &Disk,
        source: &Source,
        old: Concealed<'_>,
        new: Concealed<'_>,
    ) -> Result<FileChange, Error> {
        let changed_on_disk = || Error::from(WriteError::ChangedOnDisk(source.path.clone()));
        let unwritable = |reason: &str| Error::unwritable(&source.path, reason);
        let (target, before) = discover::reload(disk, &source.path)?;
        let (text, encoding) = decode_any(before.clone()).map_err(|_| changed_on_disk())?;
        if text != old.0 {
            return Err(changed_on_disk());
        }
        if encode(&text, encoding).as_ref() != Some(&before) {
            return Err(unwritable("its encoding cannot be restored exactly"));
        }
        let after = encode(new.0, encoding)
            .ok_or_else(|| unwritable("its encoding cannot represent a character of the fix"))?;
        Ok(FileChange {
            name: source.name.clone(),
            path: source.path.clone(),
            target,
            notation: source.kind.into(),
            before: Some(Content { text, bytes: before, concealed: old.1 }),
            after: Some(Content { text: new.0.to_owned(), bytes: after, concealed: new.1 }),
        })
    }

    /// A new file in UTF-8, which contains no secret.
    pub fn created(name: String, path: PathBuf, text: String) -> FileChange {
        let bytes = text.clone().into_bytes();
        FileChange {
            name,
            target: path.clone(),
            path,
            notation: Notation::Xml,
            before: None,
            after: Some(Content { text, bytes, concealed: Vec::new() }),
        }
    }

    /// A file to remove.
    ///
    /// # Errors
    /// If the file changed after it was read.
    pub fn removed(
        disk: &Disk,
        source: &Source,
        concealed: Vec<Range<usize>>,
    ) -> Result<FileChange, Error> {
        let text = source.text();
        let change = FileChange::replaced(disk, source, (text, concealed), (text, Vec::new()))?;
        Ok(FileChange { after: None, ..change })
    }

    /// The patch for `git apply` in this folder.
    fn patch(&self, folder: &Path, style: Style) -> Patch {
        report::patch(
            &Pair {
                name: name_in_patch(&self.path, folder),
                before: self.before.as_ref().map(|content| content.version(self.notation)),
                after: self.after.as_ref().map(|content| content.version(self.notation)),
            },
            style,
        )
    }
}

impl Content {
    fn version(&self, notation: Notation) -> Version<'_> {
        Version {
            text: &self.text,
            bytes: &self.bytes,
            concealed: self.concealed.clone(),
            notation,
        }
    }
}

/// Each file once, sorted by name.
///
/// # Errors
/// Two different changes of one file, which two paths lead to.
pub(super) fn distinct(changes: Vec<FileChange>) -> Result<Vec<FileChange>, Error> {
    let mut files: BTreeMap<PathBuf, FileChange> = BTreeMap::new();
    let bytes = |change: &FileChange| change.after.as_ref().map(|after| after.bytes.clone());
    for change in changes {
        if files.get(&change.target).is_some_and(|other| bytes(other) != bytes(&change)) {
            return Err(Error::unwritable(
                &change.path,
                "two of the given paths lead to this file, with different changes; pass only one of them",
            ));
        }
        files.entry(change.target.clone()).or_insert(change);
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

/// The patch of all files, and the names of those that it cannot contain, with the reason.
pub(super) fn patches(
    changes: &[FileChange],
    folder: &Path,
    style: Style,
) -> (Vec<u8>, Vec<(String, &'static str)>) {
    let (mut patch, mut missing) = (Vec::new(), Vec::new());
    for change in changes {
        match change.patch(folder, style) {
            Ok(part) => patch.extend(part),
            Err(reason) => missing.push((change.name.clone(), reason)),
        }
    }
    (patch, missing)
}

/// Writes, creates and removes all files, or changes nothing.
pub(super) fn write(changes: &[FileChange]) -> Result<(), Error> {
    let mut written: Vec<(&Path, &[u8])> = Vec::new();
    let mut removed: Vec<&Path> = Vec::new();
    for change in changes {
        match &change.after {
            Some(after) => written.push((&change.target, &after.bytes)),
            None => removed.push(&change.target),
        }
    }
    atomic_write::write_and_remove(&written, &removed)
}

/// The path relative to a folder, with `/`; `/` if it is outside of the folder.
fn name_in_patch(path: &Path, folder: &Path) -> Vec<u8> {
    let Ok(inside) = path.strip_prefix(folder) else { return b"/".to_vec() };
    let names: Vec<&[u8]> = inside.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    names.join(&b'/')
}
