//! Graphs of trust, as text, for Mermaid and Graphviz, as JSON, and as a picture.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::canvas::{Anchor, Canvas, Font, cut};
use super::json::write_json;
use super::layout::{UNBROKEN, count};
use super::paint::{BOLD, DIM, RED, YELLOW, painted};
use super::sanitize::{for_terminal, single_line};
use super::{Style, VERSION};
use crate::finding::Severity;
use crate::graph::{Connection, Direction, Edge, Focus, Graph, Mark, Marks, Node, NodeKind};
use crate::source::{Sources, Span};

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-graph-1.json";

/// The maximum number of characters of a name in a diagram.
const LONGEST: usize = 80;
/// The maximum number of edges that Mermaid draws by default, and that its hosts allow.
pub const MERMAID_EDGES: usize = 500;

// --- text ---

/// Writes a graph as text: a line for each node and each edge, so that a diff shows what changes.
pub(super) fn text(
    graph: &Graph,
    focus: &Focus,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let text = Text { graph, style };
    match focus {
        Focus::Everything | Focus::Around(_) => text.everything(out),
        Focus::WhoCan(name) => text.who_can(name, out),
        Focus::Certificates => text.certificates(out),
    }
}

struct Text<'g> {
    graph: &'g Graph,
    style: Style,
}

