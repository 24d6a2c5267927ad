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
    order record records name status available table stable __sfdc_trigger list string integer boolean system.";

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
        starts.into_par_iter().map_init(Vec::new, |lower, start| self.chunk(bytes, start..(start + CHUNK).min(range.end), lower)).collect()
    }

    fn chunk(&self, bytes: &[u8], range: Range<usize>, lower: &mut Vec<u8>) -> Chunk {
        let mut chunk = Chunk { start: range.start, lines: 0, places: Vec::new() };
        // Everything before the line, and where the lines begin that are searched together.
        let (mut line, mut from) = (range.start, range.start);
        for end in memchr::memchr_iter(b'\n', bytes.get(range.clone()).unwrap_or_default()).map(|end| range.start + end + 1) {
            chunk.lines += 1;
            if bytes.get(line..end).is_some_and(says_nothing) {
                self.search(bytes, from..line, line, lower, &mut chunk.places);
                from = end;
            }
            line = end;
        }
        // A word may begin in the chunk and end behind it.
        self.search(bytes, from..(range.end + self.longest).min(bytes.len()), range.end, lower, &mut chunk.places);
        chunk
    }

    /// Finds words that begin before `end`.
    fn search(&self, bytes: &[u8], range: Range<usize>, end: usize, lower: &mut Vec<u8>, found: &mut Vec<usize>) {
        lower.clear();
        lower.extend(bytes.get(range.clone()).unwrap_or_default().iter().map(|byte| byte | 0x20));
        let (mut from, before) = (0, found.len());
        while let Some((piece, at)) = self.finder.next(lower, from) {
            for (offset, word) in self.held.get(piece).into_iter().flatten() {
                if let Some(start) = at.checked_sub(*offset)
                    && lower.get(start..).is_some_and(|rest| rest.starts_with(word))
                    && range.start + start < end
                {
                    found.push(range.start + start);
                }
            }
            // Pieces may overlap.
            from = at + 1;
        }
        found[before..].sort_unstable();
    }
}

/// Whether a line is an event that fills debug logs and never holds what Salesforce answered: `09:56:30.0 (8)|METHOD_ENTRY|…`. Asked of
/// every line, so a few bytes must be enough.
fn says_nothing(line: &[u8]) -> bool {
    let [_, _, b':', _, _, b':', _, _, b'.', rest @ ..] = line else { return false };
    let Some(bar) = memchr::memchr(b'|', rest) else { return false };
    let (Some(b')'), Some(event)) = (bar.checked_sub(1).and_then(|at| rest.get(at)), rest.get(bar + 1..)) else { return false };
    match event.first_chunk() {
        Some(b"METH" | b"STAT" | b"SOQL" | b"HEAP" | b"CONS" | b"DML_" | b"BULK") => true,
        Some(b"VARI") => event.starts_with(b"VARIABLE_SCOPE_"),
        Some(b"SYST") => event.starts_with(b"SYSTEM_METHOD_") || event.starts_with(b"SYSTEM_CONSTRUCTOR_"),
        _ => false,
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
        let log = b"invalid\n09:56:30.0 (8)|METHOD_ENTRY|[1]|invalid\n09:56:30.0 (8)|USER_DEBUG|invalid\n09:56|METHOD_EXIT|invalid\n";
        assert_eq!(words.places(log, 0..log.len()), [0, 74, 100]);
        assert_eq!(words.chunks(log, 0..log.len())[0].lines, 4);
    }
}
