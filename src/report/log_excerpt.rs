//! Quotes from a log, masked, and limited to the text around a recognized message.

use crate::diagnose::Excerpt;
use crate::explain::vocabulary;
use crate::mask::log_line;

/// The number of characters to show before a match.
const BEFORE: usize = 110;
/// The number of characters to show after a match.
const AFTER: usize = 190;
/// The number of characters of the match to show.
const RECOGNIZED: usize = 400;

/// The text around a match, masked, on one line.
pub(super) fn excerpt(passage: &Excerpt) -> String {
    let (text, mark) = log_line(&passage.text, &passage.mark, vocabulary());
    let start = back(&text, mark.start, BEFORE);
    let end = ahead(&text, mark.end.min(ahead(&text, mark.start, RECOGNIZED)), AFTER);
    let mut quote = text.get(start..end).unwrap_or_default().trim().to_owned();
    if start > 0 {
        quote.insert_str(0, "… ");
    }
    if end < text.len() {
        quote.push_str(" …");
    }
    quote
}

/// At most `count` characters before a place, from the start of a word if one is near.
fn back(text: &str, from: usize, count: usize) -> usize {
    let before = text.get(..from).unwrap_or_default();
    match before.char_indices().rev().nth(count) {
        None => 0,
        Some((cut, _)) => before
            .get(cut..)
            .and_then(|rest| rest.find([' ', '|', ',', '{']))
            .map_or(cut, |at| cut + at + 1),
    }
}

/// At most `count` characters after a place, to the end of a word if one is near.
fn ahead(text: &str, from: usize, count: usize) -> usize {
    let after = text.get(from..).unwrap_or_default();
    match after.char_indices().nth(count) {
        None => text.len(),
        Some((cut, _)) => {
            from + after
                .get(..cut)
                .and_then(|part| part.rfind([' ', '|', ',']))
                .filter(|at| *at > 0)
                .unwrap_or(cut)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, said: &str) -> String {
        let start = text.find(said).unwrap();
        excerpt(&Excerpt { line: 1, text: text.to_owned(), mark: start..start + said.len() })
    }

    #[test]
    fn a_long_line_is_cut_around_what_was_recognized() {
        let text =
            format!("{}audience is invalid{}", "one two ".repeat(100), " three four".repeat(100));
        let shown = shown(&text, "audience is invalid");
        assert!(
            shown.chars().count() < 400
                && shown.starts_with("… ")
                && shown.ends_with(" …")
                && shown.contains("audience is invalid"),
            "{shown}"
        );
    }
}