impl Text<'_> {
    fn everything(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let graph = self.graph;
        for connection in &graph.connections {
            writeln!(out, "{}", self.connection(connection))?;
        }
        let edges = graph.neighbors(Direction::Dependencies);
        let mut org: Option<&Option<String>> = None;
        for (number, node) in graph.nodes.iter().enumerate() {
            if org != Some(&node.org) {
                if org.is_some() || !graph.connections.is_empty() {
                    writeln!(out)?;
                }
                let heading = match &node.org {
                    Some(name) if name.is_empty() => "org".to_owned(),
                    Some(name) => format!("org `{name}`"),
                    None => "other hosts".to_owned(),
                };
                writeln!(out, "{}", painted(&self.plain(&heading), BOLD, self.style))?;
                org = Some(&node.org);
            }
            writeln!(out, "  {}", self.node(node))?;
            for &edge in &edges[number] {
                writeln!(out, "    {}", self.edge(&graph.edges[edge], node))?;
            }
        }
        if !graph.nodes.is_empty() {
            writeln!(out)?;
        }
        let faulty = graph.edges.iter().filter(|edge| edge.marks.worst().is_some()).count();
        writeln!(
            out,
            "{}, {}, {} with errors or warnings",
            count(graph.nodes.len(), "component").replace(UNBROKEN, " "),
            count(graph.edges.len(), "edge").replace(UNBROKEN, " "),
            faulty
        )
    }

    /// `org spoke trusts org hub: …`.
    fn connection(&self, connection: &Connection) -> String {
        let org = |name: &str| {
            if name.is_empty() { "an org".to_owned() } else { format!("org `{name}`") }
        };
        let user = connection.user.as_ref().map(|user| format!(", as `{user}`"));
        let scopes = match &connection.scopes {
            Some(scopes) if scopes.is_empty() => ", no scopes".to_owned(),
            Some(scopes) => format!(", scopes {}", scopes.join(", ")),
            None => String::new(),
        };
        let line = format!(
            "{} trusts {}: `{}` logs in to `{}` ({}{}{scopes})",
            org(&connection.target_org),
            org(&connection.calling_org),
            self.graph.nodes[connection.credential].name,
            self.graph.nodes[connection.app].name,
            connection.flow.label(),
            user.unwrap_or_default(),
        );
        format!("{}{}", self.plain(&line), self.marks(&connection.marks))
    }

    fn node(&self, node: &Node) -> String {
        self.node_with(node, "", "")
    }

    /// A node, with words after its name and after its last day.
    fn node_with(&self, node: &Node, org: &str, left: &str) -> String {
        let mut line = format!("{} `{}`{org}", node.kind.noun(), node.name);
        if let Some(detail) = &node.detail {
            line += &format!(" ({detail})");
        }
        if let Some(expires) = node.expires {
            line += &format!(", valid until {expires}{left}");
        }
        let absent = if node.in_files || node.kind == NodeKind::Host {
            String::new()
        } else {
            painted(" (not in the files)", DIM, self.style)
        };
        format!("{}{absent}{}", self.plain(&line), self.marks(&node.marks))
    }

    fn edge(&self, edge: &Edge, from: &Node) -> String {
        let to = &self.graph.nodes[edge.to];
        let line = format!("{} {}", edge.kind.name(), self.called(to, from));
        format!("{}{}", self.plain(&line), self.marks(&edge.marks))
    }

    /// The kind and name of a node, and its org if that is another.
    fn called(&self, node: &Node, from: &Node) -> String {
        let name = format!("{} `{}`", node.kind.noun(), node.name);
        match &node.org {
            Some(org) if node.org != from.org && node.kind != NodeKind::Org && !org.is_empty() => {
                format!("{name} in org `{org}`")
            }
            Some(_) | None => name,
        }
    }

    fn marks(&self, marks: &Marks) -> String {
        let mut text = String::new();
        for mark in &marks.rules {
            let color = if mark.severity == Severity::Error { RED } else { YELLOW };
            text += &format!("  {}", painted(&tag(mark), color, self.style));
        }
        if marks.more > 0 {
            text += &format!("  and {} more", marks.more);
        }
        text
    }

    fn who_can(&self, name: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let graph = self.graph;
        let targets = graph.usable(name).unwrap_or_default();
        let known: HashSet<usize> = targets.iter().copied().collect();
        let heading = format!("Who can use `{}`", crate::mask::name(name));
        writeln!(out, "{}", painted(&self.plain(&heading), BOLD, self.style))?;
        let is_target = |number: &usize| known.contains(number);
        for kind in [
            NodeKind::User,
            NodeKind::Profile,
            NodeKind::PermissionSetGroup,
            NodeKind::PermissionSet,
            NodeKind::Apex,
            NodeKind::NamedCredential,
            NodeKind::ExternalCredential,
        ] {
            let found = graph.nodes.iter().enumerate();
            let found = found.filter(|(number, node)| node.kind == kind && !is_target(number));
            let names: Vec<String> = found.map(|(_, node)| format!("`{}`", node.name)).collect();
            if !names.is_empty() {
                let line = format!("  {}: {}", kind.noun(), names.join(", "));
                writeln!(out, "{}", self.plain(&line))?;
            } else if kind == NodeKind::User {
                writeln!(
                    out,
                    "  user: none in the files; assignments are in the org (`sfcred pull`), or in `sfcred.yaml`"
                )?;
            }
        }
        writeln!(out)?;
        self.trees(&targets, out)
    }

    /// The certificates, first those that expire first, and what has to change with them.
    fn certificates(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let graph = self.graph;
        let edges = graph.neighbors(Direction::Dependencies);
        let same_key = |number: usize| {
            edges[number]
                .iter()
                .any(|&edge| graph.edges[edge].kind == crate::graph::EdgeKind::SharesKey)
        };
        let mut roots: Vec<usize> = (0..graph.nodes.len())
            .filter(|&number| match graph.nodes[number].kind {
                NodeKind::Certificate => true,
                // Those of calling orgs list the apps that have the same key.
                NodeKind::AppCertificate => !same_key(number),
                NodeKind::Org
                | NodeKind::Apex
                | NodeKind::NamedCredential
                | NodeKind::ExternalCredential
                | NodeKind::Principal
                | NodeKind::PermissionSet
                | NodeKind::PermissionSetGroup
                | NodeKind::Profile
                | NodeKind::User
                | NodeKind::Provider
                | NodeKind::App
                | NodeKind::Host => false,
            })
            .collect();
        if roots.is_empty() {
            return writeln!(out, "The files contain no certificate");
        }
        roots.sort_by_key(|&number| {
            (graph.nodes[number].expires.is_none(), graph.nodes[number].expires, number)
        });
        self.trees(&roots, out)
    }

    /// What depends on some components, each with its own dependents below it.
    fn trees(&self, roots: &[usize], out: &mut dyn io::Write) -> io::Result<()> {
        let graph = self.graph;
        let edges = graph.neighbors(Direction::Dependents);
        let mut written: HashSet<usize> = HashSet::new();
        for (index, &root) in roots.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            let node = &graph.nodes[root];
            let org = match &node.org {
                Some(org) if !org.is_empty() => format!(" in org `{org}`"),
                Some(_) | None => String::new(),
            };
            let days = node.expires.map(|day| (day - graph.today).whole_days());
            let left = match days {
                None => String::new(),
                Some(days) if days < 0 => format!(", expired {} days ago", -days),
                Some(0) => ", expires today".to_owned(),
                Some(1) => ", 1 day left".to_owned(),
                Some(days) => format!(", {days} days left"),
            };
            writeln!(out, "{}", self.node_with(node, &org, &left))?;
            // Depth and edge, the next one last.
            let children = |number: usize, depth: usize| {
                edges[number].iter().rev().map(move |&edge| (depth, edge)).collect::<Vec<_>>()
            };
            written.insert(root);
            let mut open = children(root, 1);
            if open.is_empty() {
                writeln!(out, "  nothing in the files depends on it")?;
            }
            while let Some((depth, edge)) = open.pop() {
                let edge = &graph.edges[edge];
                let (from, to) = (&graph.nodes[edge.from], &graph.nodes[edge.to]);
                let is_new = written.insert(edge.from);
                let seen = is_new || edges[edge.from].is_empty();
                let line = format!(
                    "{} {} it{}",
                    self.called(from, to),
                    edge.kind.name(),
                    if seen { "" } else { " (see above)" }
                );
                let indent = "  ".repeat(depth.min(20));
                writeln!(out, "{indent}{}{}", self.plain(&line), self.marks(&edge.marks))?;
                if is_new {
                    open.extend(children(edge.from, depth + 1));
                }
            }
        }
        Ok(())
    }

    /// Text on one line.
    fn plain(&self, text: &str) -> String {
        for_terminal(&single_line(text), self.style.unicode)
    }
}

