//! The relevant files of a folder, read by several threads.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::file_system::{
    Entry, FileSystem, FileType, Found, Ignored, OpenFile, Resolved, VisitError,
};
use super::read::{read_into, source};
use super::{
    DELETED, Discovery, IGNORE_FILE, NOT_REGULAR, TOO_LONG, governs, ignore_files, prefilter,
    secret_candidate,
};
use crate::error::Error;
use crate::options::Options;
use crate::source::{Kind, Skipped, Source, relative};

impl Discovery<'_> {
    /// Reads the relevant files below a folder, and notes what ignore files leave out.
    pub(super) fn folder(&mut self, root: &Resolved, ignored: Ignored) -> Result<(), Error> {
        let all = Mutex::new(FolderContents::default());
        let are_few = self.file_system.visit(root, ignored, self.options.threads, &|| {
            let mut worker = self.worker(&all);
            Box::new(move |found| match found {
                Found::Entry(entry) => worker.visit(&entry),
                Found::LeftOut { path, is_folder } => worker.leave_out(path, is_folder),
                Found::Failed(error) => worker.contents.fail(error),
            })
        });
        if !are_few && ignored == Ignored::LeaveOut {
            let name = self.name(&root.path.join(".gitignore"));
            self.skipped.push(Skipped { name, reason: ignore_files::TOO_MANY_OF_GIT });
            return self.folder(root, Ignored::Visit);
        }
        self.take(all)
    }

    /// Reads single files below a folder if they are relevant.
    pub(super) fn files(&mut self, root: &Path, paths: &[PathBuf]) -> Result<(), Error> {
        let all = Mutex::new(FolderContents::default());
        let mut worker = self.worker(&all);
        for path in paths {
            let depth = path.components().count() - root.components().count();
            worker.visit(&Entry { path, depth, file_type: FileType::File });
        }
        drop(worker);
        self.take(all)
    }

    fn worker<'w>(&'w self, all: &'w Mutex<FolderContents>) -> Worker<'w> {
        Worker {
            file_system: self.file_system,
            options: self.options,
            all,
            contents: FolderContents::default(),
            buffer: Vec::new(),
        }
    }

    fn take(&mut self, all: Mutex<FolderContents>) -> Result<(), Error> {
        let mut contents = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        // The same one, whichever thread came first.
        if let Some((path, reason)) = contents.failures.into_iter().min() {
            return Err(Error::unreadable(path, reason));
        }
        self.seen += contents.seen;
        self.skipped.append(&mut contents.skipped);
        self.left_out.extend(contents.left_out);
        self.found.extend(contents.sources);
        // In order, so that an error is the same on any number of threads.
        contents.governing.sort();
        for path in contents.governing {
            self.governing(&path)?;
        }
        Ok(())
    }
}

/// What was found in a folder.
#[derive(Default)]
pub struct FolderContents {
    pub sources: Vec<Source>,
    /// `.forceignore` files, and links with the name of a file that governs a folder.
    governing: Vec<PathBuf>,
    seen: usize,
    pub skipped: Vec<Skipped>,
    failures: Vec<(PathBuf, String)>,
    left_out: BTreeMap<PathBuf, bool>,
}

impl FolderContents {
    fn fail(&mut self, error: VisitError) {
        match error.skipped {
            Some(reason) => {
                let name = error.path.display().to_string();
                self.skipped.push(Skipped { name, reason });
            }
            None => self.failures.push((error.path, error.reason)),
        }
    }
}

/// The state of one thread.
struct Worker<'a> {
    file_system: &'a dyn FileSystem,
    options: &'a Options,
    all: &'a Mutex<FolderContents>,
    contents: FolderContents,
    buffer: Vec<u8>,
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.sources.append(&mut self.contents.sources);
        all.governing.append(&mut self.contents.governing);
        all.skipped.append(&mut self.contents.skipped);
        all.failures.append(&mut self.contents.failures);
        all.left_out.append(&mut self.contents.left_out);
        all.seen += self.contents.seen;
    }
}

