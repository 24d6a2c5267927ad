//! Converts YAML to JSON as editors and other programs do.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// YAML as editors pass it to a schema validator.
pub fn from_yaml(text: &str) -> Value {
    let mut open: Vec<(Vec<Value>, bool, usize)> = Vec::new();
    let mut anchors: HashMap<usize, Value> = HashMap::new();
    let mut root = Value::Null;
    for event in Parser::new_from_str(text) {
        let (done, anchor) = match event.unwrap_or_else(|error| panic!("{error:?}\n{text}")).0 {
            Event::Scalar(text, style, anchor, _) => (plain(&text, style), anchor),
            Event::SequenceStart(_, anchor, _) => {
                open.push((Vec::new(), false, anchor));
                continue;
            }
            Event::MappingStart(_, anchor, _) => {
                open.push((Vec::new(), true, anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (items, mapping, anchor) = open.pop().unwrap();
                let value = if mapping {
                    let key = |value: &Value| {
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    };
                    items
                        .chunks(2)
                        .map(|entry| (key(&entry[0]), entry[1].clone()))
                        .collect::<Map<_, _>>()
                        .into()
                } else {
                    items.into()
                };
                (value, anchor)
            }
            Event::Alias(anchor) => (anchors[&anchor].clone(), 0),
            _ => continue,
        };
        anchors.insert(anchor, done.clone());
        match open.last_mut() {
            Some((items, ..)) => items.push(done),
            None => root = done,
        }
    }
    root
}

/// The core schema of YAML 1.2, as far as the tests need it.
fn plain(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => text.into(),
        "" | "~" | "null" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}
