//! The table of metadata types: their elements and values, with API versions. The data is in
//! `metadata_types.txt`, which describes its own format. A [`SchemaViolation`] is content that the table does not have.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::Component;
use super::deployment_rules::required_elements;
use crate::source::{Span, Syntax, Text};

static TABLE: LazyLock<MetadataTypes> =
    LazyLock::new(|| MetadataTypes::read(include_str!("metadata_types.txt")));

/// The table.
#[derive(Debug, Default)]
pub struct MetadataTypes {
    types: HashMap<&'static str, ElementType>,
    /// The newest API version whose elements are known.
    newest: u32,
}

/// A type or an enumeration.
#[derive(Debug, Default)]
pub struct ElementType {
    pub versions: Versions,
    /// Elements, or values.
    entries: Vec<Entry>,
    notes: Vec<Note>,
    is_enumeration: bool,
    ignore_case: bool,
}

/// An element or a value.
#[derive(Debug)]
pub struct Entry {
    pub name: &'static str,
    pub versions: Versions,
    holds: ValueType,
}

/// The type of an element's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueType {
    Text,
    /// A type or an enumeration, by name.
    Defined(&'static str),
    /// Comma-separated values of an enumeration.
    List(&'static str),
    /// A value of the enumeration `values`, if the element `sibling` has the text `value`.
    Conditional {
        values: &'static str,
        sibling: &'static str,
        value: &'static str,
    },
    Boolean,
    Integer,
}

/// Advice about a name.
#[derive(Debug)]
struct Note {
    name: &'static str,
    /// No API version has the name.
    invented: bool,
    advice: &'static str,
}

/// The API versions that have an element or value; both bounds are inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    pub first: Option<u32>,
    pub last: Option<u32>,
}

/// An element or value that its metadata type does not have at all, or not in the API version that the project deploys
/// with.
#[derive(Clone, Debug)]
pub struct SchemaViolation {
    pub component: Component,
    /// The type or enumeration of the table that has no such name.
    pub owner: &'static str,
    /// The element's path below the root, such as `oauthConfig/scopes`; empty for the root itself.
    pub path: String,
    /// The name or value as typed.
    pub text: Text,
    pub kind: DeviationKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviationKind {
    /// An element that the type has in no version.
    Element,
    /// A value that the enumeration has in no version, and which is known to come from templates.
    InventedValue,
    Value,
    /// Neither `true` nor `false`, or not a whole number.
    Shape(&'static str),
    /// The element of that name is absent, and the schema requires it.
    Missing,
    /// Known, but not in the version that the project deploys with.
    Version {
        versions: Versions,
        deployed: u32,
    },
}

impl SchemaViolation {
    /// The name of the element.
    pub fn leaf(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub fn definition(&self) -> Option<&'static ElementType> {
        MetadataTypes::get().definition(self.owner)
    }
}

/// The parts of a parsed element that the check needs.
pub trait Node: Sized {
    fn name(&self) -> &str;
    fn name_span(&self) -> Span;
    fn children(&self) -> &[Self];
    /// The text of a leaf.
    fn text(&self) -> &str;
}

impl Versions {
    fn read(text: &str) -> Option<Versions> {
        let number =
            |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        Some(match text.split_once('-') {
            None => Versions { first: Some(text.parse().ok()?), last: None },
            Some((first, last)) if last.ends_with('?') => {
                Versions { first: number(first)?, last: None }
            }
            Some((first, last)) => Versions { first: number(first)?, last: number(last)? },
        })
    }

    pub fn contains(self, version: u32) -> bool {
        self.first.is_none_or(|first| version >= first)
            && self.last.is_none_or(|last| version <= last)
    }

    fn or(self, outer: Versions) -> Versions {
        if self == Versions::default() { outer } else { self }
    }
}

impl std::fmt::Display for Versions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.first, self.last) {
            (Some(first), None) => write!(formatter, "since API version {first}"),
            (None, Some(last)) => write!(formatter, "up to API version {last}"),
            (Some(first), Some(last)) if first == last => {
                write!(formatter, "only in API version {first}")
            }
            (Some(first), Some(last)) => {
                write!(formatter, "only in API versions {first} to {last}")
            }
            (None, None) => formatter.write_str("in every API version"),
        }
    }
}

