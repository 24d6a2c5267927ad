//! Quotes strings for YAML values and comments.

use crate::mask;
use crate::source::is_invisible;

/// A YAML scalar: plain if it can only be read as the same string, otherwise in double quotes.
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if is_invisible(character) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(character)))
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Text for a comment: on one line, without invisible characters.
pub fn comment(text: &str) -> String {
    mask::name(text)
        .chars()
        .map(|character| if is_invisible(character) { '\u{fffd}' } else { character })
        .collect()
}

/// Whether a string consists of the characters of names, paths, URLs and usernames, and YAML does not read it as
/// another type.
fn is_plain(text: &str) -> bool {
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let text = text.strip_prefix("https://").unwrap_or(text);
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let continues = text.chars().all(|character| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | '@' | '+')
    });
    text == "." || starts && continues && !reserved.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unambiguous_strings_are_plain() {
        for text in [
            "hub",
            "Spoke_Callout",
            "force-app/main",
            "integration@billing.com.uat",
            "https://acme--uat.sandbox.my.salesforce.com",
            ".",
        ] {
            assert_eq!(scalar(text), text);
        }
        for (text, quoted) in [
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("a: b", "\"a: b\""),
            ("#1", "\"#1\""),
            ("12", "\"12\""),
            ("say \"x\\y\"", "\"say \\\"x\\\\y\\\"\""),
            ("a\nb", "\"a\\U0000000Ab\""),
            ("a\u{202e}b", "\"a\\U0000202Eb\""),
            ("Vertrieb Süd", "\"Vertrieb Süd\""),
            ("*x", "\"*x\""),
        ] {
            assert_eq!(scalar(text), quoted);
        }
        assert_eq!(comment("a\nb\u{2028}c"), "a\u{fffd}b\u{fffd}c");
    }
}
