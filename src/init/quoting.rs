//! Words as YAML takes them, whatever is in them, and as a comment can hold them.

use crate::source::is_invisible;

/// A scalar: plain where that is surely one text, else in double quotes.
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

/// On one line, and nothing in it that cannot be seen.
pub fn comment(text: &str) -> String {
    text.chars()
        .map(|character| if is_invisible(character) { '\u{fffd}' } else { character })
        .collect()
}

/// Letters first, then what names, paths, URLs and usernames are made of; no word that YAML reads as something else.
fn is_plain(text: &str) -> bool {
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let text = text.strip_prefix("https://").unwrap_or(text);
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let goes_on = text.chars().all(|character| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | '@' | '+')
    });
    text == "." || begins && goes_on && !reserved.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_plain_and_everything_else_is_quoted() {
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
