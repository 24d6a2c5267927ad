//! Converts elements to strings and records. The only place that handles escapes, replacements and secrets.

use std::collections::{HashMap, HashSet};

use super::xml::Element;
use crate::model::{
    Component, ElementType, Field, LeakedSecret, MetadataTypes, Record, SECRET_ELEMENTS,
};
use crate::nearest::nearest;
use crate::source::{Kind, Span, Syntax, Text};

/// The state of reading one file.
pub struct Reader<'a> {
    /// The component's full name.
    pub name: String,
    /// The byte ranges that a deployment replaces.
    pub replaced: &'a [std::ops::Range<usize>],
    pub secrets: Vec<Span>,
    /// Secrets in the file that are recognized by the meaning of their element.
    pub leaked_secrets: Vec<LeakedSecret>,
}

/// Corrects the places and names of misplaced and misspelled elements after they were reported, so that other rules do
/// not report the elements as missing, too.
pub fn correct_elements(root: &mut Element) {
    if let Some(definition) = MetadataTypes::get().definition(&root.name) {
        move_misplaced(root, definition);
        correct_names(root, definition);
    }
}

/// Elements of which a component has only one. What belongs into them is sometimes written beside them, and vice versa.
const ONLY_ONE: &[&str] =
    &["oauthConfig", "oauthPolicy", "samlConfig", "sessionPolicy", "canvasConfig"];

/// Elements that belong into a parameter but are sometimes written beside the parameters: the type of the component, the
/// element, and the name and type of its parameter.
const PARAMETERS: &[(&str, &str, &str, &str)] = &[
    ("NamedCredential", "externalCredential", "namedCredentialParameters", "Authentication"),
    ("ExternalCredential", "authProvider", "externalCredentialParameters", "AuthProvider"),
    ("ExternalCredential", "certificate", "externalCredentialParameters", "SigningCertificate"),
];

fn move_misplaced(root: &mut Element, definition: &ElementType) {
    let mut moved = Vec::new();
    for child in std::mem::take(&mut root.children) {
        if definition.entry(&child.name).is_some() {
            if ONLY_ONE.contains(&child.name.as_str()) {
                moved.extend(raised(child, definition));
            } else {
                moved.push(child);
            }
            continue;
        }
        let holds = |container: &&&str| {
            let inner = MetadataTypes::get().inner(definition, container);
            inner.is_some_and(|inner| inner.entry(&child.name).is_some())
        };
        let parameter = PARAMETERS
            .iter()
            .find(|(type_name, element, ..)| *type_name == root.name && *element == child.name);
        if let Some(container) = ONLY_ONE.iter().find(holds) {
            moved.push(child.wrapped(container, Vec::new()));
        } else if let Some((_, _, container, kind)) = parameter {
            let kind = child.beside("parameterType", kind);
            moved.push(child.wrapped(container, vec![kind]));
        } else {
            moved.push(child);
        }
    }
    let mut firsts: HashMap<String, usize> = HashMap::new();
    for mut child in moved {
        if ONLY_ONE.contains(&child.name.as_str()) {
            match firsts.get(&child.name) {
                Some(&first) => {
                    let first = &mut root.children[first];
                    // The one that is in the file has the places.
                    if first.syntax == Syntax::Verbatim {
                        std::mem::swap(first, &mut child);
                    }
                    first.children.append(&mut child.children);
                    continue;
                }
                None => {
                    firsts.insert(child.name.clone(), root.children.len());
                }
            }
        }
        root.children.push(child);
    }
}

/// An element of which there is one, and the elements in it that belong beside it.
fn raised(mut container: Element, definition: &ElementType) -> Vec<Element> {
    let Some(inner) = MetadataTypes::get().inner(definition, &container.name) else {
        return vec![container];
    };
    let belongs_above = |child: &Element| {
        inner.entry(&child.name).is_none() && definition.entry(&child.name).is_some()
    };
    let (above, inside): (Vec<Element>, Vec<Element>) =
        container.children.into_iter().partition(belongs_above);
    container.children = inside;
    std::iter::once(container).chain(above).collect()
}