impl ElementType {
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.name)
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| match entry.name.strip_suffix('*') {
            Some(stem) => name.get(..stem.len()).is_some_and(|start| {
                start == stem || self.ignore_case && start.eq_ignore_ascii_case(stem)
            }),
            None => entry.name == name || self.ignore_case && entry.name.eq_ignore_ascii_case(name),
        })
    }

    /// What to write instead of a name, or what to do about it.
    pub fn advice(&self, name: &str) -> Option<&'static str> {
        self.notes.iter().find(|note| note.name.eq_ignore_ascii_case(name)).map(|note| note.advice)
    }
}

impl MetadataTypes {
    pub fn get() -> &'static MetadataTypes {
        &TABLE
    }

    /// Whether it is the name of a type, of an element or of a value of an enumeration.
    pub fn mentions(&self, name: &str) -> bool {
        static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
            let types = &MetadataTypes::get().types;
            let inner = |definition: &'static ElementType| {
                definition.names().chain(definition.notes.iter().map(|note| note.name))
            };
            types.keys().copied().chain(types.values().flat_map(inner)).collect()
        });
        NAMES.contains(name)
    }

    pub fn definition(&self, name: &str) -> Option<&ElementType> {
        self.types.get(name)
    }

    /// The path of an element with this name one level below, if the type has one there.
    pub fn elsewhere(&self, root: &str, name: &str) -> Option<String> {
        let definition = self.definition(root)?;
        definition.entries.iter().find_map(|entry| {
            let ValueType::Defined(inner) = entry.holds else { return None };
            let below = self.definition(inner).filter(|inner| !inner.is_enumeration)?;
            let found = below.names().find(|known| known.eq_ignore_ascii_case(name))?;
            Some(format!("{}/{found}", entry.name))
        })
    }

    pub fn type_names(&self) -> impl Iterator<Item = &'static str> {
        self.types
            .iter()
            .filter(|(_, definition)| !definition.is_enumeration)
            .map(|(name, _)| *name)
    }

    /// Follows a path such as `oauthConfig/scopes` down from a type.
    ///
    /// # Errors
    /// The type that lacks a step, and the step.
    pub fn follow<'a>(
        &self,
        root: &'a str,
        path: &'a str,
    ) -> Result<(), (Option<&ElementType>, &'a str)> {
        let mut definition = self.definition(root);
        for step in path.split('/') {
            let owner = definition
                .filter(|definition| definition.entry(step).is_some())
                .ok_or((definition, step))?;
            definition = self.inner(owner, step);
        }
        Ok(())
    }

    /// The type of an element of a type, if it is in the table.
    pub fn inner(&self, definition: &ElementType, element: &str) -> Option<&ElementType> {
        match definition.entry(element)?.holds {
            ValueType::Defined(name) => self.definition(name).filter(|inner| !inner.is_enumeration),
            ValueType::Text
            | ValueType::List(_)
            | ValueType::Conditional { .. }
            | ValueType::Boolean
            | ValueType::Integer => None,
        }
    }

    /// The values that an element of a type can hold, if they are listed. `holds` says whether an element beside it has a
    /// value.
    pub fn values(
        &self,
        definition: &ElementType,
        element: &str,
        holds: &dyn Fn(&str, &str) -> bool,
    ) -> Vec<&'static str> {
        let name = match definition.entry(element).map(|entry| entry.holds) {
            Some(ValueType::Boolean) => return vec!["true", "false"],
            Some(ValueType::Defined(name) | ValueType::List(name)) => name,
            Some(ValueType::Conditional { values, sibling, value }) if holds(sibling, value) => {
                values
            }
            Some(ValueType::Conditional { .. } | ValueType::Text | ValueType::Integer) | None => {
                return Vec::new();
            }
        };
        let values = self.definition(name).filter(|inner| inner.is_enumeration);
        values.into_iter().flat_map(ElementType::names).collect()
    }

    /// Whether an element of a type holds a boolean, a number or values of an enumeration, and no free text.
    pub fn holds_words(&self, definition: &ElementType, element: &str) -> bool {
        definition.entry(element).is_some_and(|entry| match entry.holds {
            ValueType::Boolean | ValueType::Integer | ValueType::List(_) => true,
            ValueType::Defined(name) => {
                self.definition(name).is_some_and(|inner| inner.is_enumeration)
            }
            ValueType::Text | ValueType::Conditional { .. } => false,
        })
    }

    /// Reports everything in a file that is not in the table. `deployed` is the API version that the project deploys
    /// with, if the project sets one. Nothing is reported for a version that is newer than the table.
    pub fn compare<N: Node>(
        &self,
        root: &N,
        deployed: Option<u32>,
        text: impl Fn(&N) -> Text,
        mut report: impl FnMut(&'static str, String, Text, DeviationKind),
    ) {
        let Some((&owner, definition)) = self.types.get_key_value(root.name()) else { return };
        if deployed.is_some_and(|version| version > self.newest) {
            return;
        }
        if let Some(version) = deployed.filter(|&version| !definition.versions.contains(version)) {
            let name = Text::at(root.name(), root.name_span(), Syntax::Xml);
            return report(
                owner,
                String::new(),
                name,
                DeviationKind::Version { versions: definition.versions, deployed: version },
            );
        }
        let mut comparing =
            SchemaChecker { table: self, deployed, text: &text, report: &mut report };
        comparing.children(owner, definition, root, "");
    }

    fn read(text: &'static str) -> MetadataTypes {
        let mut table = MetadataTypes::default();
        let mut name = "";
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let first = words.next().unwrap_or_default();
            if !line.starts_with(' ') {
                let second = words.next().unwrap_or_default();
                let rest = words.next().unwrap_or_default();
                if first == "newest" {
                    table.newest = second.parse().unwrap_or_default();
                    continue;
                }
                name = second;
                let versions = Versions::read(rest).unwrap_or_default();
                table.types.insert(
                    name,
                    ElementType {
                        versions,
                        is_enumeration: first == "enum",
                        ignore_case: rest == "ignore-case",
                        ..ElementType::default()
                    },
                );
                continue;
            }
            let Some(definition) = table.types.get_mut(name) else { continue };
            match first {
                "!" | "?" => definition.notes.extend(note(line)),
                _ if definition.is_enumeration => {
                    definition.entries.extend(line.split(',').filter_map(value))
                }
                _ => definition.entries.push(element(line, definition.versions)),
            }
        }
        table
    }
}

