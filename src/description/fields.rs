//! Reading YAML by hand: every key is taken or reported, every value keeps its place.

use super::yaml::{Node, NodeKind};
use crate::error::Mistake;
use crate::nearest::nearest;
use crate::source::{FileId, Span, Syntax, Text};

/// What has been wrong so far.
pub struct Reading {
    pub file: FileId,
    pub mistakes: Vec<Mistake>,
}

/// The keys of one mapping, taken one by one.
pub struct Fields<'a> {
    noun: &'static str,
    place: Span,
    entries: Vec<(&'a Node, &'a Node, bool)>,
    asked: Vec<&'static str>,
}

impl Reading {
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
                    format!("{noun} is written as a mapping, and this is {}", node.noun()),
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
                    format!("`{key}` takes a mapping from names to values, not {}", node.noun()),
                    None,
                );
                Vec::new()
            }
        }
    }

    /// A text; `None` for anything else. Quotes are not part of the span.
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
    /// The value of a key; the key counts as known from now on.
    pub fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        let entry = self.entries.iter_mut().find(
            |(node, ..)| matches!(&node.kind, NodeKind::Scalar { value, .. } if value == key),
        )?;
        entry.2 = true;
        Some(entry.1)
    }

    pub fn required(&mut self, key: &'static str, reading: &mut Reading) -> Option<&'a Node> {
        let found = self.take(key);
        if found.is_none() {
            let place = Span { end: self.place.start, ..self.place };
            reading.mistake(place, format!("{} needs the key `{key}`", self.noun), None);
        }
        found
    }

    fn key_span(&self, key: &str, reading: &Reading) -> Option<Span> {
        self.entries
            .iter()
            .find(|(node, ..)| matches!(&node.kind, NodeKind::Scalar { value, .. } if value == key))
            .map(|(node, ..)| reading.span(node))
    }

    /// A text; its element is the whole entry.
    pub fn text(&mut self, key: &'static str, reading: &mut Reading) -> Option<Text> {
        let node = self.take(key)?;
        if node.is_null() {
            return None;
        }
        let Some(text) = reading.scalar(node) else {
            reading.mistake(
                reading.span(node),
                format!("`{key}` takes a text, not {}", node.noun()),
                None,
            );
            return None;
        };
        let element = self
            .key_span(key, reading)
            .map_or(text.element, |key| Span { end: text.element.end, ..key });
        Some(text.within(element))
    }

    /// The id of an org, in either length.
    pub fn org_id(&mut self, reading: &mut Reading) -> Option<Text> {
        let text = self.text("org_id", reading)?;
        let wrong = text
            .known()
            .is_some_and(|id| crate::model::RecordId::organization(id.trim()).is_none());
        if wrong {
            let help = "it begins with `00D` and has 15 or 18 characters: Setup > Company Settings > Company Information";
            reading.mistake(text.span, format!("`{text}` is no org id"), Some(help.into()));
        }
        (!wrong).then_some(text)
    }

    /// A text that is one of a few; a placeholder passes.
    pub fn word(
        &mut self,
        key: &'static str,
        words: &[&'static str],
        reading: &mut Reading,
    ) -> Option<Text> {
        let text = self.text(key, reading)?;
        if text.known().is_some_and(|word| !words.contains(&word)) {
            let near = nearest(text.as_str(), words.iter().copied());
            let help = near.map_or_else(
                || format!("one of {}", words.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            reading.mistake(text.span, format!("`{text}` is no value of `{key}`"), Some(help));
        }
        Some(text)
    }

    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        reading: &mut Reading,
    ) -> Option<T> {
        let words: Vec<&'static str> = choices.iter().map(|(word, _)| *word).collect();
        let text = self.word(key, &words, reading)?;
        choices.iter().find(|(word, _)| *word == text.as_str()).map(|(_, value)| *value)
    }

    pub fn boolean(&mut self, key: &'static str, reading: &mut Reading) -> Option<bool> {
        let text = self.text(key, reading)?;
        match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                reading.mistake(text.span, format!("`{key}` is true or false, not `{text}`"), None);
                None
            }
        }
    }

    /// A list of texts. `None` where the key is absent.
    pub fn texts(&mut self, key: &'static str, reading: &mut Reading) -> Option<Vec<Text>> {
        let node = self.take(key)?;
        match &node.kind {
            NodeKind::Sequence(items) => Some(list(items, key, reading)),
            _ if node.is_null() => Some(Vec::new()),
            _ => {
                reading.mistake(
                    reading.span(node),
                    format!("`{key}` takes a list, not {}", node.noun()),
                    Some(format!("write `{key}: [ … ]`")),
                );
                None
            }
        }
    }

    /// One text, or a list of texts.
    pub fn text_or_list(&mut self, key: &'static str, reading: &mut Reading) -> Vec<Text> {
        let Some(node) = self.take(key) else { return Vec::new() };
        match &node.kind {
            NodeKind::Sequence(items) => list(items, key, reading),
            NodeKind::Scalar { .. } => reading.scalar(node).into_iter().collect(),
            NodeKind::Mapping(_) => {
                reading.mistake(
                    reading.span(node),
                    format!("`{key}` takes a text or a list, not a mapping"),
                    None,
                );
                Vec::new()
            }
        }
    }

    pub fn entries(&mut self, key: &'static str, reading: &mut Reading) -> Vec<(Text, &'a Node)> {
        self.take(key).map_or_else(Vec::new, |node| reading.entries(node, key))
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self, reading: &mut Reading) {
        for (key, _, taken) in &self.entries {
            if *taken {
                continue;
            }
            let Some(word) = reading.scalar(key) else { continue };
            let near = nearest(word.as_str(), self.asked.iter().copied());
            let help = near.map_or_else(
                || format!("{} has the keys {}", self.noun, self.asked.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            reading.mistake(word.span, format!("{} has no key `{word}`", self.noun), Some(help));
        }
    }
}

fn list(items: &[Node], key: &str, reading: &mut Reading) -> Vec<Text> {
    let mut texts = Vec::new();
    for item in items {
        match reading.scalar(item) {
            Some(text) => texts.push(text),
            None => reading.mistake(
                reading.span(item),
                format!("`{key}` takes a list of texts, and this is {}", item.noun()),
                None,
            ),
        }
    }
    texts
}
