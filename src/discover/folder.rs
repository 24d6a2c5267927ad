//! All files of a folder, visited by several threads: which of them are kept is decided by their names before any is opened.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use super::{Gathering, found, loose, read_into, relative, source};
use crate::error::Error;
use crate::settings::Settings;
use crate::source::{Kind, Skipped, Source};

impl Gathering<'_> {
    pub(super) fn folder(&mut self, root: &Path) -> Result<(), Error> {
        let collected = Mutex::new(Collected::default());
        let settings = self.settings;
        let walker = WalkBuilder::new(root)
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .require_git(false)
            .follow_links(false)
            .threads(self.settings.threads)
            .filter_entry(|entry| entry.depth() == 0 || !is_version_control(entry.file_name()))
            .build_parallel();
        walker.run(|| {
            let mut local =
                Local { all: &collected, mine: Collected::default(), buffer: Vec::new() };
            Box::new(move |entry| {
                match entry {
                    Ok(entry) => visit(&entry, settings, &mut local),
                    Err(error) => local.mine.fail(&error),
                }
                WalkState::Continue
            })
        });
        let mut collected =
            collected.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((path, reason)) = collected.failures.pop() {
            return Err(Error::Unreadable { path, reason });
        }
        self.seen += collected.seen;
        self.skipped.append(&mut collected.skipped);
        for path in collected.ignore_files {
            self.ignores.add(&path);
        }
        self.found.extend(collected.sources);
        Ok(())
    }
}

/// What the threads have found.
#[derive(Default)]
pub struct Collected {
    pub sources: Vec<Source>,
    ignore_files: Vec<PathBuf>,
    seen: usize,
    pub skipped: Vec<Skipped>,
    failures: Vec<(PathBuf, String)>,
}

impl Collected {
    fn fail(&mut self, error: &ignore::Error) {
        match path_of(error) {
            Some(path)
                if error
                    .io_error()
                    .is_some_and(|error| error.kind() == io::ErrorKind::NotFound) =>
            {
                self.skipped.push(Skipped {
                    name: path.display().to_string(),
                    reason: "gone before it was read",
                });
            }
            Some(path) => self.failures.push((
                path,
                error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
            )),
            None => {}
        }
    }
}

/// One thread's share, handed in when the thread ends.
struct Local<'a> {
    all: &'a Mutex<Collected>,
    mine: Collected,
    /// What is read, file after file.
    buffer: Vec<u8>,
}

impl Drop for Local<'_> {
    fn drop(&mut self) {
        found::sort(&mut self.mine.sources);
        let mut all = self.all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.sources.append(&mut self.mine.sources);
        all.ignore_files.append(&mut self.mine.ignore_files);
        all.skipped.append(&mut self.mine.skipped);
        all.failures.append(&mut self.mine.failures);
        all.seen += self.mine.seen;
    }
}

fn visit(entry: &ignore::DirEntry, settings: &Settings, local: &mut Local<'_>) {
    let (working_directory, collected, buffer) =
        (settings.working_directory.as_path(), &mut local.mine, &mut local.buffer);
    let Some(file_type) = entry.file_type() else { return };
    if file_type.is_dir() {
        return;
    }
    let file_name = entry.file_name().to_string_lossy();
    let is_ignore_file = file_name == ".forceignore";
    let hidden = !is_ignore_file && may_be_hidden(entry.path()) && below(entry).any(is_hidden);
    collected.seen += usize::from(!hidden);
    let kind = if hidden { None } else { Kind::of(&file_name) };
    if !file_type.is_file() {
        let reason = if file_type.is_symlink() { "symbolic link" } else { "no regular file" };
        if kind.is_some() || (file_type.is_symlink() && !hidden) {
            collected
                .skipped
                .push(Skipped { name: relative(entry.path(), working_directory), reason });
        }
        return;
    }
    if is_ignore_file {
        collected.ignore_files.push(entry.path().to_owned());
        return;
    }
    let Some(kind) = kind else {
        if Kind::may_be_loose(&file_name)
            && !below(entry).any(|name| name == "node_modules")
            && let Ok(metadata) = entry.metadata()
        {
            loose::keep(entry.path(), working_directory, metadata.len(), collected, buffer);
        }
        return;
    };
    let path = entry.path();
    match read_into(path, buffer) {
        Ok(bytes) => {
            #[cfg(feature = "forced-panic")]
            crate::source::fail_if_asked(
                "in-the-walk",
                &String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()),
            );
            collected.sources.push(source(
                path.to_owned(),
                relative(path, working_directory),
                kind,
                bytes,
                settings.may_skip(kind),
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            collected.skipped.push(Skipped {
                name: relative(path, working_directory),
                reason: "gone before it was read",
            });
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            collected.skipped.push(Skipped {
                name: relative(path, working_directory),
                reason: "no regular file",
            });
        }
        Err(error) => collected.failures.push((path.to_owned(), error.to_string())),
    }
}

/// The names below the root of the walk.
fn below(entry: &ignore::DirEntry) -> impl Iterator<Item = &std::ffi::OsStr> {
    entry.path().iter().rev().take(entry.depth())
}

fn is_version_control(name: &std::ffi::OsStr) -> bool {
    [".git", ".hg", ".svn", ".jj"].iter().any(|known| name == *known)
}

/// The cheap question: whether any name in the path begins with a dot.
fn may_be_hidden(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    memchr::memchr_iter(b'.', path)
        .any(|at| at.checked_sub(1).is_none_or(|before| path.get(before) == Some(&b'/')))
        || cfg!(windows)
}

/// Hidden files are no metadata; `.forceignore` is read for what it says.
fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.') && name != ".forceignore"
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