/// `error[certificate-mismatch]`, as in other reports.
fn tag(mark: &Mark) -> String {
    let suppressed = if mark.suppressed { ", suppressed" } else { "" };
    format!("{}[{}{suppressed}]", mark.severity, mark.rule)
}

// --- Mermaid ---

/// Writes a graph for Mermaid. Identifiers come from names, so that a diff shows what changes.
pub(super) fn mermaid(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(mermaid_text(graph).as_bytes())
}

/// The same as text.
pub(super) fn mermaid_text(graph: &Graph) -> String {
    let ids = identifiers(graph);
    let mut text = String::from("flowchart LR\n");
    let mut orgs: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (number, node) in graph.nodes.iter().enumerate() {
        orgs.entry(node.org.as_deref()).or_default().push(number);
    }
    for (org, nodes) in &orgs {
        let indent = if let Some(name) = org {
            let label = if name.is_empty() { "org".to_owned() } else { format!("org {name}") };
            let id = identifier(&format!("org/{name}"));
            text += &format!("  subgraph {id}[\"{}\"]\n", quoted(&label));
            "    "
        } else {
            "  "
        };
        for &number in nodes {
            let node = &graph.nodes[number];
            let (open, close) = shape(node.kind);
            let class = class(node).map_or(String::new(), |class| format!(":::{class}"));
            text += &format!(
                "{indent}{}{open}\"{}\"{close}{class}\n",
                ids[number],
                label(node, "<br>", &quoted)
            );
        }
        if org.is_some() {
            text += "  end\n";
        }
    }
    for edge in &graph.edges {
        let (arrow, mark) = match edge.marks.worst() {
            Some(Severity::Error) => ("--x", first_rule(&edge.marks)),
            Some(Severity::Warning | Severity::Note) => ("-.->", first_rule(&edge.marks)),
            None => ("-->", String::new()),
        };
        let words = quoted(&format!("{}{mark}", edge.kind.name()));
        text += &format!("  {} {arrow}|\"{words}\"| {}\n", ids[edge.from], ids[edge.to]);
    }
    text += "  classDef faulty stroke:#cf222e,stroke-width:3px\n  classDef doubtful stroke:#9a6700,stroke-width:3px\n  classDef absent stroke-dasharray:5 4\n";
    text
}

