//! "Did you mean": the nearest of a list of words.

/// A longer word is no misspelling.
const LONGEST: usize = 200;
/// Candidates that are looked at, so that many wrong names among many right ones cost no product of both.
const MOST: usize = 1_000;

/// The nearest candidate, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let folded = word.to_lowercase();
    let limit = (folded.chars().count() / 3).clamp(1, 4);
    let letters = Letters::of(&folded);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * LONGEST)
        .take(MOST)
        .filter(|candidate| letters.may_be_within(limit, candidate))
        .map(|candidate| {
            (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// How often each letter occurs, which bounds the distance of two words from below and is told far sooner: a project
/// may name thousands of components.
struct Letters([u8; 32]);

impl Letters {
    fn of(folded: &str) -> Self {
        let mut counts = [0_u8; 32];
        for character in folded.chars() {
            let count = &mut counts[character as usize % 32];
            *count = count.saturating_add(1);
        }
        Letters(counts)
    }

    /// False where so many letters of one word are not in the other that they must be further apart. Every edit puts in, takes out
    /// or changes one letter, or swaps two. Letters that share a count and words beyond 255 of one only make the bound weaker.
    fn may_be_within(&self, limit: usize, candidate: &str) -> bool {
        // Beyond ASCII a letter in lower case may be two.
        if !candidate.is_ascii() {
            return true;
        }
        let mut counts = [0_u8; 32];
        for byte in candidate.bytes() {
            let count = &mut counts[usize::from(byte.to_ascii_lowercase()) % 32];
            *count = count.saturating_add(1);
        }
        let (mut missing, mut added) = (0_usize, 0_usize);
        for (own, other) in self.0.iter().zip(counts) {
            missing += usize::from(own.saturating_sub(other));
            added += usize::from(other.saturating_sub(*own));
        }
        missing.max(added) <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_never_hides_a_near_word() {
        let words = [
            "",
            "a",
            "ab",
            "ba",
            "Kind",
            "kind",
            "kidn",
            "knid",
            "kinds",
            "İstanbul",
            "istanbul",
            "Spoke_Org",
            "Spoke-Org",
            "spokeorg",
            "Orgspoke",
            "aaaaaaaaaaaa",
            "principal",
        ];
        for left in words {
            for right in words {
                let distance =
                    strsim::damerau_levenshtein(&left.to_lowercase(), &right.to_lowercase());
                for limit in 0..5 {
                    assert!(
                        distance > limit
                            || Letters::of(&left.to_lowercase()).may_be_within(limit, right),
                        "{left} {right}"
                    );
                }
            }
        }
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
