//! `.forceignore` as the Salesforce CLI reads it: the nearest one upward counts, and only that one.
//!
//! The syntax is that of `.gitignore`, compared without regard to case; braces have no special meaning; what lies below
//! an ignored folder cannot be taken back in. Source: `forceIgnore.ts` of source-deploy-retrieve.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::read;

/// The lines that the CLI adds after everybody's own.
const DEFAULTS: &[&str] =
    &["**/*.dup", "**/.*", "**/package2-descriptor.json", "**/package2-manifest.json"];

#[derive(Default)]
pub struct ForceIgnores {
    by_folder: HashMap<PathBuf, Gitignore>,
}

impl ForceIgnores {
    /// Reads one file; a file that cannot be read ignores nothing.
    pub fn add(&mut self, path: &Path) {
        if let Ok(Ok(bytes)) = read(path)
            && let Ok(text) = String::from_utf8(bytes)
        {
            self.add_text(path, &text);
        }
    }

    /// Takes a file's text by the path of the file.
    pub fn add_text(&mut self, path: &Path, text: &str) {
        let Some(folder) = path.parent() else { return };
        let mut builder = GitignoreBuilder::new(folder);
        if builder.case_insensitive(true).is_err() {
            return;
        }
        for line in text.lines().chain(DEFAULTS.iter().copied()) {
            let line = line.replace('\\', "/").replace('{', "\\{").replace('}', "\\}");
            // A line that is no pattern ignores nothing, as in the CLI.
            let _ = builder.add_line(None, &line);
        }
        if let Ok(built) = builder.build() {
            self.by_folder.insert(folder.to_owned(), built);
        }
    }

    /// As [`ForceIgnores::ignore`], and takes a line that is written for source format as meant for the same component
    /// in the format of the Metadata API: `X.eca-meta.xml` there is `X.eca` here.
    pub fn ignore_metadata(&self, path: &Path) -> bool {
        let source_format = || {
            path.file_name()
                .and_then(|name| name.to_str())
                .filter(|name| !name.ends_with("-meta.xml"))
                .map(|name| path.with_file_name(format!("{name}-meta.xml")))
        };
        self.ignore(path)
            || (!self.by_folder.is_empty()
                && source_format().is_some_and(|path| self.ignore(&path)))
    }

    /// Whether the nearest `.forceignore` above a file names it.
    pub fn ignore(&self, path: &Path) -> bool {
        if self.by_folder.is_empty() {
            return false;
        }
        let nearest = path
            .ancestors()
            .skip(1)
            .find_map(|folder| self.by_folder.get(folder).map(|patterns| (folder, patterns)));
        let Some((folder, patterns)) = nearest else { return false };
        let Ok(inside) = path.strip_prefix(folder) else { return false };
        let mut current = PathBuf::new();
        let count = inside.components().count();
        inside.components().enumerate().any(|(index, component)| {
            current.push(component);
            patterns.matched(&current, index + 1 < count).is_ignore()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_decides() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(folder.path().join(".forceignore"), "**/certs/**\n!**/certs/keep.crt\n")
            .unwrap();
        std::fs::write(inner.join(".forceignore"), "*.eca\n").unwrap();
        let mut ignores = ForceIgnores::default();
        ignores.add(&folder.path().join(".forceignore"));
        ignores.add(&inner.join(".forceignore"));
        assert!(ignores.ignore(&folder.path().join("a/certs/x.crt")));
        assert!(ignores.ignore(&folder.path().join("a/CERTS/x.crt")));
        assert!(!ignores.ignore(&folder.path().join("a/x.crt")));
        assert!(!ignores.ignore(&inner.join("certs/x.crt")));
        assert!(ignores.ignore(&inner.join("x.eca")));
    }

    #[test]
    fn a_line_for_source_format_means_the_component() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".forceignore"), "**/*.ecaGlblOauth-meta.xml\n").unwrap();
        let mut ignores = ForceIgnores::default();
        ignores.add(&folder.path().join(".forceignore"));
        assert!(!ignores.ignore(&folder.path().join("a/x.ecaGlblOauth")));
        assert!(ignores.ignore_metadata(&folder.path().join("a/x.ecaGlblOauth")));
        assert!(ignores.ignore_metadata(&folder.path().join("a/x.ecaGlblOauth-meta.xml")));
        assert!(!ignores.ignore_metadata(&folder.path().join("a/x.eca")));
    }
}