fn shape(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Apex | NodeKind::Org => ("[", "]"),
        NodeKind::NamedCredential | NodeKind::ExternalCredential | NodeKind::Principal => {
            ("(", ")")
        }
        NodeKind::PermissionSet | NodeKind::PermissionSetGroup | NodeKind::Profile => ("[/", "/]"),
        NodeKind::User => ("([", "])"),
        NodeKind::Certificate | NodeKind::AppCertificate => ("[[", "]]"),
        NodeKind::App | NodeKind::Provider => ("{{", "}}"),
        NodeKind::Host => (">", "]"),
    }
}

fn class(node: &Node) -> Option<&'static str> {
    match node.marks.worst() {
        Some(Severity::Error) => Some("faulty"),
        Some(Severity::Warning | Severity::Note) => Some("doubtful"),
        None if !node.in_files => Some("absent"),
        None => None,
    }
}

fn first_rule(marks: &Marks) -> String {
    let worst = marks.worst();
    let rule = marks.rules.iter().find(|mark| Some(mark.severity) == worst);
    let more = marks.rules.len() + marks.more;
    let more = if more > 1 { format!(" and {} more", more - 1) } else { String::new() };
    rule.map_or(String::new(), |mark| format!(": {}{more}", mark.rule))
}

/// Kind, name and detail of a node, one below the other.
fn label(node: &Node, line_break: &str, escape: &dyn Fn(&str) -> String) -> String {
    let mut lines = vec![escape(node.kind.noun()), escape(&shortened(&node.name))];
    lines.extend(node.detail.as_deref().map(|detail| escape(&shortened(detail))));
    lines.extend(node.expires.map(|day| escape(&format!("valid until {day}"))));
    lines.join(line_break)
}

