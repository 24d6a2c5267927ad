//! What all components share: a type, a name, and the place where they stand.

use crate::source::{Span, Spanned, Text};

/// Number of an org in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct OrgId(pub usize);

/// Type and name of a component, and where it begins.
#[derive(Clone, Debug)]
pub struct Component {
    /// The metadata type, as `ExternalCredential`.
    pub type_name: &'static str,
    /// The full name, which is the file's name or the key in a description.
    pub name: String,
    /// The root element's name, or the key.
    pub place: Span,
    pub org: OrgId,
}

impl Component {
    pub fn new(type_name: &'static str, name: impl Into<String>, place: Span) -> Self {
        Component { type_name, name: name.into(), place, org: OrgId::default() }
    }
}

impl Component {
    /// The name carries a namespace: the component belongs to an installed package.
    pub fn is_installed(&self) -> bool {
        without_namespace(&self.name) != self.name
    }
}

impl Spanned for Component {
    fn span(&self) -> Span {
        self.place
    }
}

/// One leaf of a record: its path below the root (`oauthPolicy/ipRelaxation`) and its text.
#[derive(Clone, Debug)]
pub struct Field {
    pub path: String,
    pub text: Text,
}

/// A component read field by field, for types that no rule needs a closer look at.
#[derive(Clone, Debug)]
pub struct Record {
    pub component: Component,
    pub fields: Vec<Field>,
}

impl Record {
    pub fn get(&self, path: &str) -> Option<&Text> {
        self.fields.iter().find(|field| field.path == path).map(|field| &field.text)
    }

    pub fn all<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Text> {
        self.fields.iter().filter(move |field| field.path == path).map(|field| &field.text)
    }
}

/// Whatever has a full name that others refer to.
pub trait Named {
    fn component(&self) -> &Component;

    fn name(&self) -> &str {
        &self.component().name
    }
}

impl Named for Record {
    fn component(&self) -> &Component {
        &self.component
    }
}

/// Finds what a reference names. A namespace is not a difference: `ns__Name` finds `Name` where nothing is called
/// `ns__Name`, and the reverse; upper and lower case make no difference either, as in the platform.
pub fn find_named<'a, T: Named>(items: &'a [T], reference: &str) -> Option<&'a T> {
    let (mut folded, mut bare) = (None, None);
    for item in items.iter().filter(|item| end_alike(item.name(), reference)) {
        if item.name() == reference {
            return Some(item);
        }
        if folded.is_none() && item.name().eq_ignore_ascii_case(reference) {
            folded = Some(item);
        } else if bare.is_none() && same_name(item.name(), reference) {
            bare = Some(item);
        }
    }
    folded.or(bare)
}

/// Whether two names can mean one component, by the rules of [`find_named`].
pub fn same_name(left: &str, right: &str) -> bool {
    end_alike(left, right) && without_namespace(left).eq_ignore_ascii_case(without_namespace(right))
}

/// Names that mean one component end alike, and most others are told apart by it: a project may have thousands.
fn end_alike(left: &str, right: &str) -> bool {
    left.as_bytes().last().map(u8::to_ascii_lowercase)
        == right.as_bytes().last().map(u8::to_ascii_lowercase)
}

/// `Name` of `ns__Name`.
pub fn without_namespace(name: &str) -> &str {
    let at = name.as_bytes().windows(2).position(|pair| pair == b"__");
    match at.and_then(|at| Some((name.get(..at)?, name.get(at + 2..)?))) {
        Some((namespace, rest))
            if !namespace.is_empty()
                && !rest.is_empty()
                && namespace.len() <= 15
                && namespace.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
        {
            rest
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn records(names: &[&str]) -> Vec<Record> {
        names
            .iter()
            .map(|name| Record {
                component: Component::new("X", *name, Span::new(FileId(0), 0, 0)),
                fields: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn a_namespace_is_not_a_difference() {
        assert_eq!(find_named(&records(&["Hub"]), "acme__Hub").unwrap().name(), "Hub");
        assert_eq!(find_named(&records(&["acme__Hub"]), "Hub").unwrap().name(), "acme__Hub");
        assert_eq!(
            find_named(&records(&["Hub", "acme__Hub"]), "acme__Hub").unwrap().name(),
            "acme__Hub"
        );
        assert!(find_named(&records(&["Hub"]), "Other").is_none());
    }
}
