//! Writes text into XML 1.0, which has no place for control characters at all.

use crate::source::is_invisible;

/// A text between tags or quotes. A line break stays one; `#` is escaped behind another, for those who look for commands in logs.
pub(super) fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut last = ' ';
    for character in text.chars() {
        match character {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\'' => result.push_str("&apos;"),
            '\n' => result.push_str("&#10;"),
            '\r' | '\t' => result.push(' '),
            '#' if last == '#' => result.push_str("&#35;"),
            '\u{fffe}' | '\u{ffff}' => result.push('\u{fffd}'),
            other if is_invisible(other) => result.push('\u{fffd}'),
            other => result.push(other),
        }
        last = character;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_attribute_and_every_character_is_one_of_xml() {
        assert_eq!(
            escaped("]]><a b='\"'>&\u{1b}\u{0}\u{202e}\u{ffff}##vso["),
            "]]&gt;&lt;a b=&apos;&quot;&apos;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}\u{fffd}#&#35;vso["
        );
    }
}
