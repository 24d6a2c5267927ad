//! What differs between an earlier pull and this one.

use std::collections::{BTreeMap, BTreeSet};

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Added(String),
    Removed(String),
    /// With the lines that are only in the old file, and those that are only in the new one, if it is the description.
    Changed(String, Vec<String>, Vec<String>),
}

/// Compares two folders of files.
pub fn differences(
    old: &BTreeMap<String, Vec<u8>>,
    new: &BTreeMap<String, Vec<u8>>,
) -> Vec<Difference> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (old.get(name), new.get(name)) {
            (None, Some(_)) => Some(Difference::Added(name.clone())),
            (Some(_), None) => Some(Difference::Removed(name.clone())),
            (Some(old), Some(new)) if old != new => {
                let (removed, added) = match name.ends_with(".yaml") {
                    true => lines(old, new),
                    false => Default::default(),
                };
                Some(Difference::Changed(name.clone(), removed, added))
            }
            (Some(_) | None, Some(_) | None) => None,
        })
        .collect()
}

/// The lines that only one of two texts has.
fn lines(old: &[u8], new: &[u8]) -> (Vec<String>, Vec<String>) {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let only = |text: &str, other: &str| -> Vec<String> {
        let known: BTreeSet<&str> = other.lines().collect();
        text.lines()
            .filter(|line| !known.contains(line))
            .map(|line| line.trim().to_owned())
            .collect()
    };
    (only(&old, &new), only(&new, &old))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_lines_are_compared() {
        let files = |all: &[(&str, &str)]| {
            all.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let old = files(&[("a", "1"), ("b", "1"), ("sfcred.yaml", "x:\n  old\n"), ("z", "1")]);
        let new = files(&[("a", "1"), ("b", "2"), ("c", "1"), ("sfcred.yaml", "x:\n  new\n")]);
        assert_eq!(
            differences(&old, &new),
            [
                Difference::Changed("b".into(), vec![], vec![]),
                Difference::Added("c".into()),
                Difference::Changed("sfcred.yaml".into(), vec!["old".into()], vec!["new".into()]),
                Difference::Removed("z".into()),
            ]
        );
    }
}
