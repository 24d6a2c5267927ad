//! Finds where words stand in very many bytes, upper and lower case alike.
//!
//! What is searched is a small set of short pieces: the fewer and the shorter they are, the better several can be compared with one
//! instruction. A text that is looked for holds several words, and it is enough to find one of them, so those are chosen that between them
//! have the fewest pieces. Where a piece stands, the words that hold it are compared as a whole.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, Span, packed};

use crate::source::{CASE, folded};

/// Bytes of a piece, and so of the shortest word.
pub const PIECE: usize = 4;
/// Bytes that are made lower case and searched at a time: they stay in the fastest cache but one.
const CHUNK: usize = 128 << 10;
/// What most lines of a debug log are made of. A piece that stands here would stop the search all the time.
const USUAL: &[u8] = b"code_unit_started code_unit_finished method_entry method_exit constructor_entry constructor_exit system_method_entry \
    variable_scope_begin variable_scope_end variable_assignment statement_execute heap_allocate soql_execute_begin soql_execute_end dml_begin dml_end \
    user_debug limit_usage_for_ns cumulative_limit_usage aggregations number of queries maximum cpu time bytes rows select from where limit account contact \
    order record records name status table stable __sfdc_trigger list string integer boolean system.";

/// A text that is to be found: its ways, each of which is enough. A way is a list of words, one of which stands wherever the text does.
pub type Wanted = Vec<Vec<Vec<u8>>>;

type Piece = [u8; PIECE];

pub struct Words {
    finder: Finder,
    /// By piece: the words that it stands in, and where in them.
    held: Vec<Vec<(usize, Vec<u8>)>>,
    longest: usize,
}

/// What was found in a range.
#[derive(Default)]
pub struct Found {
    /// How many lines end in it: it is in the cache anyway.
    pub lines: u64,
    /// Where words begin, in order.
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
            Finder::Automaton(automaton) => {
                automaton.find(Input::new(bytes).span(from..bytes.len()))?
            }
        };
        Some((found.pattern().as_usize(), found.start()))
    }
}

impl Words {
    /// `None` where nothing is wanted, or a text whose words are all too short.
    pub fn new(wanted: Vec<Wanted>) -> Option<Words> {
        let wanted: Vec<Wanted> = wanted
            .into_iter()
            .map(|ways| {
                ways.into_iter().map(|way| way.iter().map(|word| folded(word)).collect()).collect()
            })
            .collect();
        let pieces = pieces(&wanted)?;
        let words: BTreeSet<&Vec<u8>> =
            wanted.iter().filter_map(|ways| chosen(ways, &pieces)).flatten().collect();
        let places = |piece: &[u8]| {
            words
                .iter()
                .filter_map(|word| Some((memchr::memmem::find(word, piece)?, word.to_vec())))
                .collect()
        };
        let pieces = arranged(pieces);
        let held = pieces.iter().map(|piece| places(piece)).collect();
        let packed = packed::Config::new().builder().extend(&pieces).build().map(Finder::Packed);
        let finder = packed.or_else(|| AhoCorasick::new(&pieces).ok().map(Finder::Automaton))?;
        Some(Words { finder, held, longest: words.iter().map(|word| word.len()).max()? })
    }

    /// Searches a range. `lower` is used again for every part of it.
    pub fn search(&self, bytes: &[u8], range: Range<usize>, lower: &mut Vec<u8>) -> Found {
        let mut found = Found::default();
        for start in range.clone().step_by(CHUNK) {
            let end = (start + CHUNK).min(range.end);
            // A word may begin in the chunk and end behind it.
            let last = (end + self.longest).min(bytes.len());
            found.lines += fold(bytes.get(start..end).unwrap_or_default(), lower);
            lower.extend(bytes.get(end..last).unwrap_or_default().iter().map(|byte| byte | CASE));
            found.places.extend(self.within(lower, start..end));
        }
        found
    }

    fn within(&self, lower: &[u8], chunk: Range<usize>) -> BTreeSet<usize> {
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
        found
    }
}