fn shortened(text: &str) -> String {
    let text = single_line(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Text between quotes in Mermaid: nothing in it ends the quotes, or is markup, a directive or an entity.
fn quoted(text: &str) -> String {
    let mut result = String::new();
    let text = single_line(text);
    for (index, character) in text.char_indices() {
        let rest = &text[index + character.len_utf8()..];
        match character {
            '"' => result.push_str("#quot;"),
            '&' => result.push_str("#amp;"),
            '<' => result.push_str("#lt;"),
            '>' => result.push_str("#gt;"),
            // A directive, a backtick that begins Markdown, a formula, and others that mean something in some version.
            '#' | '%' | '{' | '}' | '`' | '|' | '\\' | '$' | ';' | '@' => {
                result.push_str(&format!("#{};", u32::from(character)));
            }
            // A URL, or the name of an icon.
            ':' if rest.starts_with('/') || rest.starts_with("fa-") => {
                result.push_str("#58;");
            }
            other => result.push(other),
        }
    }
    result
}

/// An identifier of letters, digits and underscores for each node.
fn identifiers(graph: &Graph) -> Vec<String> {
    graph.nodes.iter().map(|node| identifier(&node.id)).collect()
}

/// The readable part of an ID, and a part of its digest, so that names which differ only in punctuation have different
/// identifiers.
fn identifier(id: &str) -> String {
    let plain: String = id
        .chars()
        .take(40)
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    let digest = Sha256::digest(id);
    format!("n_{plain}_{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

// --- Graphviz ---

/// Writes a graph for the programs of Graphviz.
pub(super) fn dot(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    let escape = |text: &str| single_line(text).replace('\\', "\\\\").replace('"', "\\\"");
    writeln!(
        out,
        "digraph sfcred {{\n  rankdir=LR\n  node [shape=box, style=rounded, fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\", fontsize=11]"
    )?;
    let mut orgs: BTreeMap<Option<&str>, Vec<&Node>> = BTreeMap::new();
    for node in &graph.nodes {
        orgs.entry(node.org.as_deref()).or_default().push(node);
    }
    for (org, nodes) in orgs {
        if let Some(name) = org {
            let label = if name.is_empty() { "org".to_owned() } else { format!("org {name}") };
            writeln!(
                out,
                "  subgraph \"cluster {}\" {{\n    label=\"{}\"",
                escape(name),
                escape(&label)
            )?;
        }
        for node in nodes {
            let style = match class(node) {
                Some("faulty") => ", color=\"#cf222e\", penwidth=2",
                Some("doubtful") => ", color=\"#9a6700\", penwidth=2",
                Some(_) => ", style=\"rounded,dashed\"",
                None => "",
            };
            writeln!(
                out,
                "    \"{}\" [label=\"{}\"{style}]",
                escape(&node.id),
                label(node, "\\n", &escape)
            )?;
        }
        if org.is_some() {
            writeln!(out, "  }}")?;
        }
    }
    for edge in &graph.edges {
        let style = match edge.marks.worst() {
            Some(Severity::Error) => {
                ", color=\"#cf222e\", fontcolor=\"#cf222e\", penwidth=2, arrowhead=box"
            }
            Some(Severity::Warning | Severity::Note) => {
                ", color=\"#9a6700\", fontcolor=\"#9a6700\", style=dashed"
            }
            None => "",
        };
        let mark =
            if edge.marks.worst().is_some() { first_rule(&edge.marks) } else { String::new() };
        writeln!(
            out,
            "  \"{}\" -> \"{}\" [label=\"{}{mark}\"{style}]",
            escape(&graph.nodes[edge.from].id),
            escape(&graph.nodes[edge.to].id),
            edge.kind.name()
        )?;
    }
    writeln!(out, "}}")
}

// --- JSON ---

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    /// The day for which certificates are judged.
    today: String,
    connections: Vec<OneConnection<'a>>,
    nodes: Vec<OneNode<'a>>,
    edges: Vec<OneEdge<'a>>,
}

#[derive(Serialize)]
struct OneConnection<'a> {
    calling_org: &'a str,
    credential: &'a str,
    target_org: &'a str,
    app: &'a str,
    flow: &'static str,
    user: Option<&'a str>,
    scopes: Option<&'a [String]>,
    #[serde(flatten)]
    marks: OneMarks,
}

#[derive(Serialize)]
struct OneNode<'a> {
    id: &'a str,
    kind: &'static str,
    org: Option<&'a str>,
    name: &'a str,
    detail: Option<&'a str>,
    in_files: bool,
    place: Option<Place<'a>>,
    expires: Option<String>,
    #[serde(flatten)]
    marks: OneMarks,
}

#[derive(Serialize)]
struct OneEdge<'a> {
    from: &'a str,
    to: &'a str,
    kind: String,
    #[serde(flatten)]
    marks: OneMarks,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct OneMarks {
    findings: Vec<OneMark>,
    more: usize,
}

#[derive(Serialize)]
struct OneMark {
    rule: &'static str,
    severity: &'static str,
    suppressed: bool,
}

fn one_marks(marks: &Marks) -> OneMarks {
    let one = |mark: &Mark| OneMark {
        rule: mark.rule,
        severity: mark.severity.name(),
        suppressed: mark.suppressed,
    };
    OneMarks { findings: marks.rules.iter().map(one).collect(), more: marks.more }
}

/// Writes a graph as JSON; the schema is `schemas/sfcred-graph-1.json`.
pub(super) fn json(graph: &Graph, sources: &Sources, out: &mut dyn io::Write) -> io::Result<()> {
    let id = |number: usize| graph.nodes[number].id.as_str();
    let place = |span: Span| {
        let position = sources.position(span.file, span.start);
        Place { file: &sources.get(span.file).name, line: position.line, column: position.column }
    };
    let document = Document {
        schema: SCHEMA,
        version: VERSION,
        today: graph.today.to_string(),
        connections: graph
            .connections
            .iter()
            .map(|connection| OneConnection {
                calling_org: &connection.calling_org,
                credential: id(connection.credential),
                target_org: &connection.target_org,
                app: id(connection.app),
                flow: connection.flow.name(),
                user: connection.user.as_deref(),
                scopes: connection.scopes.as_deref(),
                marks: one_marks(&connection.marks),
            })
            .collect(),
        nodes: graph
            .nodes
            .iter()
            .map(|node| OneNode {
                id: &node.id,
                kind: node.kind.name(),
                org: node.org.as_deref(),
                name: &node.name,
                detail: node.detail.as_deref(),
                in_files: node.in_files,
                place: node.place.map(place),
                expires: node.expires.map(|day| day.to_string()),
                marks: one_marks(&node.marks),
            })
            .collect(),
        edges: graph
            .edges
            .iter()
            .map(|edge| OneEdge {
                from: id(edge.from),
                to: id(edge.to),
                kind: edge.kind.name().replace(' ', "-"),
                marks: one_marks(&edge.marks),
            })
            .collect(),
    };
    write_json(&document, out)
}

// --- picture ---

const MARGIN: usize = 16;
const BOX: usize = 236;
const GUTTER: usize = 84;
const HEAD: usize = 42;
const ROW: usize = 16;
const GAP: usize = 16;
/// The height of an edge that passes through a layer.
const PASSING: usize = 10;
/// The maximum number of layers.
const LAYERS: usize = 12;
/// How often layers are reordered to reduce crossings.
const SWEEPS: usize = 6;

/// What takes up room in a layer: a node, or an edge that passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Node(usize),
    Edge,
}

