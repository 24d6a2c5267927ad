//! One entry of `replacements` in `sfdx-project.json`.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use globset::GlobMatcher;
use regex::{Captures, Regex};
use serde_json::Value;

use crate::pattern::{PatternError, Patterns};

/// A replacement that a deployment makes: the text to replace, the files, and the new text.
#[derive(Debug)]
pub struct Replacement {
    files: Files,
    /// The pattern as written in the project file.
    pub written: String,
    /// The regular expression, or why it cannot be used.
    pattern: Result<Regex, PatternError>,
    /// `replaceWhenEnv`: variables and their required values.
    pub conditions: Vec<(String, String)>,
    pub with: With,
}

#[derive(Debug)]
enum Files {
    /// A path ends with this.
    Name(String),
    Glob(Arc<GlobMatcher>),
    /// A pattern that is too long: it may be about any file.
    TooLong,
}

/// The source of the new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    Variable {
        name: String,
        may_be_unset: bool,
    },
    /// A file, relative to the folder of the project.
    File(String),
    Nothing,
}

/// The `replacements` of a project file, without invalid entries.
pub fn read(project: &Value, patterns: &mut Patterns) -> Vec<Replacement> {
    project
        .get("replacements")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|value| entry(value, patterns))
        .collect()
}

/// The files whose content replaces text.
pub fn files(project: &Value) -> impl Iterator<Item = &str> {
    let entries = project.get("replacements").and_then(Value::as_array);
    let entries = entries.into_iter().flatten();
    let files = entries.filter(|entry| entry.get("replaceWithEnv").is_none());
    files.filter_map(|entry| entry.get("replaceWithFile")?.as_str())
}

fn entry(entry: &Value, patterns: &mut Patterns) -> Option<Replacement> {
    let string = |key: &str| entry.get(key).and_then(Value::as_str);
    let files = match (string("filename"), string("glob")) {
        (Some(name), _) => Files::Name(name.replace('\\', "/").trim_start_matches("./").to_owned()),
        (None, Some(glob)) => {
            let pattern = format!("**/{}", glob.replace('\\', "/").trim_start_matches("./"));
            match patterns.glob(&pattern) {
                Ok(glob) => Files::Glob(glob),
                Err(PatternError::TooLarge | PatternError::TooMany) => Files::TooLong,
                Err(PatternError::Syntax(_)) => return None,
            }
        }
        (None, None) => return None,
    };
    let (written, pattern) = match (string("stringToReplace"), string("regexToReplace")) {
        (Some(plain), _) if !plain.is_empty() => (plain, regex::escape(plain)),
        (_, Some(pattern)) => (pattern, pattern.to_owned()),
        _ => return None,
    };
    let with = match (string("replaceWithEnv"), string("replaceWithFile")) {
        (Some(name), _) => With::Variable {
            name: name.to_owned(),
            may_be_unset: entry
                .get("allowUnsetEnvVariable")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
        },
        (None, Some(file)) => With::File(file.to_owned()),
        (None, None) => With::Nothing,
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let condition = |condition: &Value| {
        Some((condition.get("env")?.as_str()?.to_owned(), text(condition.get("value")?)))
    };
    let conditions = entry
        .get("replaceWhenEnv")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    Some(Replacement {
        written: written.to_owned(),
        pattern: if matches!(files, Files::TooLong) {
            Err(PatternError::TooLarge)
        } else {
            patterns.regex(&pattern)
        },
        files,
        conditions: conditions.iter().filter_map(condition).collect(),
        with,
    })
}

impl Replacement {
    /// Whether the replacement applies to a file, by its path inside of the project.
    pub fn applies_to(&self, inside: &Path) -> bool {
        match &self.files {
            Files::Name(name) => inside.to_string_lossy().replace('\\', "/").ends_with(name),
            Files::Glob(glob) => glob.is_match(inside),
            Files::TooLong => true,
        }
    }

    /// Why the pattern cannot be used.
    pub fn obstacle(&self) -> Option<&'static str> {
        match &self.pattern {
            Ok(_) => None,
            Err(PatternError::Syntax(_)) => Some(
                "its regular expression uses unsupported syntax, such as look-around or backreferences",
            ),
            Err(PatternError::TooLarge | PatternError::TooMany) => {
                Some("its pattern is too large, or all patterns together are")
            }
        }
    }

    /// The ranges that are replaced.
    pub fn ranges<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.pattern
            .iter()
            .flat_map(move |pattern| pattern.find_iter(text).map(|found| found.range()))
    }

    /// The ranges that are replaced, and the new texts. A deployment uses JavaScript's `String.replace`, which expands
    /// `$&` and `$1` in the value. `None` if the new texts have more than `room` bytes.
    pub fn changes(
        &self,
        text: &str,
        value: &str,
        mut room: usize,
    ) -> Option<Vec<(Range<usize>, String)>> {
        let mut changes = Vec::new();
        for captures in self.pattern.iter().flat_map(|pattern| pattern.captures_iter(text)) {
            let Some(found) = captures.get(0).filter(|found| !found.is_empty()) else { continue };
            let new = expanded(value, &captures, room)?;
            room -= new.len();
            changes.push((found.range(), new));
        }
        Some(changes)
    }
}

