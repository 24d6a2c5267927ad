//! Completion: names and values in metadata and Apex, rules in allows, and keys and values of settings and descriptions by
//! their schemas. Works on text that cannot be parsed yet.

use std::sync::LazyLock;

use gen_lsp_types::{CompletionItem, CompletionItemKind, CompletionItemTextEdit, TextEdit};
use regex::Regex;
use serde_json::Value;

use super::place::{Encoding, Lines};
use super::project::Run;
use crate::check;
use crate::mask;
use crate::model::{AUTH_PROVIDER, IDENTITY_PROVIDER, MetadataTypes, Named, Org};
use crate::schema::{DESCRIPTION, SETTINGS, Schema};
use crate::source::{FileId, Kind};

/// More items are of no use, and slow down editors.
const MAX_ITEMS: usize = 1_000;

/// What can be inserted in place of the word before the cursor.
struct Choice {
    text: String,
    /// What follows the name of a key.
    behind: &'static str,
    about: Option<String>,
    kind: CompletionItemKind,
}

/// The items at an offset of a text, which may be of a file that the run does not have.
pub fn completion(
    run: Option<&Run>,
    file: Option<FileId>,
    file_name: &str,
    text: &str,
    offset: usize,
    encoding: Encoding,
) -> Vec<CompletionItem> {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (start, choices) = if let Some(start) = allow(line) {
        (start, rules())
    } else if file_name == "sfcred.toml" {
        toml(before, line)
    } else if Kind::from_file_name(file_name) == Some(Kind::Description) {
        yaml(before, line)
    } else {
        let orgs = orgs(run, file);
        match Kind::from_file_name(file_name) {
            Some(Kind::Apex) => apex(line, &orgs),
            Some(kind) if kind.is_xml() => xml(text, before, &orgs),
            _ => return Vec::new(),
        }
    };
    let lines = Lines::new(text, encoding);
    let range = lines.range(text, offset.saturating_sub(start.len())..offset);
    let item = |choice: Choice| CompletionItem {
        label: choice.text.trim_matches('"').to_owned(),
        kind: Some(choice.kind),
        detail: choice.about,
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit::new(
            range,
            format!("{}{}", choice.text, choice.behind),
        ))),
        ..CompletionItem::default()
    };
    choices.into_iter().take(MAX_ITEMS).map(item).collect()
}

fn matched<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    pattern.captures(text).and_then(|found| found.get(1)).map(|word| word.as_str())
}

/// The word in an allow that the cursor is in.
fn allow(line: &str) -> Option<&str> {
    static ALLOW: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"sfcred:[ \t]*allow\((?:[^()]*[,\s])?([a-z0-9-]*)$")
            .expect("a constant pattern")
    });
    matched(&ALLOW, line)
}

fn rules() -> Vec<Choice> {
    let choice = |rule: &crate::rule::Rule| Choice {
        text: rule.name.to_owned(),
        behind: "",
        about: Some(rule.page().summary.clone()),
        kind: CompletionItemKind::EnumMember,
    };
    check::RULES.iter().map(choice).collect()
}

/// The org of a file; all of them if it has none, as while it cannot be parsed.
fn orgs(run: Option<&Run>, file: Option<FileId>) -> Vec<&Org> {
    let all: Vec<&Org> = run.iter().flat_map(|run| &run.report.workspace.orgs).collect();
    let own: Vec<&Org> = all
        .iter()
        .copied()
        .filter(|org| file.is_some_and(|file| org.files.contains(&file)))
        .collect();
    if own.is_empty() { all } else { own }
}

fn references(names: impl IntoIterator<Item = String>, about: &str) -> Vec<Choice> {
    let mut names: Vec<String> =
        names.into_iter().filter(|name| !name.is_empty() && mask::name(name) == *name).collect();
    names.sort();
    names.dedup();
    let choice = |text| Choice {
        text,
        behind: "",
        about: Some(about.to_owned()),
        kind: CompletionItemKind::Reference,
    };
    names.into_iter().map(choice).collect()
}

fn apex<'l>(line: &'l str, orgs: &[&Org]) -> (&'l str, Vec<Choice>) {
    static CALLOUT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)callout:(\w*)$").expect("a constant pattern"));
    let Some(start) = matched(&CALLOUT, line) else { return ("", Vec::new()) };
    let named = orgs.iter().flat_map(|org| &org.named_credentials);
    (start, references(named.map(|named| named.name().to_owned()), "named credential"))
}

