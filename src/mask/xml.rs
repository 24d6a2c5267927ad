//! Masks XML: element names, the attributes of namespaces, and the values of public fields remain.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::comment::comment;
use super::fields;
use super::mark::Mask;
use super::value::{self, Class};
use crate::model::{ElementType, MetadataTypes};

/// An element that is open.
struct Open<'t> {
    name: &'t str,
    definition: Option<&'static ElementType>,
    /// Text directly inside.
    text: Vec<Range<usize>>,
    /// The leaves inside: their names, and where their text is.
    leaves: Vec<(&'t str, Vec<Range<usize>>)>,
    has_children: bool,
}

struct Scanner<'t, 'a> {
    text: &'t str,
    at: usize,
    open: Vec<Open<'t>>,
    /// Whether the root element is of a type whose fields are known.
    is_known: bool,
    all: &'a mut Vec<Mask>,
}

/// Deeper elements are masked without looking at them: no metadata type has them.
const DEEPEST: usize = 256;

pub fn masks(text: &str, all: &mut Vec<Mask>) {
    let mut scanner = Scanner { text, at: 0, open: Vec::new(), is_known: false, all };
    scanner.scan();
}

impl<'t> Scanner<'t, '_> {
    fn scan(&mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            self.characters(self.at..self.at + length);
            self.at += length;
            if self.at < self.text.len() {
                self.markup();
            }
        }
        while let Some(open) = self.open.pop() {
            self.unclosed(open);
        }
    }

    fn characters(&mut self, range: Range<usize>) {
        if self.text[range.clone()].trim().is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(open) => open.text.push(range),
            None => self.hide(range),
        }
    }

    /// Hides a range without the spaces around it.
    fn hide(&mut self, range: Range<usize>) {
        value::mask(&self.text[range.clone()], range.start, Class::Hidden, self.all);
    }

    /// Markup that begins with the `<` at the current place.
    fn markup(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let until = |end: &str, from: usize| {
            memchr::memmem::find(&rest.as_bytes()[from..], end.as_bytes())
                .map_or((rest.len(), rest.len()), |at| (from + at, from + at + end.len()))
        };
        if rest.starts_with("<!--") {
            let (inside, end) = until("-->", 4);
            comment(self.text, start + 4..start + inside, self.all);
            self.at += end;
        } else if rest.starts_with("<![CDATA[") {
            let (inside, end) = until("]]>", 9);
            self.characters(start + 9..start + inside);
            self.at += end;
        } else if rest.starts_with("<?") {
            static DECLARATION: LazyLock<Regex> = LazyLock::new(|| {
                Regex::new(r#"(?-u)^<\?xml(?:\s+(?:version|encoding|standalone)\s*=\s*["'][\w.-]{1,20}["'])*\s*$"#)
                    .expect("a constant pattern")
            });
            let (inside, end) = until("?>", 2);
            if !DECLARATION.is_match(&rest[..inside]) {
                self.hide(start + 2..start + inside);
            }
            self.at += end;
        } else if rest.starts_with("<!") {
            let (inside, end) = until(">", 2);
            let word = rest[2..inside].find(|c: char| !c.is_ascii_alphabetic());
            self.hide(start + 2 + word.unwrap_or(inside - 2)..start + inside);
            self.at += end;
        } else if let Some(name) = name_at(rest.strip_prefix("</").unwrap_or_default()) {
            let (inside, end) = until(">", 2 + name.len());
            self.hide(start + 2 + name.len()..start + inside);
            self.name(start + 2, name);
            self.at += end;
            self.end(name);
        } else if let Some(name) = name_at(&rest[1..]) {
            self.start(start, name);
        } else {
            // A bare `<` is text.
            self.characters(start..start + 1);
            self.at += 1;
        }
    }

    /// Hides a name that looks generated.
    fn name(&mut self, at: usize, name: &str) {
        if value::is_generated(name) || name.len() > 80 {
            self.all.push(Mask::hidden(at..at + name.len()));
        }
    }

    fn start(&mut self, start: usize, name: &'t str) {
        self.name(start + 1, name);
        let mut at = start + 1 + name.len();
        let mut is_empty = false;
        while let Some(character) = self.text[at..].chars().next() {
            match character {
                '>' => {
                    at += 1;
                    break;
                }
                '<' => break,
                '/' | '=' => {
                    is_empty = character == '/';
                    at += 1;
                }
                '"' | '\'' => {
                    let inside = at + 1;
                    let length = self.text[inside..].find([character, '<']);
                    let end = length.map_or(self.text.len(), |length| inside + length);
                    self.attribute(inside..end);
                    at = end + usize::from(self.text[end..].starts_with(character));
                }
                space if space.is_whitespace() => at += space.len_utf8(),
                _ => {
                    let length = self.text[at..]
                        .find(|c: char| {
                            c.is_whitespace() || matches!(c, '=' | '>' | '<' | '/' | '"' | '\'')
                        })
                        .unwrap_or(self.text.len() - at);
                    let word = &self.text[at..at + length];
                    let is_name = self.text[at + length..].trim_start().starts_with('=');
                    if !is_name || value::is_generated(word) {
                        self.all.push(Mask::hidden(at..at + length));
                    }
                    at += length;
                }
            }
        }
        self.at = at;
        let local = local(name);
        let definition = match self.open.last() {
            None => {
                let definition = MetadataTypes::get().definition(local);
                self.is_known = definition.is_some()
                    || matches!(local, "Package" | "CustomMetadata" | "ProfileSessionSetting");
                definition
            }
            Some(parent) => parent
                .definition
                .and_then(|definition| MetadataTypes::get().inner(definition, local)),
        };
        if let Some(parent) = self.open.last_mut() {
            parent.has_children = true;
        }
        let opened =
            Open { name, definition, text: Vec::new(), leaves: Vec::new(), has_children: false };
        if is_empty {
            return;
        }
        if self.open.len() < DEEPEST {
            self.open.push(opened);
        }
    }

    fn attribute(&mut self, range: Range<usize>) {
        const PUBLIC: &[&str] = &[
            "http://soap.sforce.com/2006/04/metadata",
            "http://www.w3.org/2001/XMLSchema",
            "http://www.w3.org/2001/XMLSchema-instance",
            "preserve",
        ];
        let value = &self.text[range.clone()];
        let is_type = value.strip_prefix("xsd:").is_some_and(|word| {
            word.len() < 20 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        if !PUBLIC.contains(&value) && !is_type {
            self.hide(range);
        }
    }

    fn end(&mut self, name: &str) {
        let Some(depth) = self.open.iter().rposition(|open| open.name == name) else { return };
        while self.open.len() > depth + 1 {
            if let Some(open) = self.open.pop() {
                self.unclosed(open);
            }
        }
        let Some(open) = self.open.pop() else { return };
        self.leaves(&open);
        let is_leaf = !open.has_children;
        match self.open.last_mut() {
            Some(parent) if is_leaf => parent.leaves.push((local(open.name), open.text)),
            Some(_) | None => open.text.into_iter().for_each(|range| self.hide(range)),
        }
    }

    /// It is unknown where the text of an unclosed element ends. The leaves inside are closed.
    fn unclosed(&mut self, open: Open<'t>) {
        self.leaves(&open);
        open.text.into_iter().for_each(|range| self.hide(range));
    }

    /// Masks the values of the leaves of an element, all of which are known now.
    fn leaves(&mut self, parent: &Open<'t>) {
        let mut first: HashMap<&str, &str> = HashMap::new();
        for (name, ranges) in &parent.leaves {
            if let Some(range) = ranges.first() {
                first.entry(name).or_insert(&self.text[range.clone()]);
            }
        }
        let sibling = |name: &str| first.get(name).copied();
        let mut found = Vec::new();
        for (name, ranges) in &parent.leaves {
            let is_enumerated = parent
                .definition
                .is_some_and(|definition| MetadataTypes::get().holds_words(definition, name));
            let class = match fields::class(name, sibling) {
                Class::Hidden if is_enumerated && *name != "parameterValue" => Class::Words,
                class if self.is_known => class,
                _ => Class::Hidden,
            };
            // A value in several pieces, around a comment or in CDATA, could be put together by a reader.
            let class = if ranges.len() > 1 { Class::Hidden } else { class };
            for range in ranges {
                value::mask(&self.text[range.clone()], range.start, class, &mut found);
            }
        }
        self.all.append(&mut found);
    }
}

/// Without a namespace prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The name at the start of a string.
fn name_at(text: &str) -> Option<&str> {
    let length = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-')))
        .unwrap_or(text.len());
    let name = &text[..length];
    name.starts_with(|c: char| c.is_alphabetic() || c == '_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::mark::{applied, disjoint};
    use super::super::shapes;
    use super::*;

    fn shown(text: &str) -> String {
        let mut all = shapes::shapes(text);
        masks(text, &mut all);
        applied(text, &disjoint(text, all))
    }

    #[test]
    fn names_and_public_values_remain() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <endpoint>https://acme.example/x</endpoint>\n    <generateAuthorizationHeader>true</generateAuthorizationHeader>\n    <label>Spoke Org</label>\n    <protocol>Pasword</protocol>\n</NamedCredential>\n";
        assert_eq!(shown(text), text);
    }

    #[test]
    fn everything_else_is_masked() {
        for (text, expected) in [
            (
                "<NamedCredential><password>hunter</password></NamedCredential>",
                "<NamedCredential><password>••••</password></NamedCredential>",
            ),
            (
                "<NamedCredential><password>hun<b/>ter</password></NamedCredential>",
                "<NamedCredential><password>••••<b/>••••</password></NamedCredential>",
            ),
            (
                "<NamedCredential><password value='hunter' hunter/></NamedCredential>",
                "<NamedCredential><password value='••••' ••••/></NamedCredential>",
            ),
            (
                "<NamedCredential><noSuch>hunter</noSuch></NamedCredential>",
                "<NamedCredential><noSuch>••••</noSuch></NamedCredential>",
            ),
            ("<NoSuch><label>hunter</label></NoSuch>", "<NoSuch><label>••••</label></NoSuch>"),
            (
                "<NamedCredential><!-- curl -u a:b --></NamedCredential>",
                "<NamedCredential><!-- •••• --></NamedCredential>",
            ),
            ("<NamedCredential><password>hunter", "<NamedCredential><password>••••"),
            (
                "<NamedCredential><password>a<b</password>hunter",
                "<NamedCredential><password>••••</password>••••",
            ),
            (
                "<NamedCredential><label>a</label><password>hunter</label>",
                "<NamedCredential><label>a</label><password>••••</label>",
            ),
            ("hunter<!DOCTYPE hunter><?hunter x?>", "••••<!DOCTYPE ••••><?••••?>"),
            (
                "<NamedCredential><label>a<!-- x -->b</label></NamedCredential>",
                "<NamedCredential><label>••••<!-- •••• -->••••</label></NamedCredential>",
            ),
        ] {
            let result = shown(text);
            assert!(
                !result.contains("hunter") || text.contains("<?hunter") && result == expected,
                "{result}"
            );
            if !text.contains("a<b") && !text.ends_with("hunter</label>") {
                assert_eq!(result, expected);
            }
        }
    }

    #[test]
    fn a_parameter_is_judged_by_its_type_and_name_in_any_order() {
        let parameter = |kind: &str, name: &str, value: &str| {
            let text = format!(
                "<ExternalCredential><externalCredentialParameters><parameterValue>{value}</parameterValue><parameterType>{kind}</parameterType><parameterName>{name}</parameterName></externalCredentialParameters></ExternalCredential>"
            );
            shown(&text).contains(value)
        };
        assert!(parameter("AuthProviderUrl", "x", "https://acme.example"));
        assert!(parameter("JwtBodyClaim", "sub", "integration@acme.example"));
        assert!(!parameter("JwtBodyClaim", "client_secret", "hunter"));
        assert!(!parameter("AuthParameter", "password", "hunter"));
        assert!(parameter("AuthHeader", "Authorization", "{!$Credential.Spoke.Token}"));
    }
}
