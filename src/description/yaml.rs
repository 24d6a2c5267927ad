//! Parses YAML to a tree with byte offsets. Aliases are copied within limits, against "billion laughs" files.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle};

use crate::error::Mistake;
use crate::source::Syntax;

/// The maximum nesting level.
const MAX_DEPTH: usize = 64;
/// The maximum number of nodes, including copies for aliases.
const MAX_NODES: usize = 250_000;
/// The maximum number of bytes of text in copies for anchors and aliases.
const MAX_COPIED_BYTES: usize = 32 << 20;

/// A node with its byte range.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    Scalar { value: String, syntax: Syntax },
    Mapping(Vec<(Node, Node)>),
    Sequence(Vec<Node>),
}

impl Node {
    /// Whether the node is `~`, `null` or empty.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { value, syntax: Syntax::YamlPlain } if matches!(value.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The kind of node, for messages.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            NodeKind::Scalar { .. } if self.is_null() => "nothing",
            NodeKind::Scalar { .. } => "a string",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Sequence(_) => "a list",
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            NodeKind::Scalar { .. } => 1,
            NodeKind::Mapping(entries) => {
                1 + entries.iter().map(|(key, value)| key.size() + value.size()).sum::<usize>()
            }
            NodeKind::Sequence(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
        }
    }
}

impl Node {
    /// Bytes of text, in all nodes below.
    fn length(&self) -> usize {
        match &self.kind {
            NodeKind::Scalar { value, .. } => value.len(),
            NodeKind::Mapping(entries) => {
                entries.iter().map(|(key, value)| key.length() + value.length()).sum()
            }
            NodeKind::Sequence(items) => items.iter().map(Node::length).sum(),
        }
    }
}

/// Parses the first document.
pub fn parse(text: &str) -> Result<Node, Mistake> {
    let mut builder =
        Builder { anchors: HashMap::new(), nodes: 0, copied: 0, open: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let at = text.floor_char_boundary(at);
                return Err(mistake(
                    format!("not valid YAML: {}", error.info()),
                    at,
                    text.ceil_char_boundary(at + 1),
                ));
            }
        };
        let range = span.byte_range().unwrap_or(0..0);
        if matches!(event, Event::DocumentStart(..)) && builder.root.is_some() {
            return Err(mistake("unexpected second YAML document", range.start, range.end));
        }
        builder.handle(event, range.start.min(text.len()), range.end.min(text.len()))?;
    }
    Ok(builder.root.unwrap_or(Node {
        kind: NodeKind::Scalar { value: String::new(), syntax: Syntax::YamlPlain },
        start: 0,
        end: 0,
    }))
}

struct Builder {
    anchors: HashMap<usize, Node>,
    nodes: usize,
    copied: usize,
    open: Vec<(Node, usize, Option<Node>)>,
    root: Option<Node>,
}

impl Builder {
    fn handle(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Mistake> {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let syntax = match style {
                    ScalarStyle::Plain => Syntax::YamlPlain,
                    ScalarStyle::SingleQuoted => Syntax::YamlSingleQuoted,
                    ScalarStyle::DoubleQuoted => Syntax::YamlDoubleQuoted,
                    _ => Syntax::Verbatim,
                };
                let node = Node {
                    kind: NodeKind::Scalar { value: value.into_owned(), syntax },
                    start,
                    end,
                };
                self.add(node, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(NodeKind::Sequence(Vec::new()), start, end, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(NodeKind::Mapping(Vec::new()), start, end, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((mut node, anchor, _)) = self.open.pop() else { return Ok(()) };
                node.end = last_end(&node).max(if end > start { end } else { node.start });
                if let NodeKind::Mapping(entries) = &node.kind {
                    must_be_unique(entries)?;
                }
                self.nodes -= 1;
                self.add(node, anchor)
            }
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id) else {
                    return Err(mistake(
                        "the alias refers to a value that contains it",
                        start,
                        end,
                    ));
                };
                let size = node.size();
                if self.nodes + size > MAX_NODES {
                    return Err(mistake(
                        format!("aliases expand to more than {MAX_NODES} values"),
                        start,
                        end,
                    ));
                }
                self.nodes += size;
                let copy = node.clone();
                let node = self.copied(copy)?;
                self.add(node, 0)
            }
            Event::UnresolvedAlias(name) => {
                Err(mistake(format!("unknown anchor `{name}`"), start, end))
            }
            _ => Ok(()),
        }
    }