/// The slots of a graph in layers, from left to right.
struct Layout {
    slots: Vec<Slot>,
    layer: Vec<usize>,
    /// The slots that each edge passes through from left to right, with both ends; empty if it does not lead to the
    /// right, so that it is not drawn.
    routes: Vec<Vec<usize>>,
    /// The top of each slot.
    top: Vec<usize>,
    height: usize,
    layers: usize,
}

/// Writes a graph as one SVG file.
pub(super) fn svg(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    let edges = graph.neighbors(Direction::Dependencies);
    let layout = layout(graph, &edges);
    let mut canvas = Canvas::default();
    let width = 2 * MARGIN + layout.layers.max(1) * (BOX + GUTTER) - GUTTER;
    let left = |layer: usize| MARGIN + layer * (BOX + GUTTER);
    let mut rows = vec![0; graph.edges.len()];
    for of_node in &edges {
        of_node.iter().enumerate().for_each(|(row, &edge)| rows[edge] = row);
    }
    for (number, route) in layout.routes.iter().enumerate() {
        let edge = &graph.edges[number];
        let Some((&first, rest)) = route.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            continue;
        };
        let row = rows[number];
        let (mut x, mut y) =
            (left(layout.layer[first]) + BOX, layout.top[first] + HEAD + row * ROW + ROW / 2);
        let class = match edge.marks.worst() {
            Some(Severity::Error) => "fails",
            Some(Severity::Warning | Severity::Note) => "unknown dashed",
            None => "edge",
        };
        let mut path = format!("M{x} {y}");
        for &slot in rest {
            let next_x = left(layout.layer[slot]);
            let is_end = matches!(layout.slots[slot], Slot::Node(_));
            let next_y = layout.top[slot] + if is_end { HEAD / 2 } else { PASSING / 2 };
            let middle = (x + next_x) / 2;
            path += &format!(" C{middle} {y} {middle} {next_y} {next_x} {next_y}");
            (x, y) = (next_x, next_y);
            if !is_end {
                x += BOX;
                path += &format!(" H{x}");
            }
        }
        canvas.begin(&sentence(graph, edge));
        canvas.path(class, &path);
        let class = class.split(' ').next().unwrap_or_default();
        canvas.path(class, &format!("M{} {} L{} {y} L{} {}", x - 8, y - 4, x - 1, x - 8, y + 4));
        canvas.end();
    }
    for (slot, kind) in layout.slots.iter().enumerate() {
        let Slot::Node(number) = *kind else { continue };
        let at = (left(layout.layer[slot]), layout.top[slot]);
        draw_node(graph, number, &edges[number], &layout, at, &mut canvas);
    }
    let title = format!(
        "{} and {}",
        count(graph.nodes.len(), "component").replace(UNBROKEN, " "),
        count(graph.edges.len(), "edge").replace(UNBROKEN, " ")
    );
    out.write_all(canvas.file(&title, (width, layout.height)).as_bytes())
}

