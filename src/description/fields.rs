//! Reads YAML mappings key by key. Unknown keys are reported, and every value keeps its location.

use super::yaml::{Node, NodeKind};
use crate::error::Mistake;
use crate::nearest::advice;
use crate::source::{FileId, Span, Syntax, Text};

/// Collects the mistakes in a file.
pub struct Reader {
    pub file: FileId,
    pub mistakes: Vec<Mistake>,
}

/// The entries of a mapping, with the keys that were looked up.
pub struct Fields<'a> {
    noun: &'static str,
    place: Span,
    entries: Vec<(&'a Node, &'a Node, bool)>,
    asked: Vec<&'static str>,
}

impl Reader {
    pub fn span(&self, node: &Node) -> Span {
        Span::new(self.file, node.start, node.end)
    }

    pub fn mistake(&mut self, place: Span, message: String, help: Option<String>) {
        let range = place.range();
        self.mistakes.push(Mistake {
            message,
            start: range.start,
            end: range.end,
            help,
            related: None,
        });
    }

    pub fn mapping<'a>(&mut self, node: &'a Node, noun: &'static str) -> Option<Fields<'a>> {
        let place = self.span(node);
        match &node.kind {
            NodeKind::Mapping(entries) => Some(Fields {
                noun,
                place,
                entries: entries.iter().map(|(key, value)| (key, value, false)).collect(),
                asked: Vec::new(),
            }),
            _ if node.is_null() => {
                Some(Fields { noun, place, entries: Vec::new(), asked: Vec::new() })
            }
            _ => {
                self.mistake(
                    place,
                    format!("expected a mapping for {noun}, found {}", node.noun()),
                    None,
                );
                None
            }
        }
    }

    /// The entries of a mapping whose keys are names.
    pub fn entries<'a>(&mut self, node: &'a Node, key: &str) -> Vec<(Text, &'a Node)> {
        match &node.kind {
            NodeKind::Mapping(entries) => entries
                .iter()
                .filter_map(|(key, value)| self.scalar(key).map(|name| (name, value)))
                .collect(),
            _ if node.is_null() => Vec::new(),
            _ => {
                self.mistake(
                    self.span(node),
                    format!("expected a mapping for `{key}`, found {}", node.noun()),
                    None,
                );
                Vec::new()
            }
        }
    }

    /// A string; `None` for anything else. Quotes are not part of the span.
    pub fn scalar(&self, node: &Node) -> Option<Text> {
        let NodeKind::Scalar { value, syntax } = &node.kind else { return None };
        if node.is_null() {
            return None;
        }
        let outer = self.span(node);
        let quoted = matches!(syntax, Syntax::YamlSingleQuoted | Syntax::YamlDoubleQuoted)
            && outer.end - outer.start >= 2;
        let inside = if quoted {
            Span { start: outer.start + 1, end: outer.end - 1, ..outer }
        } else {
            outer
        };
        let lead = (value.len() - value.trim_start().len()) as u32;
        let tail = (value.len() - value.trim_end().len()) as u32;
        let exact = (inside.end - inside.start) as usize == value.len()
            && lead + tail < inside.end - inside.start;
        let span = if exact {
            Span { start: inside.start + lead, end: inside.end - tail, ..inside }
        } else {
            inside
        };
        Some(Text::new(value.clone(), span, inside, outer, *syntax))
    }
}