/// The names that an element can hold.
fn names(element: &str, orgs: &[&Org]) -> Vec<Choice> {
    let records = |type_name: &str| {
        let all = orgs.iter().flat_map(|org| &org.records);
        let of_type = all.filter(|record| record.component.type_name == type_name);
        of_type.map(|record| record.name().to_owned()).collect::<Vec<_>>()
    };
    match element {
        "externalCredential" => {
            let all = orgs.iter().flat_map(|org| &org.external_credentials);
            references(all.map(|external| external.name().to_owned()), "external credential")
        }
        "externalCredentialPrincipal" => {
            let all = orgs.iter().flat_map(|org| &org.external_credentials);
            let of = |external: &crate::model::ExternalCredential| {
                let name = |principal: crate::model::Principal<'_>| {
                    format!("{}-{}", external.name(), principal.name)
                };
                external.principals().map(name).collect::<Vec<_>>()
            };
            references(all.flat_map(of), "principal")
        }
        "certificate" | "jwtSigningCertificate" => {
            let all = orgs.iter().flat_map(|org| &org.certificates);
            references(all.map(|certificate| certificate.name().to_owned()), "certificate")
        }
        "authProvider" => references(records(AUTH_PROVIDER), "auth provider"),
        "externalAuthIdentityProvider" => {
            references(records(IDENTITY_PROVIDER), "external auth identity provider")
        }
        "permissionSets" | "permissionSet" => {
            let all = orgs.iter().flat_map(|org| &org.permission_sets);
            references(all.map(|set| set.name().to_owned()), "permission set")
        }
        _ => Vec::new(),
    }
}

/// The open elements at the end of some XML, each with the offset of its content; `None` inside of a tag or comment.
fn open_elements(before: &str) -> Option<Vec<(&str, usize)>> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    while let Some(start) = before[at..].find('<').map(|length| at + length) {
        let rest = &before[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .into_iter()
            .find(|(begin, _)| rest.starts_with(begin));
        if let Some((_, end)) = skipped {
            at = start + rest.find(end)? + end.len();
            continue;
        }
        let length = rest.find('>')?;
        let tag = &rest[1..length];
        at = start + length + 1;
        if let Some(name) = tag.strip_prefix('/') {
            while open.pop().is_some_and(|(other, _)| other != name.trim()) {}
        } else if !tag.ends_with('/') {
            open.push((tag.split_whitespace().next().unwrap_or_default(), at));
        }
    }
    Some(open)
}

fn xml<'t>(text: &str, before: &'t str, orgs: &[&Org]) -> (&'t str, Vec<Choice>) {
    static TAG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"<([A-Za-z]*)$").expect("a constant pattern"));
    let table = MetadataTypes::get();
    let new_tag = matched(&TAG, before.rsplit('\n').next().unwrap_or_default());
    let content = new_tag.map_or(before.len(), |tag| before.len() - tag.len() - 1);
    let Some(open) = before.get(..content).and_then(open_elements) else {
        return ("", Vec::new());
    };
    let Some(((root, _), inner)) = open.split_first() else { return ("", Vec::new()) };
    let mut definition = table.definition(root);
    if let Some(tag) = new_tag {
        for (element, _) in inner {
            definition = definition.and_then(|owner| table.inner(owner, element));
        }
        let elements = definition.into_iter().flat_map(|owner| owner.names());
        let choice = |name: &str| Choice {
            text: name.to_owned(),
            behind: "",
            about: None,
            kind: CompletionItemKind::Property,
        };
        return (tag, elements.map(choice).collect());
    }
    let Some(((element, start), above)) = inner.split_last() else { return ("", Vec::new()) };
    let word = before[*start..].trim_start();
    let mut parent = 0;
    for (name, at) in above {
        definition = definition.and_then(|owner| table.inner(owner, name));
        parent = *at;
    }
    // The other elements of the parent decide which values are possible.
    let end = above.last().and_then(|(name, _)| text[parent..].find(&format!("</{name}>")));
    let siblings = &text[parent..end.map_or(text.len(), |length| parent + length)];
    let holds =
        |sibling: &str, value: &str| siblings.contains(&format!("<{sibling}>{value}</{sibling}>"));
    let mut choices = names(element, orgs);
    let values = definition.map(|owner| table.values(owner, element, &holds)).unwrap_or_default();
    choices.extend(values.into_iter().map(|value| Choice {
        text: value.to_owned(),
        behind: "",
        about: None,
        kind: CompletionItemKind::EnumMember,
    }));
    (word, choices)
}

/// A node of a JSON Schema.
#[derive(Clone, Copy)]
struct Node<'s> {
    root: &'s Value,
    node: &'s Value,
}

