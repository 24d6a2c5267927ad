//! `.gitignore` files, as git reads them: those of the repository, or without one those below the given path. A file
//! above them may not belong to the project.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

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
}

impl<F: IgnoreFiles> GitIgnores<F> {
    /// For what is below `root`.
    pub fn new(files: F, root: &Path) -> Self {
        let repository = root.ancestors().find(|folder| files.is_repository(folder));
        let top = repository.unwrap_or(root).to_owned();
        GitIgnores { files, top, chains: RwLock::default() }
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
        if is_repository {
            above = link(folder, self.files.excludes(folder), above);
        }
        let chain = link(folder, self.files.patterns(folder), above);
        let mut known = self.chains.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(folder.into(), chain.clone());
        chain
    }
}

fn link(folder: &Path, text: Option<Vec<u8>>, above: Option<Arc<Chain>>) -> Option<Arc<Chain>> {
    let Some(text) = text else { return above };
    let mut builder = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').lines() {
        // An invalid line ignores nothing.
        let _ = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(patterns) if !patterns.is_empty() => Some(Arc::new(Chain { patterns, above })),
        _ => above,
    }
}
