//! Spelling suggestions for "did you mean" hints.

use std::collections::HashMap;

use crate::source::work;

/// Longer words are not compared: they are not misspelled names.
const MAX_WORD_BYTES: usize = 200;
/// Candidates compared with one word.
const MAX_CANDIDATES: usize = 1_000;
/// Unknown names that are always compared with the names of a list, and the comparisons after which no others are. So
/// many are not misspellings, and comparing each with every name of the list would take the product of both.
pub const MAX_WORDS: usize = 50;
const MAX_COMPARISONS: usize = 2_000;

/// The candidate with the smallest edit distance, if it is close enough to be a misspelling.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_WORD_BYTES {
        return None;
    }
    let folded = word.to_lowercase();
    let limit = (folded.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * MAX_WORD_BYTES)
        .take(MAX_CANDIDATES)
        .inspect(|_| work::step())
        .map(|candidate| {
            (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// The advice about a word that is not one of some: the nearest of them, or all.
pub fn advice(word: &str, choices: &[&str]) -> String {
    nearest(word, choices.iter().copied()).map_or_else(
        || format!("expected one of {}", choices.join(", ")),
        |near| format!("did you mean `{near}`?"),
    )
}

/// Suggestions for the unknown names among the references to one list, such as the credentials of an org. Each is
/// compared once, and only so many are.
#[derive(Default)]
pub struct Suggestions<'a> {
    found: HashMap<String, Option<&'a str>>,
    comparisons: usize,
}

impl<'a> Suggestions<'a> {
    /// Like [`nearest`]. The candidates must be the same each time.
    pub fn nearest(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if let Some(near) = self.found.get(word) {
            return *near;
        }
        if self.found.len() >= MAX_WORDS && self.comparisons >= MAX_COMPARISONS {
            return None;
        }
        let near = nearest(word, candidates.into_iter().inspect(|_| self.comparisons += 1));
        self.found.insert(word.to_owned(), near);
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_unknown_names_are_compared() {
        let mut suggestions = Suggestions::default();
        let names: Vec<String> = (0..100).map(|number| format!("Hub{number}")).collect();
        let mut nearest = |word: &str| suggestions.nearest(word, names.iter().map(String::as_str));
        for number in 0..MAX_WORDS {
            assert!(nearest(&format!("Hubb{number}")).is_some());
        }
        assert_eq!(nearest("Huub1"), None);
        assert_eq!(nearest("Hubb1"), Some("Hub1"));
    }

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(
            nearest("externl_credentials", ["external_credentials", "named_credentials"]),
            Some("external_credentials")
        );
        assert_eq!(nearest("banana", ["external_credentials"]), None);
        assert_eq!(nearest("Kind", ["kind"]), Some("kind"));
        assert_eq!(nearest(&"a".repeat(1_000_000), [&*"a".repeat(1_000_000)]), None);
    }
}
