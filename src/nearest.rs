//! "Did you mean": the nearest of a list of words.

/// The nearest candidate, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
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
    }
}