impl Worker<'_> {
    fn name(&self, path: &Path) -> String {
        relative(path, &self.options.working_directory)
    }

    fn skip(&mut self, path: &Path, reason: &'static str) {
        let name = self.name(path);
        self.contents.skipped.push(Skipped { name, reason });
    }

    /// Notes what an ignore file leaves out, if it could matter.
    fn leave_out(&mut self, path: &Path, is_folder: bool) {
        let name = path.file_name().unwrap_or_default();
        let matters = if is_folder {
            !is_hidden(name) && name != "node_modules"
        } else {
            let name = name.to_string_lossy();
            Kind::from_file_name(&name).is_some() || Kind::may_be_secret(&name)
        };
        if matters {
            self.contents.left_out.insert(path.to_owned(), is_folder);
        }
    }

    fn visit(&mut self, entry: &Entry<'_>) {
        let file_name = entry.path.file_name().unwrap_or_default().to_string_lossy();
        let is_ignore_file = file_name == IGNORE_FILE;
        let hidden = !is_ignore_file && names_below(entry).any(is_hidden);
        self.contents.seen += usize::from(!hidden);
        let kind = if hidden { None } else { Kind::from_file_name(&file_name) };
        match entry.file_type {
            FileType::File if hidden && is_credential(&file_name) => {
                self.skip(entry.path, HIDDEN);
            }
            FileType::File if Kind::is_misspelled(&file_name) => {
                self.skip(entry.path, MISSPELLED);
            }
            FileType::File => {}
            FileType::Symlink if !hidden && governs(&file_name) => {
                return self.contents.governing.push(entry.path.to_owned());
            }
            FileType::Symlink if kind.is_some() || !hidden => {
                return self.skip(entry.path, "symbolic link");
            }
            FileType::Device | FileType::Other if kind.is_some() => {
                return self.skip(entry.path, NOT_REGULAR);
            }
            FileType::Folder | FileType::Symlink | FileType::Device | FileType::Other => return,
        }
        if is_ignore_file {
            self.contents.governing.push(entry.path.to_owned());
        } else if let Some(kind) = kind {
            self.read(entry, kind);
        } else if Kind::may_be_secret(&file_name)
            && !names_below(entry).any(|name| name == "node_modules")
        {
            keep_secret_candidate(
                self.file_system.open_entry(entry),
                entry.path,
                self.name(entry.path),
                &mut self.contents,
                &mut self.buffer,
            );
        }
    }

    fn read(&mut self, entry: &Entry<'_>, kind: Kind) {
        let path = entry.path;
        let read =
            self.file_system.open_entry(entry).and_then(|file| read_into(file, &mut self.buffer));
        match read {
            Ok(bytes) => {
                #[cfg(feature = "forced-panic")]
                crate::source::fail_if_asked(
                    "in-discovery",
                    &String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()),
                );
                let name = relative(path, &self.options.working_directory);
                let prefiltered = prefilter::applies_to(kind, self.options);
                self.contents.sources.push(source(path.to_owned(), name, kind, bytes, prefiltered));
            }
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => self.skip(path, DELETED),
                io::ErrorKind::InvalidInput => self.skip(path, NOT_REGULAR),
                io::ErrorKind::InvalidFilename => {
                    let name = self.name(path);
                    let reason = Err(TOO_LONG.to_owned());
                    self.contents.sources.push(source(path.to_owned(), name, kind, reason, false));
                }
                _ => self.contents.failures.push((path.to_owned(), error.to_string())),
            },
        }
    }
}

fn names_below<'a>(entry: &Entry<'a>) -> impl Iterator<Item = &'a OsStr> + use<'a> {
    entry.path.iter().rev().take(entry.depth)
}

/// The reason for skipping metadata in a hidden folder.
const HIDDEN: &str = "in a hidden folder, which is not deployed";
/// The reason for skipping a file whose name differs from that of metadata.
const MISSPELLED: &str = "the letters of its suffix are not in the case that Salesforce expects";

/// Whether a file is credential metadata, which people expect to be checked.
fn is_credential(file_name: &str) -> bool {
    Kind::from_file_name(file_name).is_some_and(Kind::is_xml)
}

/// Hidden files are not metadata.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// Keeps a file if it may contain a secret.
pub fn keep_secret_candidate(
    file: io::Result<OpenFile<'_>>,
    path: &Path,
    name: String,
    contents: &mut FolderContents,
    buffer: &mut Vec<u8>,
) {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let (limit, is_worth_mentioning) = secret_candidate::limit(&file_name);
    let length = file.as_ref().map_or(secret_candidate::MIN_BYTES, |file| file.metadata.length);
    if length > limit {
        if is_worth_mentioning {
            contents.skipped.push(Skipped { name, reason: "too large to search for secrets" });
        }
        return;
    }
    if length < secret_candidate::MIN_BYTES {
        return;
    }
    match file.and_then(|file| read_into(file, buffer)) {
        Ok(Ok(bytes)) if secret_candidate::may_hold_secret(&file_name, bytes) => {
            contents.sources.push(source(
                path.to_owned(),
                name,
                Kind::SecretCandidate,
                Ok(bytes),
                false,
            ));
        }
        Ok(_) => {}
        Err(_) => contents.skipped.push(Skipped { name, reason: "cannot be read" }),
    }
}
