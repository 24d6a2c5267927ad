//! `.gitignore` files, as git reads them: those of the repository, or without one those below the given path. A file
//! above them may not belong to the project.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::ignore_files;

/// Reads what decides about a folder.
pub trait IgnoreFiles {
    /// The text of the `.gitignore` in a folder, if it is a regular file.
    fn patterns(&self, folder: &Path) -> Option<Vec<u8>>;

    /// The text of `.git/info/exclude` of a folder.
    fn excludes(&self, folder: &Path) -> Option<Vec<u8>>;

    /// Whether a folder is the top of a repository. Patterns above do not apply to it.
    fn is_repository(&self, folder: &Path) -> bool;
}

/// The patterns of a folder, then those above it.
struct Chain {
    patterns: Gitignore,
    above: Option<Arc<Chain>>,
}

/// Decides which paths below a folder are ignored.
pub struct GitIgnores<F> {
    files: F,
    /// No file above this folder is read.
    top: PathBuf,
    /// By the folder, as it is written: that is hashed faster than the components of a path.
    chains: RwLock<HashMap<OsString, Option<Arc<Chain>>>>,
    /// The weight of all lines read so far.
    weight: AtomicUsize,
}

impl<F: IgnoreFiles> GitIgnores<F> {
    /// For what is below `root`.
    pub fn new(files: F, root: &Path) -> Self {
        let repository = root.ancestors().find(|folder| files.is_repository(folder));
        let top = repository.unwrap_or(root).to_owned();
        GitIgnores { files, top, chains: RwLock::default(), weight: AtomicUsize::new(0) }
    }

    /// Whether the nearest pattern that matches a path ignores it. Callers do not ask about paths below an ignored folder.
    pub fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        let mut chain = path.parent().and_then(|folder| self.chain(folder));
        while let Some(patterns) = chain {
            let matched = patterns.patterns.matched(path, is_folder);
            if !matched.is_none() {
                return matched.is_ignore();
            }
            chain = patterns.above.clone();
        }
        false
    }

    /// Whether all files together are over the limits. What they ignore is then not complete.
    pub fn are_too_many(&self) -> bool {
        self.weight.load(Ordering::Relaxed) > ignore_files::MAX_WEIGHT
    }

    fn chain(&self, folder: &Path) -> Option<Arc<Chain>> {
        let known = self.chains.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(chain) = known.get(folder.as_os_str()) {
            return chain.clone();
        }
        drop(known);
        let is_repository = self.files.is_repository(folder);
        let mut above = match folder.parent() {
            Some(parent) if folder != self.top && !is_repository => self.chain(parent),
            _ => None,
        };
        let excludes = is_repository.then(|| self.files.excludes(folder)).flatten();
        let texts = [excludes, self.files.patterns(folder)];
        let mut weight = 0;
        for text in texts.iter().flatten() {
            weight += ignore_files::weight(text);
            if !self.are_too_many() {
                above = link(folder, text, above);
            }
        }
        let mut known = self.chains.write().unwrap_or_else(PoisonError::into_inner);
        // Several threads can come here for the same folder, which counts once.
        if known.insert(folder.into(), above.clone()).is_none() {
            self.weight.fetch_add(weight, Ordering::Relaxed);
        }
        above
    }
}

fn link(folder: &Path, text: &[u8], above: Option<Arc<Chain>>) -> Option<Arc<Chain>> {
    let mut builder = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(text).trim_start_matches('\u{feff}').lines() {
        // An invalid line ignores nothing.
        let _ = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(patterns) if !patterns.is_empty() => Some(Arc::new(Chain { patterns, above })),
        _ => above,
    }
}
