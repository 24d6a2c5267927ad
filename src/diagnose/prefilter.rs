//! A fast first pass over a large log: where in it the literals of any answer page occur.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

/// The number of bytes that one task searches. Their lowercase copy fits in the cache.
const CHUNK: usize = 128 << 10;

/// Finds literals, ignoring ASCII case.
pub struct Prefilter {
    /// Over lowercase literals. The searched bytes are lowercased first, because a case-insensitive
    /// automaton would forgo vector instructions.
    automaton: AhoCorasick,
    longest: usize,
}

impl Prefilter {
    /// Builds the automaton for lowercase literals.
    ///
    /// # Panics
    /// If the automaton cannot be built, which takes millions of literals.
    pub fn new<'l>(literals: impl IntoIterator<Item = &'l str>) -> Prefilter {
        let literals: BTreeSet<&str> = literals.into_iter().collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(&literals)
            .expect("a few short literals");
        Prefilter { automaton, longest: literals.iter().map(|word| word.len()).max().unwrap_or(0) }
    }

    /// Searches a range on all cores, and returns the offsets at which literals start, in order. A
    /// literal may extend beyond the range. Of literals that overlap, only the first is reported.
    pub fn search(&self, bytes: &[u8], range: Range<usize>) -> Vec<usize> {
        let chunks = range.len().div_ceil(CHUNK);
        (0..chunks)
            .into_par_iter()
            .map_init(Vec::new, |lowercase, index| {
                let start = range.start + index * CHUNK;
                self.search_chunk(bytes, start..range.end.min(start + CHUNK), lowercase)
            })
            .collect::<Vec<_>>()
            .concat()
    }

    fn search_chunk(
        &self,
        bytes: &[u8],
        chunk: Range<usize>,
        lowercase: &mut Vec<u8>,
    ) -> Vec<usize> {
        let overlap = self.longest.saturating_sub(1);
        lowercase.clear();
        lowercase.extend_from_slice(&bytes[chunk.start..bytes.len().min(chunk.end + overlap)]);
        lowercase.make_ascii_lowercase();
        self.automaton
            .find_iter(&*lowercase)
            .map(|found| chunk.start + found.start())
            .take_while(|start| *start < chunk.end)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_literals_in_any_case() {
        let prefilter = Prefilter::new(["approved", "audience"]);
        let bytes = b"\nAudience approved\nAPPROVE";
        assert_eq!(prefilter.search(bytes, 0..bytes.len()), [1, 10]);
        assert_eq!(prefilter.search(bytes, 2..12), [10]);
        assert_eq!(prefilter.search(bytes, 2..10), [0; 0]);
    }

    #[test]
    fn finds_literals_across_the_ends_of_chunks() {
        let prefilter = Prefilter::new(["approved", "authentication"]);
        for at in CHUNK - 15..=CHUNK + 1 {
            let mut bytes = vec![b'.'; 2 * CHUNK + 40];
            bytes[at..at + 14].copy_from_slice(b"Authentication");
            bytes[at + CHUNK..at + CHUNK + 8].copy_from_slice(b"approved");
            assert_eq!(prefilter.search(&bytes, 0..bytes.len()), [at, at + CHUNK], "{at}");
        }
    }
}
