//! Writes metadata XML in the form in which the Salesforce CLI retrieves it.

use quick_xml::escape::escape;

/// An element with text or with other elements.
pub struct Element {
    name: &'static str,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<Element>),
}

pub fn leaf(name: &'static str, text: &str) -> Element {
    Element { name, content: Content::Text(text.to_owned()) }
}

pub fn node(name: &'static str, elements: Vec<Element>) -> Element {
    Element { name, content: Content::Elements(elements) }
}

/// A file of metadata.
pub fn document(root: Element) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attribute = " xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    write(&root, attribute, 0, &mut text);
    text
}

fn write(element: &Element, attribute: &str, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    let name = element.name;
    match &element.content {
        Content::Text(content) => {
            let content = escape(content.as_str());
            text.push_str(&format!("{indent}<{name}>{content}</{name}>\n"));
        }
        Content::Elements(elements) => {
            text.push_str(&format!("{indent}<{name}{attribute}>\n"));
            for element in elements {
                write(element, "", depth + 1, text);
            }
            text.push_str(&format!("{indent}</{name}>\n"));
        }
    }
}
