//! What all components have in common: a type, a name, and a location.

use crate::source::{Span, Spanned, Text, work};

/// The index of an org in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct OrgId(pub usize);

/// The type, the name and the place of a component.
#[derive(Clone, Debug)]
pub struct Component {
    /// The metadata type, such as `ExternalCredential`.
    pub type_name: &'static str,
    /// The full name: the name of the file, or the key in a description.
    pub name: String,
    /// The root element's name, or the key.
    pub place: Span,
    pub org: OrgId,
}

impl Component {
    pub fn new(type_name: &'static str, name: impl Into<String>, place: Span) -> Self {
        Component { type_name, name: name.into(), place, org: OrgId::default() }
    }

    /// The namespace in the name.
    pub fn namespace(&self) -> Option<&str> {
        self.name.strip_suffix(without_namespace(&self.name))?.strip_suffix("__")
    }

    /// Whether the name has a namespace: the component belongs to an installed package.
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

/// A component as a list of fields, for metadata types that have no struct.
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

/// A component that has a full name, by which others refer to it.
pub trait Named {
    fn component(&self) -> &Component;

    fn name(&self) -> &str {
        work::step();
        &self.component().name
    }
}

impl Named for Record {
    fn component(&self) -> &Component {
        &self.component
    }
}

/// Components that Salesforce's own products add to an org, by the start of their names.
const OF_PRODUCTS: &[&str] = &["DEVOPS_CENTER_", "ALMDevOps", "prod_1PJ"];

/// Whether one of Salesforce's own products adds a component with this name to orgs, so that no project contains it.
pub fn is_of_product(name: &str) -> bool {
    OF_PRODUCTS.iter().any(|start| name.starts_with(start))
}

/// Whether two names can refer to the same component. Ignores case and namespace.
pub fn same_component(left: &str, right: &str) -> bool {
    work::step();
    without_namespace(left).eq_ignore_ascii_case(without_namespace(right))
}

/// The `Name` in `ns__Name`.
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