impl<'s> Node<'s> {
    /// The node that a reference leads to, and the alternatives in it.
    fn alternatives(self) -> Vec<Node<'s>> {
        let mut found = Vec::new();
        let mut open = vec![self];
        // Schemas are part of the program, and have few references.
        while let Some(next) = open.pop().filter(|_| found.len() < 100) {
            let reference = next.node.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|path| next.root.pointer(path.strip_prefix('#')?));
            open.extend(target.map(|node| Node { node, ..next }));
            let either = next.node.get("anyOf").and_then(Value::as_array);
            open.extend(either.into_iter().flatten().map(|node| Node { node, ..next }));
            found.push(next);
        }
        found
    }

    fn key(self, key: &str) -> Option<Node<'s>> {
        self.alternatives().into_iter().find_map(|node| {
            let properties = node.node.get("properties").and_then(|all| all.get(key));
            let any = node.node.get("additionalProperties").filter(|any| any.is_object());
            properties.or(any).map(|found| Node { node: found, ..node })
        })
    }

    fn item(self) -> Option<Node<'s>> {
        let mut all = self.alternatives().into_iter();
        all.find_map(|node| node.node.get("items").map(|item| Node { node: item, ..node }))
    }

    fn about(self) -> Option<String> {
        let mut all = self.alternatives().into_iter();
        all.find_map(|node| Some(node.node.get("description")?.as_str()?.to_owned()))
    }

    fn keys(self) -> Vec<(&'s str, Option<String>)> {
        let all = self.alternatives().into_iter();
        let of = |node: Node<'s>| {
            let properties = node.node.get("properties").and_then(Value::as_object);
            let keys = properties.into_iter().flatten();
            keys.map(|(key, inner)| (key.as_str(), Node { node: inner, ..node }.about()))
                .collect::<Vec<_>>()
        };
        all.flat_map(of).collect()
    }

    fn values(self) -> Vec<&'s str> {
        let mut nodes = self.alternatives();
        let items: Vec<Node<'s>> =
            nodes.iter().filter_map(|node| node.item()).flat_map(Node::alternatives).collect();
        nodes.extend(items);
        let of = |node: &Node<'s>| {
            let values = node.node.get("enum").and_then(Value::as_array);
            values.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>()
        };
        let mut values: Vec<&str> = nodes.iter().flat_map(of).collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}

fn parsed(schema: &Schema) -> Value {
    serde_json::from_str(schema.text).unwrap_or_default()
}

fn key_choices(node: Option<Node<'_>>, behind: &'static str) -> Vec<Choice> {
    let choice = |(key, about): (&str, Option<String>)| Choice {
        text: key.to_owned(),
        behind,
        about,
        kind: CompletionItemKind::Property,
    };
    node.map(Node::keys).unwrap_or_default().into_iter().map(choice).collect()
}

fn value_choices(node: Option<Node<'_>>, written: impl Fn(&str) -> String) -> Vec<Choice> {
    let choice = |value: &&str| Choice {
        text: written(value),
        behind: "",
        about: None,
        kind: CompletionItemKind::EnumMember,
    };
    node.map(Node::values).unwrap_or_default().iter().map(choice).collect()
}

fn toml<'t>(before: &str, line: &'t str) -> (&'t str, Vec<Choice>) {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| parsed(&SETTINGS));
    let top = Node { root: &SCHEMA, node: &SCHEMA };
    let mut table = Some(top);
    let above = before.len() - line.len();
    for header in before[..above].lines().map(str::trim).filter(|line| line.starts_with('[')) {
        let is_list = header.starts_with("[[");
        let path = header.trim_start_matches('[').split(']').next().unwrap_or_default();
        table = Some(top);
        for key in path.split('.') {
            table = table.and_then(|node| node.key(key.trim().trim_matches('"')));
        }
        if is_list {
            table = table.and_then(Node::item);
        }
    }
    match line.split_once('=') {
        None => {
            let word = line.trim_start();
            if word.starts_with(['#', '[']) {
                return ("", Vec::new());
            }
            (word, key_choices(table, " = "))
        }
        Some((key, value)) => {
            let node = table.and_then(|node| node.key(key.trim().trim_matches('"')));
            let word = value.rsplit([',', '[', ' ']).next().unwrap_or_default();
            match word.strip_prefix('"') {
                Some(word) if !word.contains('"') => (word, value_choices(node, str::to_owned)),
                Some(_) => ("", Vec::new()),
                None => (word, value_choices(node, |value| format!("\"{value}\""))),
            }
        }
    }
}

fn yaml<'t>(before: &str, line: &'t str) -> (&'t str, Vec<Choice>) {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| parsed(&DESCRIPTION));
    if line.trim_start().starts_with('#') {
        return ("", Vec::new());
    }
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut path: Vec<(usize, String)> = Vec::new();
    let above = before.len() - line.len();
    for other in before[..above].lines() {
        let content = other.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        path.retain(|(depth, _)| *depth < indent(other));
        if let Some((key, value)) = content.split_once(':')
            && (value.trim().is_empty() || value.trim_start().starts_with('#'))
        {
            path.push((indent(other), key.trim_matches(['"', '\'']).to_owned()));
        }
    }
    let content = line.trim_start();
    let content = content.strip_prefix("- ").unwrap_or(content);
    path.retain(|(depth, _)| *depth < indent(line));
    let mut node = Some(Node { root: &SCHEMA, node: &SCHEMA });
    for (_, key) in &path {
        node = node.and_then(|node| node.key(key));
    }
    match content.split_once(": ") {
        Some((key, value)) => {
            let node = node.and_then(|node| node.key(key.trim_matches(['"', '\''])));
            let word = value.rsplit([',', '[', ' ']).next().unwrap_or_default();
            (word, value_choices(node, str::to_owned))
        }
        None if line.trim_start().starts_with("- ") => {
            (content, value_choices(node, str::to_owned))
        }
        None => (content, key_choices(node, ": ")),
    }
}
