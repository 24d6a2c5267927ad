//! Apex, as far as it calls out: `callout:` in string literals, never in comments.

use crate::model::{Callout, Component};
use crate::source::{FileId, Span, Syntax, Text};

/// The callouts of one class or trigger. A name that the literal does not finish (`'callout:' + name`) is left out.
pub fn callouts(file: FileId, class: &str, text: &str, replaced: &[std::ops::Range<usize>]) -> Vec<Callout> {
    let mut found = Vec::new();
    for literal in literals(text) {
        let body = &text[literal.clone()];
        let Some(scheme) = body.get(..8).filter(|start| start.eq_ignore_ascii_case("callout:")) else { continue };
        let rest = &body[scheme.len()..];
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (name, path) = rest.split_at(end);
        let concatenated = path.is_empty() && is_continued(text, literal.end);
        if name.trim().is_empty() || concatenated || name.contains(['{', '\\']) {
            continue;
        }
        let start = literal.start + scheme.len();
        let outer = Span::new(file, start, start + name.len());
        let lead = name.len() - name.trim_start().len();
        let span = Span::new(file, start + lead, start + lead + name.trim().len());
        found.push(Callout {
            name: Text::new(name.to_owned(), span, outer, Span::new(file, literal.start, literal.end), Syntax::Verbatim).replaced_in(replaced),
            path: path.to_owned(),
            class: Component::new("ApexClass", class, span),
            namespace: None,
        });
    }
    found
}

/// Whether something is appended to the literal: what follows may finish the name.
fn is_continued(text: &str, end: usize) -> bool {
    text[end..].strip_prefix('\'').is_some_and(|rest| rest.trim_start().starts_with('+'))
}

/// The byte ranges of all string literals, without their quotes.
pub(super) fn literals(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |length| at + length + 4),
            b'\'' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'\'' && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = at.min(bytes.len());
                if text.is_char_boundary(at) {
                    found.push(start..at);
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        callouts(FileId(0), "X", text, &[]).into_iter().map(|callout| format!("{}|{}", callout.name, callout.path)).collect()
    }

    #[test]
    fn literals_count_and_comments_do_not() {
        assert_eq!(names("r.setEndpoint('callout:A/x'); // 'callout:B'\n/* 'callout:C' */ r.setEndpoint('CALLOUT:D?e=f');"), ["A|/x", "D|?e=f"]);
    }

    #[test]
    fn names_that_are_put_together_are_left_out() {
        assert_eq!(names("'callout:' + name + '/x'"), [""; 0]);
        assert_eq!(names("'callout:A' + suffix"), [""; 0]);
        assert_eq!(names("'callout:{0}/x'"), [""; 0]);
        assert_eq!(names("'callout:A/' + path"), ["A|/"]);
    }

    #[test]
    fn broken_apex_ends_quietly() {
        assert_eq!(names("'callout:A"), ["A|"]);
        assert_eq!(names("'\\"), [""; 0]);
        assert_eq!(names("/* never closed 'callout:A'"), [""; 0]);
        assert_eq!(names("'it\\'s' + 'callout:A/'"), ["A|/"]);
    }
}