impl<'a> Fields<'a> {
    /// The value of a key, which then counts as known.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        let entry = self.entries.iter_mut().find(
            |(node, ..)| matches!(&node.kind, NodeKind::Scalar { value, .. } if value == key),
        )?;
        entry.2 = true;
        Some(entry.1)
    }

    pub fn required(&mut self, key: &'static str, reader: &mut Reader) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            let place = Span { end: self.place.start, ..self.place };
            reader.mistake(place, format!("missing key `{key}` for {}", self.noun), None);
        }
        found
    }

    fn key_span(&self, key: &str, reader: &Reader) -> Option<Span> {
        self.entries
            .iter()
            .find(|(node, ..)| matches!(&node.kind, NodeKind::Scalar { value, .. } if value == key))
            .map(|(node, ..)| reader.span(node))
    }

    /// A string, whose element is the whole entry.
    pub fn text(&mut self, key: &'static str, reader: &mut Reader) -> Option<Text> {
        let node = self.get(key)?;
        if node.is_null() {
            return None;
        }
        let Some(text) = reader.scalar(node) else {
            reader.mistake(
                reader.span(node),
                format!("expected a string for `{key}`, found {}", node.noun()),
                None,
            );
            return None;
        };
        let element = self
            .key_span(key, reader)
            .map_or(text.element, |key| Span { end: text.element.end, ..key });
        Some(text.within(element))
    }

    /// An organization ID with 15 or 18 characters.
    pub fn org_id(&mut self, reader: &mut Reader) -> Option<Text> {
        let text = self.text("org_id", reader)?;
        if text.known().is_some_and(|id| crate::model::RecordId::organization(id.trim()).is_none())
        {
            let help = "an organization ID starts with `00D` and has 15 or 18 characters: see Setup > Company Settings > Company Information";
            let message = format!("`{text}` is not an organization ID");
            reader.mistake(text.span, message, Some(help.into()));
            return None;
        }
        Some(text)
    }

    /// One of several allowed strings, or a placeholder.
    pub fn word(
        &mut self,
        key: &'static str,
        words: &[&'static str],
        reader: &mut Reader,
    ) -> Option<Text> {
        let text = self.text(key, reader)?;
        if text.known().is_some_and(|word| !words.contains(&word)) {
            let help = advice(text.as_str(), words);
            reader.mistake(text.span, format!("invalid value `{text}` for `{key}`"), Some(help));
        }
        Some(text)
    }

    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        reader: &mut Reader,
    ) -> Option<T> {
        let words: Vec<&'static str> = choices.iter().map(|(word, _)| *word).collect();
        let text = self.word(key, &words, reader)?;
        choices.iter().find(|(word, _)| *word == text.as_str()).map(|(_, value)| *value)
    }

    pub fn boolean(&mut self, key: &'static str, reader: &mut Reader) -> Option<bool> {
        let text = self.text(key, reader)?;
        match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                reader.mistake(
                    text.span,
                    format!("expected true or false for `{key}`, found `{text}`"),
                    None,
                );
                None
            }
        }
    }

    /// A list of strings; `None` if the key is missing.
    pub fn texts(&mut self, key: &'static str, reader: &mut Reader) -> Option<Vec<Text>> {
        let node = self.get(key)?;
        match &node.kind {
            NodeKind::Sequence(items) => Some(list(items, key, reader)),
            _ if node.is_null() => Some(Vec::new()),
            _ => {
                reader.mistake(
                    reader.span(node),
                    format!("expected a list for `{key}`, found {}", node.noun()),
                    Some(format!("write `{key}: [ … ]`")),
                );
                None
            }
        }
    }

    /// A string, or a list of strings.
    pub fn text_or_list(&mut self, key: &'static str, reader: &mut Reader) -> Vec<Text> {
        let Some(node) = self.get(key) else { return Vec::new() };
        match &node.kind {
            NodeKind::Sequence(items) => list(items, key, reader),
            NodeKind::Scalar { .. } => reader.scalar(node).into_iter().collect(),
            NodeKind::Mapping(_) => {
                reader.mistake(
                    reader.span(node),
                    format!("expected a string or a list for `{key}`, found a mapping"),
                    None,
                );
                Vec::new()
            }
        }
    }

    pub fn entries(&mut self, key: &'static str, reader: &mut Reader) -> Vec<(Text, &'a Node)> {
        self.get(key).map_or_else(Vec::new, |node| reader.entries(node, key))
    }

    /// Reports the unknown keys.
    pub fn finish(self, reader: &mut Reader) {
        for (key, _, taken) in &self.entries {
            if *taken {
                continue;
            }
            let Some(word) = reader.scalar(key) else { continue };
            reader.mistake(
                word.span,
                format!("unknown key `{word}` for {}", self.noun),
                Some(advice(word.as_str(), &self.asked)),
            );
        }
    }
}

fn list(items: &[Node], key: &str, reader: &mut Reader) -> Vec<Text> {
    let mut texts = Vec::new();
    for item in items {
        match reader.scalar(item) {
            Some(text) => texts.push(text),
            None => reader.mistake(
                reader.span(item),
                format!("expected a list of strings for `{key}`, found {} in it", item.noun()),
                None,
            ),
        }
    }
    texts
}
