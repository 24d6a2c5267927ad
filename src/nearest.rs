//! Spelling suggestions for "did you mean" hints.

/// Longer words are not compared: they are not misspelled names.
const MAX_WORD_BYTES: usize = 200;
/// The maximum number of candidates to compare, so that many unknown names take linear time.
pub const MAX_CANDIDATES: usize = 1_000;

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
        .map(|candidate| {
            (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

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