/// Replaces misspelled names of elements by the nearest known name.
fn correct_names(parent: &mut Element, definition: &ElementType) {
    for child in &mut parent.children {
        if definition.entry(&child.name).is_none()
            && let Some(near) = nearest(&child.name, definition.names())
        {
            near.clone_into(&mut child.name);
        }
        if let Some(inner) = MetadataTypes::get().inner(definition, &child.name) {
            correct_names(child, inner);
        }
    }
}

/// The intended value of an enumeration for a string that may be misspelled.
pub fn intended_value<'a>(enumeration: &str, text: &'a str) -> &'a str {
    let definition = MetadataTypes::get().definition(enumeration);
    match definition
        .filter(|definition| definition.entry(text).is_none() && definition.advice(text).is_none())
    {
        Some(definition) => nearest(text, definition.names()).unwrap_or(text),
        None => text,
    }
}

impl Reader<'_> {
    pub fn component(&self, type_name: &'static str, root: &Element) -> Component {
        Component::new(type_name, self.name.clone(), root.name_span)
    }

    /// The text of a leaf; present even if it is empty.
    pub fn text(&self, element: &Element) -> Text {
        let text = Text::new(
            element.text.clone(),
            element.inner,
            element.inner,
            element.span,
            element.syntax,
        );
        let text = if element.syntax == Syntax::Verbatim {
            text
        } else {
            text.with_offsets(element.offsets.clone())
        };
        text.replaced_in(self.replaced)
    }

    pub fn child(&self, parent: &Element, name: &str) -> Option<Text> {
        parent.child(name).map(|element| self.text(element))
    }

    pub fn children(&self, parent: &Element, name: &str) -> Vec<Text> {
        parent.children(name).map(|element| self.text(element)).collect()
    }

    /// The text of each child with this name, if it is not empty.
    pub fn filled(&self, parent: &Element, name: &str) -> Vec<Text> {
        self.children(parent, name).into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// Conceals every secret below an element.
    pub fn conceal_secrets(&mut self, element: &Element) {
        // A placeholder is not a secret, and is useful in a report.
        if SECRET_ELEMENTS.contains(&element.name.as_str()) && self.text(element).known().is_some()
        {
            self.secrets.push(element.inner);
        }
        for child in &element.children {
            self.conceal_secrets(child);
        }
    }

    pub fn record(&mut self, kind: Kind, root: &Element) -> Record {
        self.conceal_secrets(root);
        let type_name =
            if kind == Kind::Settings { kind.type_name() } else { kind.root_element("") };
        let mut fields = Vec::new();
        for child in &root.children {
            self.flatten(child, "", &mut fields);
        }
        fields.push(Field {
            path: "fullName".into(),
            text: Text::at(self.name.clone(), root.name_span, Syntax::Verbatim),
        });
        Record { component: self.component(type_name, root), fields }
    }

    /// The fields of a component that has its own type, without secrets. A parameter is also included under its name,
    /// such as `externalCredentialParameters/aud`. Excludes permissions, because there are thousands.
    pub fn fields_of(&self, component: &Component, root: &Element) -> Record {
        let mut fields = Vec::new();
        for child in root.children.iter().filter(|child| {
            !matches!(
                child.name.as_str(),
                "objectPermissions" | "userPermissions" | "customPermissions"
            )
        }) {
            self.flatten(child, "", &mut fields);
            let name = child.child("parameterName").map(|name| name.text.trim());
            let value = [
                "parameterValue",
                "certificate",
                "externalCredential",
                "authProvider",
                "externalAuthIdentityProvider",
            ]
            .into_iter()
            .find_map(|value| self.child(child, value));
            if let (Some(name), Some(text)) = (name, value) {
                fields.push(Field { path: format!("{}/{name}", child.name), text });
            }
        }
        let secrets: HashSet<Span> = self.secrets.iter().copied().collect();
        fields.retain(|field| !secrets.contains(&field.text.outer));
        fields.push(Field {
            path: "fullName".into(),
            text: Text::at(component.name.clone(), component.place, Syntax::Verbatim),
        });
        Record { component: component.clone(), fields }
    }

    fn flatten(&self, element: &Element, above: &str, fields: &mut Vec<Field>) {
        let path = if above.is_empty() {
            element.name.clone()
        } else {
            format!("{above}/{}", element.name)
        };
        if element.children.is_empty() {
            fields.push(Field { text: self.text(element), path });
            return;
        }
        for child in &element.children {
            self.flatten(child, &path, fields);
        }
    }
}