/// Puts letters in lower case, and counts lines on the way: both are done for many bytes at once.
fn fold(bytes: &[u8], lower: &mut Vec<u8>) -> u64 {
    lower.resize(bytes.len(), 0);
    let folded = |(lower, bytes): (&mut [u8], &[u8])| {
        let mut lines = 0u8;
        for (lower, byte) in lower.iter_mut().zip(bytes) {
            *lower = byte | CASE;
            lines += u8::from(*byte == b'\n');
        }
        u64::from(lines)
    };
    lower.chunks_mut(128).zip(bytes.chunks(128)).map(folded).sum()
}

/// In the order in which the searcher tells pieces apart best: it has 16 classes for more than 32 pieces, and 8 for less, and puts them into
/// one after the other. Those that share a class should be alike. Pieces that stand nowhere fill the rest: no folded byte is 0.
fn arranged(mut pieces: Vec<Piece>) -> Vec<Piece> {
    const CLASSES: usize = 16;
    if !(CLASSES + 1..=2 * CLASSES).contains(&pieces.len()) {
        return pieces;
    }
    let pairs = pieces.len() - CLASSES;
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    while seconds.len() < pairs {
        let all = (0..pieces.len())
            .flat_map(|first| (first + 1..pieces.len()).map(move |second| (first, second)));
        let Some((first, second)) =
            all.min_by_key(|&(first, second)| mixed(pieces[first], pieces[second]))
        else {
            break;
        };
        seconds.push(pieces.remove(second));
        firsts.push(pieces.remove(first));
    }
    let nowhere = (0..=u8::MAX).map(|number| [0, 0, 0, number]).take(CLASSES + 1 - seconds.len());
    firsts.into_iter().chain(pieces).chain(seconds).chain(nowhere).collect()
}

/// How many pieces cannot be told from one of two: the searcher looks at the halves of each byte, one without the other.
fn mixed(left: Piece, right: Piece) -> u32 {
    let halves = |left: u8, right: u8| {
        (1 + u32::from(left & 15 != right & 15)) * (1 + u32::from(left >> 4 != right >> 4))
    };
    left.iter().zip(right).map(|(left, right)| halves(*left, right)).product()
}

fn pieces_of(word: &[u8]) -> impl Iterator<Item = Piece> {
    word.array_windows().copied()
}

/// Of the ways whose words all hold one of the pieces, the one whose shortest word is the longest.
fn chosen<'a>(ways: &'a Wanted, pieces: &[Piece]) -> Option<&'a Vec<Vec<u8>>> {
    let held = |word: &Vec<u8>| pieces_of(word).any(|piece| pieces.contains(&piece));
    ways.iter().filter(|way| way.iter().all(held)).max_by_key(|way| way.iter().map(Vec::len).min())
}