/// An edge in words.
fn sentence(graph: &Graph, edge: &Edge) -> String {
    let (from, to) = (&graph.nodes[edge.from], &graph.nodes[edge.to]);
    format!(
        "{} {} {} {} {}{}",
        from.kind.noun(),
        from.name,
        edge.kind.name(),
        to.kind.noun(),
        to.name,
        if edge.marks.worst().is_some() { first_rule(&edge.marks) } else { String::new() }
    )
}

fn height(edges: &[usize]) -> usize {
    HEAD + edges.len() * ROW + if edges.is_empty() { 0 } else { 6 }
}

fn draw_node(
    graph: &Graph,
    number: usize,
    edges: &[usize],
    layout: &Layout,
    (x, y): (usize, usize),
    canvas: &mut Canvas,
) {
    let node = &graph.nodes[number];
    let org = node.org.as_ref().filter(|org| !org.is_empty() && node.kind != NodeKind::Org);
    let org = org.map_or(String::new(), |org| format!(", org {org}"));
    let label = format!("{}{org}", node.kind.noun());
    let detail = node.detail.as_ref().map_or(String::new(), |detail| format!(", {detail}"));
    let expires = node.expires.map_or(String::new(), |day| format!(", valid until {day}"));
    let absent = if node.in_files { "" } else { ", not in the files" };
    let rules: Vec<String> = node.marks.rules.iter().map(tag).collect();
    let rules = if rules.is_empty() { String::new() } else { format!(": {}", rules.join(", ")) };
    canvas.begin(&format!("{label} {}{detail}{expires}{absent}{rules}", node.name));
    canvas.rect(class(node).unwrap_or("box"), (x, y), (BOX, height(edges)));
    let room = BOX - 20;
    let small = |text: &str| cut(text, Font::Small, room);
    canvas.text((x + 10, y + 16), Anchor::Start, (Font::Small, "muted"), &small(&label), &label);
    let shown = cut(&node.name, Font::Strong, room);
    canvas.text((x + 10, y + 33), Anchor::Start, (Font::Strong, ""), &shown, &node.name);
    for (row, &edge) in edges.iter().enumerate() {
        let (number, edge) = (edge, &graph.edges[edge]);
        let class = match edge.marks.worst() {
            Some(Severity::Error) => "fails",
            Some(Severity::Warning | Severity::Note) => "unknown",
            None => "muted",
        };
        let mark =
            if edge.marks.worst().is_some() { first_rule(&edge.marks) } else { String::new() };
        // What is not drawn is named.
        let words = if layout.routes[number].is_empty() {
            format!("{} {}{mark}", edge.kind.name(), graph.nodes[edge.to].name)
        } else {
            format!("{}{mark}", edge.kind.name())
        };
        canvas.text(
            (x + 10, y + HEAD + row * ROW + 12),
            Anchor::Start,
            (Font::Small, class),
            &small(&words),
            &words,
        );
    }
    canvas.end();
}

fn layout(graph: &Graph, edges: &[Vec<usize>]) -> Layout {
    let layers = layers(graph, edges);
    let mut slots: Vec<Slot> = (0..graph.nodes.len()).map(Slot::Node).collect();
    let mut layer = layers.clone();
    let mut routes = Vec::with_capacity(graph.edges.len());
    for edge in &graph.edges {
        let (from, to) = (layers[edge.from], layers[edge.to]);
        if from >= to {
            routes.push(Vec::new());
            continue;
        }
        let mut route = vec![edge.from];
        for passed in from + 1..to {
            route.push(slots.len());
            slots.push(Slot::Edge);
            layer.push(passed);
        }
        route.push(edge.to);
        routes.push(route);
    }
    let count = layer.iter().max().map_or(0, |last| last + 1);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (slot, &layer) in layer.iter().enumerate() {
        order[layer].push(slot);
    }
    reorder(&mut order, &routes, slots.len());
    let slot_height = |slot: usize| match slots[slot] {
        Slot::Node(number) => height(&edges[number]),
        Slot::Edge => PASSING,
    };
    let heights: Vec<usize> = order
        .iter()
        .map(|slots| slots.iter().map(|&slot| slot_height(slot) + GAP).sum::<usize>())
        .collect();
    let highest = heights.iter().copied().max().unwrap_or(GAP);
    let mut top = vec![0; slots.len()];
    for (slots, own) in order.iter().zip(&heights) {
        let mut y = MARGIN + (highest - own) / 2;
        for &slot in slots {
            top[slot] = y;
            y += slot_height(slot) + GAP;
        }
    }
    let height = highest + 2 * MARGIN - GAP;
    Layout { slots, layer, routes, top, height, layers: count }
}

