//! The components of one metadata type in one org, found by name without a search.

use std::collections::HashMap;
use std::ops::Deref;

use super::component::{Named, without_namespace};
use crate::source::work;

/// A list of components with an index of their names, which is kept up to date by [`Components::push`].
#[derive(Clone, Debug)]
pub struct Components<T> {
    items: Vec<T>,
    /// The first component with exactly this name.
    exact: HashMap<String, usize>,
    /// The first component with this name in lower case.
    folded: HashMap<String, usize>,
    /// The first component with this name in lower case and without its namespace.
    bare: HashMap<String, usize>,
}

impl<T> Default for Components<T> {
    fn default() -> Self {
        Components {
            items: Vec::new(),
            exact: HashMap::new(),
            folded: HashMap::new(),
            bare: HashMap::new(),
        }
    }
}

impl<T: Named> Components<T> {
    pub fn push(&mut self, item: T) {
        let index = self.items.len();
        let name = item.name();
        let folded = name.to_ascii_lowercase();
        self.bare.entry(without_namespace(&folded).to_owned()).or_insert(index);
        self.folded.entry(folded).or_insert(index);
        if !self.exact.contains_key(name) {
            self.exact.insert(name.to_owned(), index);
        }
        self.items.push(item);
    }

    /// The position of the component that a reference names; see [`find_named`].
    pub fn position(&self, reference: &str) -> Option<usize> {
        work::step();
        if let Some(&index) = self.exact.get(reference) {
            return Some(index);
        }
        let folded = reference.to_ascii_lowercase();
        self.folded.get(&folded).or_else(|| self.bare.get(without_namespace(&folded))).copied()
    }

    /// The first component with exactly this name.
    pub fn exact(&self, name: &str) -> Option<usize> {
        work::step();
        self.exact.get(name).copied()
    }

    /// The first component with this name in any case.
    pub fn ignoring_case(&self, name: &str) -> Option<usize> {
        work::step();
        self.folded.get(&name.to_ascii_lowercase()).copied()
    }

    /// The first component with exactly this name.
    pub fn exact_mut(&mut self, name: &str) -> Option<&mut T> {
        self.exact(name).map(|index| &mut self.items[index])
    }
}

impl<T> Components<T> {
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.iter().inspect(|_| work::step())
    }

    /// Do not change names through this iterator: the index is not rebuilt.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.items.get_mut(index)
    }

    pub fn as_slice(&self) -> &[T] {
        &self.items
    }
}

impl<T> Deref for Components<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<'a, T> IntoIterator for &'a Components<T> {
    type Item = &'a T;
    type IntoIter = std::iter::Inspect<std::slice::Iter<'a, T>, fn(&&'a T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter().inspect(|_| work::step())
    }
}

impl<T: Named> FromIterator<T> for Components<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut components = Components::default();
        items.into_iter().for_each(|item| components.push(item));
        components
    }
}

impl<T: Named> From<Vec<T>> for Components<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

/// Finds the component that a reference names. Like the platform, ignores case; also ignores the namespace: `ns__Name`
/// finds `Name` if no component is named `ns__Name`, and vice versa. An exact match is preferred to a name that differs
/// in case, and that to a name that differs in the namespace.
pub fn find_named<'a, T: Named>(items: &'a Components<T>, reference: &str) -> Option<&'a T> {
    items.position(reference).map(|index| &items.items[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Component, Record};
    use crate::source::{FileId, Span};

    fn records(names: &[&str]) -> Components<Record> {
        let record = |name: &&str| Record {
            component: Component::new("X", *name, Span::new(FileId(0), 0, 0)),
            fields: Vec::new(),
        };
        names.iter().map(record).collect()
    }

    #[test]
    fn a_namespace_does_not_make_a_difference() {
        assert_eq!(find_named(&records(&["Hub"]), "acme__Hub").unwrap().name(), "Hub");
        assert_eq!(find_named(&records(&["acme__Hub"]), "Hub").unwrap().name(), "acme__Hub");
        let both = records(&["Hub", "acme__Hub"]);
        assert_eq!(find_named(&both, "acme__Hub").unwrap().name(), "acme__Hub");
        assert!(find_named(&records(&["Hub"]), "Other").is_none());
    }

    #[test]
    fn the_closest_name_wins_and_then_the_first() {
        let all = records(&["ns__Hub", "HUB", "hub", "Hub", "Hub"]);
        assert_eq!(all.position("Hub"), Some(3));
        assert_eq!(all.position("hUB"), Some(1));
        assert_eq!(all.position("other__hub"), Some(0));
        assert_eq!(all.position("ns__hub"), Some(0));
    }
}