/// Few pieces, so that every text has a way whose words all hold one: each next piece is that which brings most texts nearest to it.
fn pieces(wanted: &[Wanted]) -> Option<Vec<Piece>> {
    /// The share of a text that is found by one of several words; divides by many numbers.
    const WHOLE: usize = 5040;
    let usual: BTreeSet<Piece> = pieces_of(&folded(USUAL)).collect();
    let candidates: Vec<Piece> = wanted
        .iter()
        .flatten()
        .flatten()
        .flat_map(|word| pieces_of(word))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    // Words as the numbers of the pieces that may be chosen for them.
    let numbers = |word: &Vec<u8>| -> Vec<usize> {
        let all_usual = pieces_of(word).all(|piece| usual.contains(&piece));
        pieces_of(word)
            .filter(|piece| all_usual || !usual.contains(piece))
            .filter_map(|piece| candidates.binary_search(&piece).ok())
            .collect()
    };
    let wanted: Vec<Vec<Vec<Vec<usize>>>> = wanted
        .iter()
        .map(|ways| ways.iter().map(|way| way.iter().map(numbers).collect()).collect())
        .collect();
    let held = |word: &Vec<usize>, taken: &[bool]| {
        word.iter().any(|number| taken.get(*number) == Some(&true))
    };
    let found = |ways: &Vec<Vec<Vec<usize>>>, taken: &[bool]| {
        ways.iter().any(|way| way.iter().all(|word| held(word, taken)))
    };
    let mut taken = vec![false; candidates.len()];
    while wanted.iter().any(|ways| !found(ways, &taken)) {
        let mut gains = vec![0; candidates.len()];
        for ways in wanted.iter().filter(|ways| !found(ways, &taken)) {
            let mut shares: Vec<(usize, usize)> = Vec::new();
            for way in ways {
                let open = way.iter().filter(|word| !held(word, &taken)).flatten();
                shares.extend(open.map(|number| (*number, WHOLE / way.len())));
            }
            // A text counts once for a piece, for the best of its ways.
            shares.sort_unstable();
            for share in shares.chunk_by(|left, right| left.0 == right.0).filter_map(<[_]>::last) {
                gains[share.0] += share.1;
            }
        }
        let best = (0..gains.len())
            .max_by_key(|number| gains[*number])
            .filter(|number| gains[*number] > 0)?;
        taken[best] = true;
    }
    // One that was taken early may be needed no longer.
    for number in 0..taken.len() {
        if std::mem::take(&mut taken[number]) {
            taken[number] = wanted.iter().any(|ways| !found(ways, &taken));
        }
    }
    let pieces: Vec<Piece> = candidates
        .into_iter()
        .zip(taken)
        .filter_map(|(piece, taken)| taken.then_some(piece))
        .collect();
    (!pieces.is_empty()).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    fn words(words: &[&str]) -> Words {
        Words::new(words.iter().map(|word| vec![way(&[word])]).collect()).unwrap()
    }

    #[test]
    fn few_pieces_stand_in_all_words() {
        let all = ["authorized", "unauthorized", "authorization", "token", "invalid", "valid"];
        let wanted: Vec<Wanted> = all.iter().map(|word| vec![way(&[word])]).collect();
        let pieces = pieces(&wanted).unwrap();
        assert_eq!(pieces.len(), 3);
        assert!(wanted.iter().all(|ways| chosen(ways, &pieces).is_some()));
        assert!(Words::new(vec![vec![way(&["abc"])]]).is_none());
        assert!(Words::new(Vec::new()).is_none());
    }

    #[test]
    fn pieces_that_share_a_class_are_alike() {
        let pieces: Vec<Piece> = (b'a'..=b't').map(|letter| [letter, b'x', b'y', b'z']).collect();
        let arranged = arranged(pieces.clone());
        assert_eq!(arranged.len(), 33);
        assert!(pieces.iter().all(|piece| arranged.contains(piece)));
        assert_eq!(
            (0..4).map(|index| mixed(arranged[index], arranged[index + 16])).collect::<Vec<_>>(),
            [2; 4]
        );
    }

    #[test]
    fn lines_are_counted_on_the_way() {
        let bytes = "A\n\nZ_é\n".repeat(100).into_bytes();
        let mut lower = vec![7; 9];
        assert_eq!(fold(&bytes, &mut lower), 300);
        assert_eq!(lower, folded(&bytes));
        assert_eq!(fold(b"\n", &mut lower), 1);
    }

    #[test]
    fn the_words_are_chosen_that_others_have_too() {
        let wanted = vec![
            vec![way(&["hidden"]), way(&["consumer"])],
            vec![way(&["consumer"]), way(&["expired", "invalid"])],
            vec![way(&["invalid", "missing"])],
        ];
        let words = Words::new(wanted).unwrap();
        let held: BTreeSet<&[u8]> =
            words.held.iter().flatten().map(|(_, word)| word.as_slice()).collect();
        assert_eq!(held, [b"consumer".as_slice(), b"invalid", b"missing"].into());
        assert_eq!(words.held.len(), 3);
    }

    impl Words {
        fn places(&self, bytes: &[u8], range: Range<usize>) -> Vec<usize> {
            self.search(bytes, range, &mut Vec::new()).places
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
