//! Environments: the variables for the `replacements` of `sfdx-project.json`.

use std::collections::BTreeMap;

use super::fields::{Fields, Mistakes, Value, text};
use crate::source::Secret;

/// Variables and their values, which are never shown.
pub type Values = BTreeMap<String, Secret>;

/// An `[env.NAME]` table.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentTable {
    /// A file of `NAME=value` lines, relative to the folder of the settings file.
    pub file: Option<String>,
    /// Values that are not secret.
    pub values: BTreeMap<String, String>,
}

impl EnvironmentTable {
    pub(super) fn read(name: &str, value: Value<'_>, mistakes: &mut Mistakes) -> EnvironmentTable {
        let Some(mut fields) = Fields::new(value, name, "an environment", mistakes) else {
            return EnvironmentTable::default();
        };
        let file = fields.text("file", mistakes).map(|file| file.value);
        let mut values = BTreeMap::new();
        for (variable, value) in fields.entries("values", mistakes) {
            let value = text(value, &variable.value, mistakes);
            values.extend(value.map(|value| (variable.value, value.value)));
        }
        fields.finish(mistakes);
        EnvironmentTable { file, values }
    }
}

/// An environment whose replacements are applied in memory.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The argument of `--env`; empty if there is only `--env-file`.
    pub name: String,
    /// Whether the environment is in the settings or a file was given, so that a `.env.NAME` is not needed.
    pub declared: bool,
    /// The environments in the settings.
    pub known: Vec<String>,
    /// In the order of precedence, highest first.
    pub layers: Vec<Values>,
}

impl Environment {
    /// The name in messages.
    pub fn shown(&self) -> &str {
        if self.name.is_empty() { "the given file" } else { &self.name }
    }
}

/// Parses `NAME=value` lines, with optional `export`, quotes and comments. A quoted value may span several lines.
///
/// # Errors
/// The line number and the mistake, which never quotes the content.
pub fn read_values(text: &str) -> Result<Values, (usize, &'static str)> {
    let mut values = Values::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let number = index + 1;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let Some((name, rest)) = line.split_once('=') else {
            return Err((number, "is not `NAME=value`"));
        };
        let name = name.trim();
        if name.is_empty()
            || name.starts_with(|first: char| first.is_ascii_digit())
            || !name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "_.-".contains(character))
        {
            return Err((number, "does not start with the name of a variable"));
        }
        let rest = rest.trim_start();
        let value = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut quoted = rest[1..].to_owned();
                let end = loop {
                    if let Some(end) = closing(&quoted, quote) {
                        break end;
                    }
                    let Some((_, more)) = lines.next() else {
                        return Err((number, "has an unclosed quote"));
                    };
                    quoted.push('\n');
                    quoted.push_str(more);
                };
                let after = quoted[end + 1..].trim_start();
                if !after.is_empty() && !after.starts_with('#') {
                    return Err((number, "has text after the closing quote"));
                }
                let inside = &quoted[..end];
                if quote == '"' { unescaped(inside) } else { inside.to_owned() }
            }
            _ => rest.find(" #").map_or(rest, |comment| &rest[..comment]).trim_end().to_owned(),
        };
        values.insert(name.to_owned(), Secret::new(value));
    }
    Ok(values)
}

/// The offset of the closing quote. In double quotes, a backslash escapes the next character.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, character)| {
        let closes = character == quote && !escaped;
        escaped = quote == '"' && character == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => result.push('\n'),
                Some('r') => result.push('\r'),
                Some('t') => result.push('\t'),
                Some(other @ ('"' | '\\' | '$' | '`')) => result.push(other),
                Some(other) => result.extend(['\\', other]),
                None => result.push('\\'),
            },
            (other, false) => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        read_values(text)
            .unwrap()
            .into_iter()
            .map(|(name, value)| (name, value.expose().to_owned()))
            .collect()
    }

    #[test]
    fn quotes_comments_and_line_breaks_are_parsed() {
        let text = "\u{feff}# a\n\nexport A=1 # one\nB = \"x # y\\n\\\"z\\\"\" # c\nC='it\\n'\r\nD=\nE=\"one\ntwo\"\nF=a=b#c\n";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(text),
            [
                pair("A", "1"),
                pair("B", "x # y\n\"z\""),
                pair("C", "it\\n"),
                pair("D", ""),
                pair("E", "one\ntwo"),
                pair("F", "a=b#c")
            ]
        );
    }

    #[test]
    fn mistakes_have_a_line_and_quote_nothing() {
        for (text, line) in
            [("A=1\nsecret\n", 2), ("9A=1", 1), ("A=\"x\n\n", 1), ("A='x' y", 1), ("=x", 1)]
        {
            let (at, reason) = read_values(text).unwrap_err();
            assert_eq!(at, line, "{text}");
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
