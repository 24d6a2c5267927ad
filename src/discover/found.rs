//! The files read so far, each path once.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use crate::source::Source;

/// What a folder holds comes all at once, and may be very much: its paths are only put into the index when somebody asks for one.
#[derive(Default)]
pub(super) struct Found {
    sources: Vec<Source>,
    /// Where in `sources` a path stands, for as many of them as the index holds.
    index: HashMap<OsString, usize>,
}

impl Found {
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    pub fn contains(&mut self, path: &Path) -> bool {
        self.place(path).is_some()
    }

    /// A file that takes the place of what was read from the same path.
    pub fn insert(&mut self, source: Source) {
        match self.place(&source.path).and_then(|place| self.sources.get_mut(place)) {
            Some(known) => *known = source,
            None => self.sources.push(source),
        }
    }

    /// Files of different paths; of those that are there already nothing changes.
    pub fn extend(&mut self, mut sources: Vec<Source>) {
        if !self.sources.is_empty() {
            sources.retain(|source| !self.contains(&source.path));
        }
        self.sources.append(&mut sources);
    }

    /// In the order of their names.
    pub fn into_sorted(mut self) -> Vec<Source> {
        sort(&mut self.sources);
        self.sources
    }

    fn place(&mut self, path: &Path) -> Option<usize> {
        let missing = self.sources.iter().enumerate().skip(self.index.len());
        self.index
            .extend(missing.map(|(place, source)| (source.path.clone().into_os_string(), place)));
        self.index.get(path.as_os_str()).copied()
    }
}

/// By name. Sorted parts of a list stay together, so to sort the whole of it takes little longer than to look at it.
pub(super) fn sort(sources: &mut [Source]) {
    sources.sort_by(|left, right| left.name.cmp(&right.name));
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
    fn every_path_is_kept_once() {
        let mut found = Found::default();
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
