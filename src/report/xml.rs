//! Writes XML 1.0 with quick-xml, and replaces the characters that XML cannot contain.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::name::QName;

use crate::source::is_invisible;

/// A writer after the XML declaration.
pub(super) fn document(out: &mut dyn io::Write) -> io::Result<Writer<&mut dyn io::Write>> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    Ok(writer)
}

pub(super) fn attribute<'a>(name: &'a str, value: &str) -> Attribute<'a> {
    Attribute { key: QName(name), value: Cow::Owned(escaped(value)) }
}

pub(super) fn text(text: &str) -> BytesText<'static> {
    BytesText::from_escaped(escaped(text))
}

/// Text for an element or attribute. Line breaks are kept as references. The second `#` of `##` is escaped, because
/// `##` starts a command in Azure logs.
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
    fn text_stays_inside_of_its_attribute_and_is_valid_xml() {
        assert_eq!(
            escaped("]]><a b='\"'>&\u{1b}\u{0}\u{202e}\u{ffff}##vso["),
            "]]&gt;&lt;a b=&apos;&quot;&apos;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}\u{fffd}#&#35;vso["
        );
    }
}