/// `! NAME = advice`.
fn note(line: &'static str) -> Option<Note> {
    let (head, advice) = line.split_once(" = ")?;
    let mut words = head.split_whitespace();
    let invented = words.next() == Some("!");
    Some(Note { name: words.next()?, invented, advice })
}

/// `VALUE [VERSIONS]`.
fn value(item: &'static str) -> Option<Entry> {
    let mut words = item.split_whitespace();
    let name = words.next()?;
    Some(Entry {
        name,
        versions: words.next().and_then(Versions::read).unwrap_or_default(),
        holds: ValueType::Text,
    })
}

/// `ELEMENT[: TYPE] [VERSIONS]`.
fn element(line: &'static str, outer: Versions) -> Entry {
    let (head, versions) = match line
        .trim()
        .rsplit_once(' ')
        .and_then(|(head, last)| Some((head, Versions::read(last)?)))
    {
        Some((head, versions)) => (head, versions),
        None => (line.trim(), Versions::default()),
    };
    let (name, holds) = head.split_once(": ").unwrap_or((head, ""));
    let words: Vec<&'static str> = holds.split_whitespace().collect();
    let holds = match words.as_slice() {
        [] => ValueType::Text,
        ["boolean"] => ValueType::Boolean,
        ["int"] => ValueType::Integer,
        ["list", values] => ValueType::List(values),
        [values, "if", sibling, value] => ValueType::Conditional { values, sibling, value },
        [name, ..] => ValueType::Defined(name),
    };
    Entry { name, versions: versions.or(outer), holds }
}

