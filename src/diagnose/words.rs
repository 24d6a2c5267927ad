//! Finds where words stand in very many bytes, on all cores, upper and lower case alike.
//!
//! What is searched is a small set of short pieces that between them stand in all words: the fewer and the shorter they are, the better
//! several can be compared with one instruction. Where a piece stands, the words that hold it are compared as a whole.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, Span, packed};
use rayon::prelude::*;

/// Bytes of a piece, and so of the shortest word.
pub const PIECE: usize = 4;
/// Bytes that one core searches at a time: they stay in its cache.
const CHUNK: usize = 128 << 10;
/// What most lines of a debug log are made of. A piece that stands here would stop the search all the time.
const USUAL: &[u8] = b"code_unit_started code_unit_finished method_entry method_exit constructor_entry constructor_exit system_method_entry \
    variable_scope_begin variable_scope_end variable_assignment statement_execute heap_allocate soql_execute_begin soql_execute_end dml_begin dml_end \
    user_debug limit_usage_for_ns cumulative_limit_usage aggregations number of queries maximum cpu time bytes rows select from where limit account contact \
    order record records name status table stable __sfdc_trigger list string integer boolean system.";

pub struct Words {
    finder: Finder,
    /// By piece: the words that it stands in, and where in them.
    held: Vec<Vec<(usize, Vec<u8>)>>,
    longest: usize,
}

/// What was found in one part of the bytes.
pub struct Chunk {
    pub start: usize,
    /// How many lines end in it: it is in the cache anyway.
    pub lines: u64,
    pub places: Vec<usize>,
}

enum Finder {
    /// With vector instructions.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Finder {
    /// The next piece, and where it stands.
    fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        let found = match self {
            Finder::Packed(searcher) => searcher.find_in(bytes, Span::from(from..bytes.len()))?,
            Finder::Automaton(automaton) => automaton.find(Input::new(bytes).span(from..bytes.len()))?,
        };
        Some((found.pattern().as_usize(), found.start()))
    }
}

impl Words {
    /// `None` where a word is too short, or there is none.
    pub fn new(words: &[Vec<u8>]) -> Option<Words> {
        let words: Vec<Vec<u8>> = words.iter().map(|word| folded(word)).collect();
        let pieces = pieces(&words)?;
        let places = |piece: &[u8]| words.iter().filter_map(|word| Some((memchr::memmem::find(word, piece)?, word.clone()))).collect();
        let held = pieces.iter().map(|piece| places(piece)).collect();
        let packed = packed::Config::new().builder().extend(&pieces).build().map(Finder::Packed);
        let finder = packed.or_else(|| AhoCorasick::new(&pieces).ok().map(Finder::Automaton))?;
        Some(Words { finder, held, longest: words.iter().map(Vec::len).max()? })
    }

    /// Where words begin within a range, chunk by chunk and in order.
    pub fn chunks(&self, bytes: &[u8], range: Range<usize>) -> Vec<Chunk> {
        let starts: Vec<usize> = range.clone().step_by(CHUNK).collect();
        let chunk = |lower: &mut Vec<u8>, start: usize| {
            let range = start..(start + CHUNK).min(range.end);
            let lines = memchr::memchr_iter(b'\n', bytes.get(range.clone()).unwrap_or_default()).count() as u64;
            Chunk { start, lines, places: self.in_chunk(bytes, range, lower) }
        };
        starts.into_par_iter().map_init(Vec::new, chunk).collect()
    }

    fn in_chunk(&self, bytes: &[u8], chunk: Range<usize>, lower: &mut Vec<u8>) -> Vec<usize> {
        // A word may begin in the chunk and end behind it.
        let last = (chunk.end + self.longest).min(bytes.len());
        lower.clear();
        lower.extend(bytes.get(chunk.start..last).unwrap_or_default().iter().map(|byte| byte | 0x20));
        let mut found = BTreeSet::new();
        let mut keep = |piece: usize, at: usize| {
            for (offset, word) in self.held.get(piece).into_iter().flatten() {
                if let Some(start) = at.checked_sub(*offset)
                    && lower.get(start..).is_some_and(|rest| rest.starts_with(word))
                    && chunk.start + start < chunk.end
                {
                    found.insert(chunk.start + start);
                }
            }
        };
        let mut from = 0;
        while let Some((piece, at)) = self.finder.next(lower, from) {
            keep(piece, at);
            // Pieces may overlap.
            from = at + 1;
        }
        found.into_iter().collect()
    }
}

/// Letters in lower case. Other characters change too, in words and in what is searched alike.
fn folded(word: &[u8]) -> Vec<u8> {
    word.iter().map(|byte| byte | 0x20).collect()
}

/// Few pieces, one of which stands in every word: each next one is that which most of the words left over hold.
fn pieces(words: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let usual = folded(USUAL);
    let rare = |piece: &&[u8]| memchr::memmem::find(&usual, piece).is_none();
    let of_word = |word| -> Vec<&[u8]> {
        let all = <[u8]>::windows(word, PIECE);
        if all.clone().any(|piece| rare(&piece)) { all.filter(rare).collect() } else { all.collect() }
    };
    let candidates: BTreeSet<&[u8]> = words.iter().flat_map(|word| of_word(word)).collect();
    let holders: Vec<(&[u8], Vec<usize>)> =
        candidates.into_iter().map(|piece| (piece, (0..words.len()).filter(|index| memchr::memmem::find(&words[*index], piece).is_some()).collect())).collect();
    let mut open: BTreeSet<usize> = (0..words.len()).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() {
        let of = |all: &[usize]| all.iter().filter(|index| open.contains(index)).count();
        let (piece, all) = holders.iter().rev().max_by_key(|(_, all)| of(all)).filter(|(_, all)| of(all) > 0)?;
        chosen.push(piece.to_vec());
        open.retain(|index| !all.contains(index));
    }
    (!chosen.is_empty()).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Words {
        Words::new(&words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn few_pieces_stand_in_all_words() {
        let words: Vec<Vec<u8>> = ["authorized", "unauthorized", "authorization", "token", "invalid", "valid"].iter().map(|word| word.as_bytes().to_vec()).collect();
        let pieces = pieces(&words).unwrap();
        assert_eq!(pieces.len(), 3);
        assert!(words.iter().all(|word| pieces.iter().any(|piece| memchr::memmem::find(word, piece).is_some())));
        assert!(Words::new(&[b"abc".to_vec()]).is_none());
    }

    impl Words {
        fn places(&self, bytes: &[u8], range: Range<usize>) -> Vec<usize> {
            self.chunks(bytes, range).into_iter().flat_map(|chunk| chunk.places).collect()
        }
    }

    #[test]
    fn words_are_found_wherever_chunks_end() {
        let words = words(&["invalid", "valid_until", "unauthorized"]);
        for at in (CHUNK - 14..CHUNK + 2).chain([0, 2 * CHUNK - 3]) {
            let mut bytes = vec![b'.'; 2 * CHUNK + 40];
            bytes[at..at + 12].copy_from_slice(b"UnAuthorized");
            bytes[at + 13..at + 20].copy_from_slice(b"INVALID");
            assert_eq!(words.places(&bytes, 0..bytes.len()), [at, at + 13], "{at}");
            assert_eq!(words.places(&bytes, at + 1..at + 13), [0; 0], "{at}");
        }
        assert_eq!(words.places(b"vali alid validuntil", 0..20), [0; 0]);
    }
}