/// The layer of each node: one more than the last of what depends on it, without the edges that close a cycle.
fn layers(graph: &Graph, edges: &[Vec<usize>]) -> Vec<usize> {
    let back = back_edges(graph, edges);
    let mut waiting = vec![0usize; graph.nodes.len()];
    for (number, edge) in graph.edges.iter().enumerate() {
        waiting[edge.to] += usize::from(!back.contains(&number));
    }
    let mut open: Vec<usize> =
        (0..graph.nodes.len()).rev().filter(|&node| waiting[node] == 0).collect();
    let mut layers = vec![0; graph.nodes.len()];
    while let Some(node) = open.pop() {
        for &number in edges[node].iter().filter(|number| !back.contains(*number)) {
            let to = graph.edges[number].to;
            layers[to] = layers[to].max(layers[node] + 1).min(LAYERS - 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                open.push(to);
            }
        }
    }
    layers
}

/// The edges that lead to a node from which they are reached.
fn back_edges(graph: &Graph, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; graph.nodes.len()];
    let mut back = BTreeSet::new();
    for start in 0..graph.nodes.len() {
        if seen[start] != Seen::No {
            continue;
        }
        // A node, and how many of its edges are followed.
        let mut path = vec![(start, 0)];
        seen[start] = Seen::Open;
        while let Some((node, next)) = path.pop() {
            let Some(&number) = edges[node].get(next) else {
                seen[node] = Seen::Done;
                continue;
            };
            path.push((node, next + 1));
            let to = graph.edges[number].to;
            match seen[to] {
                Seen::Open => {
                    back.insert(number);
                }
                Seen::No => {
                    seen[to] = Seen::Open;
                    path.push((to, 0));
                }
                Seen::Done => {}
            }
        }
    }
    back
}

/// Moves slots to the middle of their neighbors, alternately from the left and from the right.
fn reorder(order: &mut [Vec<usize>], routes: &[Vec<usize>], slots: usize) {
    let mut left: Vec<Vec<usize>> = vec![Vec::new(); slots];
    let mut right: Vec<Vec<usize>> = vec![Vec::new(); slots];
    for pair in routes.iter().flat_map(|route| route.windows(2)) {
        right[pair[0]].push(pair[1]);
        left[pair[1]].push(pair[0]);
    }
    let mut position: HashMap<usize, usize> = HashMap::new();
    let note = |slots: &[usize], position: &mut HashMap<usize, usize>| {
        for (index, &slot) in slots.iter().enumerate() {
            position.insert(slot, index);
        }
    };
    order.iter().for_each(|slots| note(slots, &mut position));
    let count = order.len();
    for sweep in 0..SWEEPS {
        for step in 0..count {
            let (layer, neighbors) =
                if sweep % 2 == 0 { (step, &left) } else { (count - 1 - step, &right) };
            let middle = |slot: &usize| {
                let own = position[slot];
                let near = &neighbors[*slot];
                // In thousandths, so that the order does not depend on rounding.
                let sum: usize = near.iter().map(|other| position[other]).sum();
                (sum * 1000).checked_div(near.len()).unwrap_or(own * 1000)
            };
            let mut sorted = order[layer].clone();
            sorted.sort_by_cached_key(middle);
            note(&sorted, &mut position);
            order[layer] = sorted;
        }
    }
}