/// The state of checking one file.
struct SchemaChecker<'a, T, R> {
    table: &'a MetadataTypes,
    deployed: Option<u32>,
    text: &'a T,
    report: &'a mut R,
}

impl<T, R: FnMut(&'static str, String, Text, DeviationKind)> SchemaChecker<'_, T, R> {
    fn children<N: Node>(
        &mut self,
        owner: &'static str,
        definition: &ElementType,
        parent: &N,
        above: &str,
    ) where
        T: Fn(&N) -> Text,
    {
        let below = |name: &str| {
            if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
        };
        self.missing(owner, definition, parent, below);
        for child in parent.children() {
            let path = below(child.name());
            let name = || Text::at(child.name(), child.name_span(), Syntax::Xml);
            let Some(entry) = definition.entry(child.name()) else {
                if child.name() != "fullName" {
                    (self.report)(owner, path, name(), DeviationKind::Element);
                }
                continue;
            };
            let has_sibling = |other: &str, value: &str| {
                parent
                    .children()
                    .iter()
                    .any(|sibling| sibling.name() == other && sibling.text().trim() == value)
            };
            if let Some(deployed) =
                self.deployed.filter(|&version| !entry.versions.contains(version))
            {
                (self.report)(
                    owner,
                    path,
                    name(),
                    DeviationKind::Version { versions: entry.versions, deployed },
                );
                continue;
            }
            match entry.holds {
                ValueType::Text => {}
                ValueType::Boolean => self.shape(owner, path, child, "true or false", |text| {
                    ["true", "false", "1", "0"].iter().any(|word| word.eq_ignore_ascii_case(text))
                }),
                ValueType::Integer => self.shape(owner, path, child, "a whole number", |text| {
                    text.parse::<i64>().is_ok()
                }),
                ValueType::List(values) => {
                    for item in (self.text)(child).comma_separated() {
                        self.value(values, &path, item);
                    }
                }
                ValueType::Conditional { values, sibling, value } => {
                    if has_sibling(sibling, value) {
                        self.value(values, &path, (self.text)(child));
                    }
                }
                ValueType::Defined(name) => match self.table.types.get_key_value(name) {
                    Some((&name, inner)) if inner.is_enumeration => {
                        self.value(name, &path, (self.text)(child))
                    }
                    Some((&name, inner)) => self.children(name, inner, child, &path),
                    None => {}
                },
            }
        }
    }

    /// Reports required elements that are absent, unless the deployed version does not have them yet.
    fn missing<N: Node>(
        &mut self,
        owner: &'static str,
        definition: &ElementType,
        parent: &N,
        below: impl Fn(&str) -> String,
    ) {
        for name in required_elements(owner) {
            let is_current = definition.entry(name).is_some_and(|entry| {
                self.deployed.is_none_or(|deployed| entry.versions.contains(deployed))
            });
            // `masterLabel` is what the first versions call `label`.
            let is_absent = |child: &N| {
                child.name() != *name && !(*name == "label" && child.name() == "masterLabel")
            };
            if is_current && parent.children().iter().all(is_absent) {
                let text = Text::at(*name, parent.name_span(), Syntax::Xml);
                (self.report)(owner, below(name), text, DeviationKind::Missing);
            }
        }
    }

    fn shape<N: Node>(
        &mut self,
        owner: &'static str,
        path: String,
        child: &N,
        expected: &'static str,
        fits: impl Fn(&str) -> bool,
    ) where
        T: Fn(&N) -> Text,
    {
        let trimmed = child.text().trim();
        if trimmed.is_empty() || fits(trimmed) {
            return;
        }
        let text = (self.text)(child);
        if text.known().is_some() {
            (self.report)(owner, path, text, DeviationKind::Shape(expected));
        }
    }

    fn value(&mut self, owner: &'static str, path: &str, text: Text) {
        let (Some(value), Some(definition)) = (text.known(), self.table.definition(owner)) else {
            return;
        };
        let kind = match definition.entry(value) {
            None if definition.notes.iter().any(|note| note.invented && note.name == value) => {
                DeviationKind::InventedValue
            }
            None => DeviationKind::Value,
            Some(entry) => match self.deployed.filter(|&version| !entry.versions.contains(version))
            {
                Some(deployed) => DeviationKind::Version { versions: entry.versions, deployed },
                None => return,
            },
        };
        (self.report)(owner, path.to_owned(), text, kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    struct Tag(&'static str, &'static str, Vec<Tag>);

    impl Node for Tag {
        fn name(&self) -> &str {
            self.0
        }

        fn name_span(&self) -> Span {
            Span::new(FileId(0), 0, 0)
        }

        fn children(&self) -> &[Tag] {
            &self.2
        }

        fn text(&self) -> &str {
            self.1
        }
    }

    fn deviations(root: &Tag, deployed: Option<u32>) -> Vec<String> {
        let mut found = Vec::new();
        let text = |tag: &Tag| Text::at(tag.1, Span::new(FileId(0), 0, 0), Syntax::Xml);
        MetadataTypes::get().compare(root, deployed, text, |owner, path, text, kind| {
            if kind != DeviationKind::Missing {
                found.push(format!("{owner} {path} {text} {kind:?}"));
            }
        });
        found
    }

    #[test]
    fn required_elements_are_those_of_the_deployed_version() {
        let missing = |children: Vec<Tag>, deployed: Option<u32>| {
            let root = Tag("ExternalCredential", "", children);
            let text = |tag: &Tag| Text::at(tag.1, Span::new(FileId(0), 0, 0), Syntax::Xml);
            let mut found = Vec::new();
            MetadataTypes::get().compare(&root, deployed, text, |_, path, _, kind| {
                found.extend((kind == DeviationKind::Missing).then_some(path));
            });
            found
        };
        let protocol = || Tag("authenticationProtocol", "Custom", vec![]);
        assert_eq!(missing(vec![protocol()], None), ["label"]);
        assert_eq!(missing(vec![protocol()], Some(60)), ["label"]);
        assert_eq!(missing(vec![protocol()], Some(55)), [""; 0]);
        assert_eq!(missing(vec![protocol(), Tag("masterLabel", "X", vec![])], None), [""; 0]);
        let parameter = Tag("parameterName", "iss", vec![]);
        let parameter = Tag("externalCredentialParameters", "", vec![parameter]);
        let label = Tag("label", "", vec![]);
        assert_eq!(
            missing(vec![protocol(), label, parameter], None),
            ["externalCredentialParameters/parameterType"]
        );
    }

    fn credential(children: Vec<Tag>) -> Tag {
        Tag("ExternalCredential", "", children)
    }

    fn parameter(children: Vec<Tag>) -> Tag {
        credential(vec![Tag("externalCredentialParameters", "", children)])
    }

    #[test]
    fn every_type_that_the_table_refers_to_is_defined_in_it() {
        let table = MetadataTypes::get();
        assert!(table.newest >= 68 && table.types.len() > 80);
        for (name, definition) in &table.types {
            assert!(!definition.entries.is_empty(), "{name} is empty");
            for entry in &definition.entries {
                match entry.holds {
                    ValueType::Defined(inner) => assert!(
                        table.types.contains_key(inner),
                        "{name}.{} has the undefined type {inner}",
                        entry.name
                    ),
                    ValueType::List(values) | ValueType::Conditional { values, .. } => assert!(
                        table.types.get(values).is_some_and(|values| values.is_enumeration),
                        "{name}.{}",
                        entry.name
                    ),
                    ValueType::Text | ValueType::Boolean | ValueType::Integer => {}
                }
            }
            for note in &definition.notes {
                let known = definition.entry(note.name).is_some();
                assert!(!note.invented || !known, "{name}: {} is invented and known", note.name);
            }
        }
    }

    #[test]
    fn a_name_that_no_version_has_is_reported_with_its_path() {
        assert_eq!(
            deviations(
                &credential(vec![Tag("principals", "", vec![Tag("principalName", "X", vec![])])]),
                None
            ),
            ["ExternalCredential principals principals Element"]
        );
        assert_eq!(
            deviations(
                &credential(vec![Tag("fullName", "X", vec![]), Tag("label", "X", vec![])]),
                None
            ),
            [""; 0]
        );
    }

    #[test]
    fn values_that_templates_invent_are_reported_as_such() {
        assert_eq!(
            deviations(&parameter(vec![Tag("parameterType", "Custom", vec![])]), None),
            [
                "ExternalCredentialParamType externalCredentialParameters/parameterType Custom InventedValue"
            ]
        );
        assert_eq!(
            deviations(&parameter(vec![Tag("parameterType", "JwtBodyclaim", vec![])]), None),
            [
                "ExternalCredentialParamType externalCredentialParameters/parameterType JwtBodyclaim Value"
            ]
        );
        assert_eq!(
            deviations(&parameter(vec![Tag("parameterType", "${TYPE}", vec![])]), None),
            [""; 0]
        );
    }

    #[test]
    fn versions_are_checked_only_if_the_project_sets_a_known_one() {
        let old = parameter(vec![Tag("principal", "Set", vec![])]);
        assert_eq!(
            deviations(&old, None).len()
                + deviations(&old, Some(57)).len()
                + deviations(&old, Some(99)).len(),
            0
        );
        assert_eq!(deviations(&old, Some(62)).len(), 1);
        assert_eq!(
            deviations(&credential(vec![]), Some(50)),
            [
                "ExternalCredential  ExternalCredential Version { versions: Versions { first: Some(54), last: None }, deployed: 50 }"
            ]
        );
    }

    #[test]
    fn conditions_lists_and_patterns_are_read() {
        let variant = |kind: &'static str| {
            parameter(vec![
                Tag("parameterType", kind, vec![]),
                Tag("parameterValue", "JwtBarer", vec![]),
            ])
        };
        assert_eq!(deviations(&variant("AuthProtocolVariant"), None).len(), 1);
        assert_eq!(deviations(&variant("AuthParameter"), None).len(), 0);
        let scopes = Tag(
            "ExtlClntAppOauthSettings",
            "",
            vec![Tag("commaSeparatedOauthScopes", "Api, refresh_token", vec![])],
        );
        assert_eq!(
            deviations(&scopes, None),
            ["ExtlClntAppOauthScope commaSeparatedOauthScopes refresh_token Value"]
        );
        let policy = |value: &'static str| {
            Tag(
                "ConnectedApp",
                "",
                vec![Tag("oauthPolicy", "", vec![Tag("refreshTokenPolicy", value, vec![])])],
            )
        };
        assert_eq!(
            deviations(&policy("specific_lifetime:90:DAYS"), None).len()
                + deviations(&policy("Infinite"), None).len(),
            0
        );
        assert_eq!(deviations(&policy("forever"), None).len(), 1);
    }

    #[test]
    fn versions_are_parsed_and_displayed() {
        let displayed: Vec<String> = ["58", "54-57", "-48", "61-61", "54-66?"]
            .iter()
            .filter_map(|text| Versions::read(text))
            .map(|versions| versions.to_string())
            .collect();
        assert_eq!(
            displayed,
            [
                "since API version 58",
                "only in API versions 54 to 57",
                "up to API version 48",
                "only in API version 61",
                "since API version 54"
            ]
        );
    }

    #[test]
    fn a_name_that_belongs_to_another_element_is_found() {
        assert_eq!(
            MetadataTypes::get().elsewhere("ConnectedApp", "consumerKey").as_deref(),
            Some("oauthConfig/consumerKey")
        );
        assert_eq!(MetadataTypes::get().elsewhere("ConnectedApp", "banana"), None);
    }
}
