//! "Did you mean": the nearest of a list of words.

/// A longer word is no misspelling.
const LONGEST: usize = 200;
/// Candidates that are compared letter by letter. Lists of names that a program knows are shorter.
const MOST: usize = 300;

/// The nearest candidate, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let folded = word.to_lowercase();
    let length = folded.chars().count();
    let limit = (length / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * LONGEST && candidate.chars().count().abs_diff(length) <= limit)
        .take(MOST)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("externl_credentials", ["external_credentials", "named_credentials"]), Some("external_credentials"));
        assert_eq!(nearest("banana", ["external_credentials"]), None);
        assert_eq!(nearest("Kind", ["kind"]), Some("kind"));
        assert_eq!(nearest(&"a".repeat(1_000_000), [&*"a".repeat(1_000_000)]), None);
    }
}
