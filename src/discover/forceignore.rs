//! `.forceignore` as the Salesforce CLI reads it: only the nearest one above a file counts.
//!
//! The syntax is that of `.gitignore`, case-insensitive and without a special meaning of braces. A file below
//! an ignored folder cannot be included again. Source: `forceIgnore.ts` of source-deploy-retrieve.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::file_system::{FileSystem, Resolved};
use super::{ignore_files, read};

/// The lines that the CLI appends to every file.
const DEFAULTS: &[&str] =
    &["**/*.dup", "**/.*", "**/package2-descriptor.json", "**/package2-manifest.json"];

#[derive(Default)]
pub struct ForceIgnores {
    by_folder: HashMap<PathBuf, Gitignore>,
    /// All files read, and their lines. If there are too many, none of the files is applied.
    files: Vec<PathBuf>,
    lines: usize,
}

impl ForceIgnores {
    /// Reads one `.forceignore`; one that cannot be read ignores nothing. Returns why it is not applied.
    pub fn add(&mut self, file_system: &dyn FileSystem, file: &Resolved) -> Option<&'static str> {
        let Ok(bytes) = read(file_system, file) else { return Some("cannot be read") };
        let Some(bytes) = bytes.ok().filter(|bytes| ignore_files::is_small(bytes)) else {
            return Some(ignore_files::TOO_LARGE);
        };
        self.add_text(&file.path, &String::from_utf8_lossy(&bytes));
        None
    }

    fn add_text(&mut self, path: &Path, text: &str) {
        let Some(folder) = path.parent() else { return };
        self.files.push(path.to_owned());
        self.lines += text.lines().count();
        if self.are_too_many() {
            self.by_folder.clear();
            return;
        }
        let mut builder = GitignoreBuilder::new(folder);
        if builder.case_insensitive(true).is_err() {
            return;
        }
        for line in text.lines().chain(DEFAULTS.iter().copied()) {
            let line = line.replace('\\', "/").replace('{', "\\{").replace('}', "\\}");
            // An invalid line ignores nothing, as in the CLI.
            let _ = builder.add_line(None, &line);
        }
        if let Ok(built) = builder.build() {
            self.by_folder.insert(folder.to_owned(), built);
        }
    }

    fn are_too_many(&self) -> bool {
        self.lines * ignore_files::PATTERN_WEIGHT > ignore_files::MAX_WEIGHT
    }

    /// The files that are not applied because all together have too many lines.
    pub fn not_applied(&self) -> &[PathBuf] {
        if self.are_too_many() { &self.files } else { &[] }
    }

    /// [`ForceIgnores::ignore`] for a component in either format: a line for `X.eca-meta.xml` (source format) also
    /// applies to `X.eca` (Metadata API format).
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

    /// Whether the nearest `.forceignore` above a file ignores it.
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

    fn ignores(files: &[(&str, &str)]) -> ForceIgnores {
        let mut ignores = ForceIgnores::default();
        files.iter().for_each(|(path, text)| ignores.add_text(Path::new(path), text));
        ignores
    }

    #[test]
    fn only_the_nearest_file_counts() {
        let ignores = ignores(&[
            ("/p/.forceignore", "**/certs/**\n!**/certs/keep.crt\n"),
            ("/p/inner/.forceignore", "*.eca\n"),
        ]);
        assert!(ignores.ignore(Path::new("/p/a/certs/x.crt")));
        assert!(ignores.ignore(Path::new("/p/a/CERTS/x.crt")));
        assert!(!ignores.ignore(Path::new("/p/a/x.crt")));
        assert!(!ignores.ignore(Path::new("/p/inner/certs/x.crt")));
        assert!(ignores.ignore(Path::new("/p/inner/x.eca")));
    }

    #[test]
    fn many_lines_in_many_files_are_not_applied() {
        let few = ignores(&[("/p/.forceignore", "*.eca\n"), ("/p/q/.forceignore", "*.eca\n")]);
        assert!(few.ignore(Path::new("/p/x.eca")) && few.not_applied().is_empty());
        let text = "*.eca\n".repeat(3_000);
        let many = ignores(&[("/p/.forceignore", &text), ("/p/q/.forceignore", &text)]);
        assert!(!many.ignore(Path::new("/p/x.eca")));
        assert_eq!(many.not_applied().len(), 2);
    }

    #[test]
    fn a_line_for_source_format_applies_to_the_component() {
        let ignores = ignores(&[("/p/.forceignore", "**/*.ecaGlblOauth-meta.xml\n")]);
        assert!(!ignores.ignore(Path::new("/p/a/x.ecaGlblOauth")));
        assert!(ignores.ignore_metadata(Path::new("/p/a/x.ecaGlblOauth")));
        assert!(ignores.ignore_metadata(Path::new("/p/a/x.ecaGlblOauth-meta.xml")));
        assert!(!ignores.ignore_metadata(Path::new("/p/a/x.eca")));
    }
}