/// The new text; `None` if it has more than `room` bytes.
fn expanded(value: &str, captures: &Captures<'_>, room: usize) -> Option<String> {
    let mut result = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        if result.len() > room {
            return None;
        }
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let group = (1..=digits).rev().find_map(|length| {
            Some((
                length,
                after[..length]
                    .parse()
                    .ok()
                    .filter(|number| (1..captures.len()).contains(number))?,
            ))
        });
        if let Some((length, number)) = group {
            result.push_str(captures.get(number).map_or("", |group| group.as_str()));
            rest = &after[length..];
        } else if let Some(plain) = after.strip_prefix('$') {
            result.push('$');
            rest = plain;
        } else if let Some(plain) = after.strip_prefix('&') {
            result.push_str(&captures[0]);
            rest = plain;
        } else {
            result.push('$');
            rest = after;
        }
    }
    (result.len() + rest.len() <= room).then(|| result + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replacement(json: &str) -> Replacement {
        read(
            &serde_json::from_str(&format!("{{\"replacements\": [{json}]}}")).unwrap(),
            &mut Patterns::default(),
        )
        .pop()
        .unwrap()
    }

    #[test]
    fn values_are_expanded_as_in_javascript() {
        let replacement = replacement(
            r#"{"glob": "**/*.xml", "regexToReplace": "<a>(\\w+)</a>", "replaceWithEnv": "X"}"#,
        );
        let new =
            |value: &str| replacement.changes("x<a>b</a>", value, 100).unwrap().pop().unwrap();
        assert_eq!(new("plain"), (1..9, "plain".to_owned()));
        assert_eq!(new("[$1] $$ $& $2 $"), (1..9, "[b] $ <a>b</a> $2 $".to_owned()));
    }

    #[test]
    fn files_match_by_name_or_glob() {
        let named = replacement(
            r#"{"filename": "./main/X.cls", "stringToReplace": "a", "replaceWithFile": "b.txt"}"#,
        );
        assert!(
            named.applies_to(Path::new("force-app/main/X.cls"))
                && !named.applies_to(Path::new("Y.cls"))
        );
        assert_eq!(named.with, With::File("b.txt".into()));
        let glob = replacement(
            r#"{"glob": "force-app/**/*.xml", "stringToReplace": "a", "replaceWithEnv": "B", "allowUnsetEnvVariable": true, "replaceWhenEnv": [{"env": "C", "value": true}]}"#,
        );
        assert!(glob.applies_to(Path::new("force-app/a/b.xml")));
        assert_eq!(glob.conditions, [("C".to_owned(), "true".to_owned())]);
        assert!(
            replacement(r#"{"glob": "*", "regexToReplace": "(?=x)", "replaceWithEnv": "B"}"#)
                .obstacle()
                .is_some()
        );
    }
}