    /// A copy, counted against the limit.
    fn copied(&mut self, node: Node) -> Result<Node, Mistake> {
        self.copied += node.length();
        if self.copied > MAX_COPIED_BYTES {
            Err(mistake(
                format!("aliases expand to more than {MAX_COPIED_BYTES} bytes"),
                node.start,
                node.start,
            ))
        } else {
            Ok(node)
        }
    }

    fn open(
        &mut self,
        kind: NodeKind,
        start: usize,
        end: usize,
        anchor: usize,
    ) -> Result<(), Mistake> {
        if self.open.len() >= MAX_DEPTH {
            return Err(mistake(format!("nested more than {MAX_DEPTH} levels deep"), start, end));
        }
        self.nodes += 1;
        self.open.push((Node { kind, start, end }, anchor, None));
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(mistake(format!("more than {MAX_NODES} values"), node.start, node.start));
        }
        if anchor != 0 {
            let copy = self.copied(node.clone())?;
            self.anchors.insert(anchor, copy);
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Node { kind: NodeKind::Sequence(items), .. }, ..)) => items.push(node),
            Some((Node { kind: NodeKind::Mapping(entries), .. }, _, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
            Some((Node { kind: NodeKind::Scalar { .. }, .. }, ..)) => {}
        }
        Ok(())
    }
}

fn last_end(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            entries.last().map_or(node.start, |(key, value)| value.end.max(key.end))
        }
        NodeKind::Sequence(items) => items.last().map_or(node.start, |item| item.end),
        NodeKind::Scalar { .. } => node.end,
    }
}

fn must_be_unique(entries: &[(Node, Node)]) -> Result<(), Mistake> {
    let mut seen: HashSet<&str> = HashSet::with_capacity(entries.len());
    for (key, _) in entries {
        let NodeKind::Scalar { value, .. } = &key.kind else {
            return Err(mistake(
                format!("expected a string as key, found {}", key.noun()),
                key.start,
                key.end,
            ));
        };
        if value == "<<" {
            return Err(mistake(
                "merge keys (`<<`) are not supported, because they are not part of YAML 1.2; repeat the entries, or use an alias for the whole value",
                key.start,
                key.end,
            ));
        }
        if !seen.insert(value) {
            let first = entries.iter().find(|(other, _)| matches!(&other.kind, NodeKind::Scalar { value: text, .. } if text == value)).map(|(first, _)| first);
            let mut duplicate = mistake(format!("duplicate key `{value}`"), key.start, key.end);
            duplicate.related =
                first.map(|first| (first.start, first.end, "first here".to_owned()));
            return Err(duplicate);
        }
    }
    Ok(())
}

fn mistake(message: impl Into<String>, start: usize, end: usize) -> Mistake {
    Mistake { message: message.into(), start, end: end.max(start), help: None, related: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_scalars_have_byte_ranges() {
        let text = "a:\n  é: 'x y'\n  list: [1, \"two\"]\n";
        let root = parse(text).unwrap();
        let NodeKind::Mapping(entries) = &root.kind else { panic!() };
        assert_eq!(&text[entries[0].0.start..entries[0].0.end], "a");
        let NodeKind::Mapping(inner) = &entries[0].1.kind else { panic!() };
        assert_eq!(&text[inner[0].0.start..inner[0].0.end], "é");
        assert_eq!(&text[inner[0].1.start..inner[0].1.end], "'x y'");
        let NodeKind::Sequence(items) = &inner[1].1.kind else { panic!() };
        assert_eq!(&text[items[1].start..items[1].end], "\"two\"");
    }

    #[test]
    fn aliases_are_limited() {
        let root = parse("a: &x {k: 1}\nb: *x\n").unwrap();
        let NodeKind::Mapping(entries) = &root.kind else { panic!() };
        assert_eq!(entries[1].1.size(), 3);
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(parse(&bomb).unwrap_err().message.contains("expand"));
    }

    #[test]
    fn mistakes_have_locations() {
        assert!(parse("a: [1").unwrap_err().message.contains("not valid YAML"));
        assert!(parse("a: 1\na: 2\n").unwrap_err().related.is_some());
        let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(parse(&nested).unwrap_err().message.contains("levels deep"));
        assert!(parse(&"[".repeat(400_000)).is_err());
        assert!(parse("a: *x\n").is_err());
        assert!(parse("a: 1\n---\nb: 2\n").unwrap_err().message.contains("second"));
        assert!(parse("").unwrap().is_null());
    }
}
