//! Links: the page of a rule, a file as a URI, and hyperlinks of a terminal.

use std::fmt::Write as _;

use super::Style;

const PAGES: &str = "https://github.com/sfcred/sfcred/blob/main/rules";

/// The URL of a rule's page.
pub fn page(rule: &str) -> String {
    format!("{PAGES}/{rule}.md")
}

/// A reported path as a URI: relative, or of the scheme `file`.
pub fn uri(path: &str) -> String {
    // `h:externalCredentials/X` is a component of the org `h`.
    let drive =
        matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    match path.strip_prefix('/') {
        Some(rooted) => format!("file:///{}", encoded(rooted)),
        None if drive => format!("file:///{}:{}", encoded(&path[..1]), encoded(&path[2..])),
        None => encoded(path),
    }
}

fn encoded(path: &str) -> String {
    let mut result = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            result.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(result, "%{byte:02X}");
        }
    }
    result
}

/// A hyperlink, if the terminal supports it. Its width is that of its text.
pub fn linked(text: &str, address: &str, style: Style) -> String {
    if style.hyperlinks {
        format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_name_gives_a_valid_uri() {
        for (path, expected) in [
            ("a/b-c.x", "a/b-c.x"),
            ("ä b/#1%:?.x", "%C3%A4%20b/%231%25%3A%3F.x"),
            ("/etc/x y", "file:///etc/x%20y"),
            ("C:/x", "file:///C:/x"),
            ("../x", "../x"),
            ("hub:externalCredentials/X", "hub%3AexternalCredentials/X"),
            ("h:externalCredentials/X", "h%3AexternalCredentials/X"),
            ("https://acme.example/X", "https%3A//acme.example/X"),
        ] {
            assert_eq!(uri(path), expected);
            // The first segment of a relative reference has no colon (RFC 3986, 4.2).
            let first = expected.split('/').next().unwrap();
            assert!(first == "file:" || !first.contains(':'), "{expected}");
        }
    }
}
