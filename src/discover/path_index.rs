//! The files found so far, each path once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

use crate::source::{Content, Kind, Skipped, Source};

#[derive(Default)]
pub(super) struct PathIndex {
    by_path: HashMap<PathBuf, Source>,
}

impl PathIndex {
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.by_path.values()
    }

    pub fn contains(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// Adds a file, or replaces the file with the same path.
    pub fn insert(&mut self, source: Source) {
        self.by_path.insert(source.path.clone(), source);
    }

    /// Adds files, except those whose path is already known.
    pub fn extend(&mut self, sources: Vec<Source>) {
        self.by_path.reserve(sources.len());
        for source in sources {
            if let Entry::Vacant(vacant) = self.by_path.entry(source.path.clone()) {
                vacant.insert(source);
            }
        }
    }

    /// The files that could not be read, and that no finding is about.
    pub fn not_read(&self) -> impl Iterator<Item = Skipped> {
        let unreadable = self.by_path.values().filter(|source| {
            matches!(source.content, Content::Unreadable(_))
                && matches!(source.kind, Kind::Export | Kind::Manifest | Kind::Toml)
        });
        unreadable.map(|source| Skipped { name: source.name.clone(), reason: "cannot be read" })
    }

    /// In the order of names.
    pub fn into_sorted(self) -> Vec<Source> {
        let mut sources: Vec<Source> = self.by_path.into_values().collect();
        sources.par_sort_unstable_by(|left, right| {
            left.name.cmp(&right.name).then_with(|| left.path.cmp(&right.path))
        });
        sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Content, Encoding, Kind};

    fn source(name: &str, text: &str) -> Source {
        let encoding = Encoding::Utf8 { byte_order_mark: false };
        Source {
            path: Path::new("/project").join(name),
            name: name.to_owned(),
            kind: Kind::SecretCandidate,
            content: Content::Text(text.to_owned()),
            encoding,
            ignored: false,
        }
    }

    #[test]
    fn each_path_is_kept_once() {
        let mut found = PathIndex::default();
        found.extend(vec![source("b", "walked"), source("a", "walked")]);
        assert!(
            found.contains(Path::new("/project/a")) && !found.contains(Path::new("/project/c"))
        );
        found.extend(vec![source("c", "walked"), source("a", "again")]);
        found.insert(source("b", "given"));
        found.insert(source("0", "given"));
        let kept: Vec<String> = found
            .into_sorted()
            .iter()
            .map(|source| format!("{} {}", source.name, source.text()))
            .collect();
        assert_eq!(kept, ["0 given", "a walked", "b given", "c walked"]);
    }
}
