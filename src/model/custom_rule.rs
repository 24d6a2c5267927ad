//! Custom rules: the values that a field of a metadata type must or must not have.

use regex::Regex;

use super::{Record, consumer_key};
use crate::source::Text;

/// One `[[forbid]]` or `[[require]]`.
#[derive(Clone, Debug)]
pub struct CustomRule {
    pub demand: Requirement,
    /// The metadata type, such as `ConnectedApp`.
    pub type_name: String,
    /// The path below the root element; `fullName` is the name of the component.
    pub field: String,
    /// Must match the whole value; without a pattern, any value matches.
    pub pattern: Option<Regex>,
    /// Whether any value matches, so that it need not be known.
    pub matches_anything: bool,
    /// The message from the settings.
    pub message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    Forbid,
    Require,
}

/// Whether a pattern restricts nothing, such as `.+`: each character that a field can contain matches, alone and among
/// many.
pub fn matches_anything(pattern: &Regex) -> bool {
    let all: String = (' '..='~').collect();
    all.chars().all(|character| pattern.is_match(character.encode_utf8(&mut [0; 4])))
        && ["ä", &all, &all.repeat(100)].into_iter().all(|value| pattern.is_match(value))
}

impl CustomRule {
    /// The values of a component that the rule is about.
    pub fn values<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'a Text> {
        record.all(&self.field).filter(|text| !text.is_empty())
    }

    pub fn matches(&self, value: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(value))
    }

    /// The pattern as written in the settings.
    pub fn pattern_as_written(&self) -> Option<&str> {
        self.pattern.as_ref().map(|pattern| {
            pattern
                .as_str()
                .strip_prefix("^(?:")
                .and_then(|text| text.strip_suffix(")$"))
                .unwrap_or(pattern.as_str())
        })
    }

    /// The value for display: consumer keys are shortened, and for secrets there is none.
    pub fn shown(&self, value: &str) -> Option<String> {
        let leaf = self.field.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        if ["secret", "password", "token"].iter().any(|word| leaf.contains(word))
            || leaf == "parametervalue"
        {
            return None;
        }
        Some(if matches!(leaf.as_str(), "consumerkey" | "iss" | "jwtissuer") {
            consumer_key::shortened(value)
        } else {
            value.lines().next().unwrap_or_default().chars().take(120).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Patterns;

    fn rule(field: &str, pattern: &str) -> CustomRule {
        let pattern = Patterns::default().whole(pattern).unwrap();
        CustomRule {
            matches_anything: matches_anything(&pattern),
            demand: Requirement::Forbid,
            type_name: "ConnectedApp".into(),
            field: field.into(),
            pattern: Some(pattern),
            message: None,
        }
    }

    #[test]
    fn a_pattern_matches_whole_values() {
        let rule = rule("oauthConfig/scopes", "Full|Web");
        assert!(rule.matches("Full") && rule.matches("Web") && !rule.matches("Fuller"));
        assert_eq!(rule.pattern_as_written(), Some("Full|Web"));
    }

    #[test]
    fn a_pattern_that_restricts_nothing_matches_anything() {
        for pattern in [".*", ".+", "(?s).*", "(?s:.+)", r"[\s\S]*", "|.+"] {
            assert!(rule("consumerSecret", pattern).matches_anything, "{pattern}");
        }
        for pattern in [r"\S+", ".{1,50}", "[^<]+", r"\P{Lu}.*", "x.*", ".*x", ""] {
            assert!(!rule("consumerSecret", pattern).matches_anything, "{pattern}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(rule("consumerSecret", ".*").shown("x"), None);
        assert_eq!(rule("oauthConfig/scopes", ".*").shown("Api").as_deref(), Some("Api"));
    }
}
