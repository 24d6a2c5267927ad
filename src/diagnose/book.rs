//! The patterns of all answer pages, ready to be looked for, and the words without which none of them can match.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::words::{PIECE, Wanted};
use crate::explain::{self, Answer};

pub(super) struct Book {
    pub answers: Vec<Answer>,
    patterns: Vec<Pattern>,
    /// All words of all patterns.
    words: Vec<Vec<u8>>,
    /// Finds them; none if it cannot be built, and then every pattern is tried.
    finder: Option<AhoCorasick>,
}

struct Pattern {
    /// Index of its answer.
    answer: usize,
    source: String,
    compiled: OnceLock<Option<Regex>>,
    /// Indices of words, one of which stands in whatever it matches; none where nobody knows any.
    needs: Option<Vec<usize>>,
    ways: Wanted,
    /// What it finds is no answer after all.
    exception: bool,
}

/// Where a pattern matches.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// Index of the answer.
    pub answer: usize,
    pub range: Range<usize>,
    pub credential: Option<String>,
    /// A code or a page, which says less than a sentence.
    pub general: bool,
}

pub(super) static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let answers: Vec<Answer> = explain::answer_names().filter_map(explain::answer).collect();
    let mut book =
        Book { patterns: Vec::new(), words: Vec::new(), finder: None, answers: Vec::new() };
    for (index, answer) in answers.iter().enumerate() {
        answer.head.matches.iter().for_each(|source| book.add(index, source, false));
        answer.head.unless.iter().for_each(|source| book.add(index, source, true));
    }
    book.finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(&book.words)
        .ok();
    Book { answers, ..book }
});

impl Pattern {
    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                RegexBuilder::new(&self.source)
                    .case_insensitive(true)
                    .multi_line(true)
                    .unicode(false)
                    .build()
                    .ok()
            })
            .as_ref()
    }
}

impl Book {
    fn add(&mut self, answer: usize, source: &str, exception: bool) {
        let ways = ways(source);
        let needs = rarest(&ways).map(|words| words.iter().map(|word| self.number(word)).collect());
        self.patterns.push(Pattern {
            answer,
            source: source.to_owned(),
            compiled: OnceLock::new(),
            needs,
            ways,
            exception,
        });
    }

    fn number(&mut self, word: &[u8]) -> usize {
        self.words.iter().position(|known| known == word).unwrap_or_else(|| {
            self.words.push(word.to_vec());
            self.words.len() - 1
        })
    }

    /// The patterns that may match: to compile all of them takes longer than to read most logs.
    fn candidates(&self, text: &str) -> impl Iterator<Item = &Pattern> {
        let mut stands = vec![self.finder.is_none(); self.words.len()];
        for found in self.finder.iter().flat_map(|finder| finder.find_overlapping_iter(text)) {
            if let Some(stands) = stands.get_mut(found.pattern().as_usize()) {
                *stands = true;
            }
        }
        self.patterns.iter().filter(move |pattern| {
            pattern
                .needs
                .as_ref()
                .is_none_or(|needs| needs.iter().any(|need| stands.get(*need) == Some(&true)))
        })
    }

    /// Everything that any pattern finds, in order; what a page excepts is left out.
    pub fn matches(&self, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        let mut exceptions: Vec<(usize, Range<usize>)> = Vec::new();
        for pattern in self.candidates(text) {
            let Some(regex) = pattern.regex() else { continue };
            if pattern.exception {
                exceptions.extend(
                    regex.find_iter(text.as_bytes()).map(|found| (pattern.answer, found.range())),
                );
                continue;
            }
            for captures in regex.captures_iter(text.as_bytes()) {
                let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                    continue;
                };
                let named = |name: &str| {
                    captures
                        .name(name)
                        .map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned())
                };
                let general =
                    self.answers.get(pattern.answer).is_some_and(|answer| answer.head.yields)
                        || !whole.as_bytes().contains(&b' ');
                let range = widened(text, whole.range());
                found.push(Match {
                    answer: pattern.answer,
                    range,
                    credential: named("named_credential").or_else(|| named("external_credential")),
                    general,
                });
            }
        }
        found.retain(|one| {
            !exceptions.iter().any(|(answer, range)| {
                *answer == one.answer && range.start < one.range.end && one.range.start < range.end
            })
        });
        found.sort_by_key(|one| (one.range.start, Reverse(one.range.end)));
        found
    }

    /// What to look for before anything is looked at closely.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.patterns
            .iter()
            .filter(|pattern| !pattern.exception && !pattern.ways.is_empty())
            .map(|pattern| telling(&pattern.ways))
            .collect()
    }
}

/// Patterns read bytes: one that counts them may end inside a character, which belongs to the match then.
pub(super) fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

/// The way whose words are the longest.
fn rarest(ways: &Wanted) -> Option<&Vec<Vec<u8>>> {
    ways.iter().max_by_key(|way| rarity(way))
}

/// Of several ways to know that a pattern may match, those whose words are not short; the best where all have short ones.
fn telling(ways: &Wanted) -> Wanted {
    let best = ways.iter().map(|way| rarity(way).0).max().unwrap_or_default();
    ways.iter().filter(|way| rarity(way).0 >= best.min(LONG)).cloned().collect()
}

/// Long words are rare, and many of them are found more often than few.
fn rarity(way: &[Vec<u8>]) -> (usize, Reverse<usize>) {
    (way.iter().map(Vec::len).min().unwrap_or_default(), Reverse(way.len()))
}

/// Lists of words, in lower case; of each list one stands in whatever a pattern matches. None of them holds a character that any encoding
/// changes.
fn ways(pattern: &str) -> Wanted {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map(|parsed| required(&parsed))
        .unwrap_or_default()
}

fn required(hir: &Hir) -> Wanted {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let words = literal
                .0
                .split(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.'));
            let rare = words
                .map(|word| word.trim_ascii_dots().to_ascii_lowercase())
                .filter(|word| word.len() >= SHORTEST && !COMMON.contains(&word.as_slice()));
            rare.map(|word| vec![word]).collect()
        }
        HirKind::Concat(parts) => parts.iter().flat_map(required).collect(),
        HirKind::Alternation(parts) => {
            let best: Option<Vec<Vec<Vec<u8>>>> =
                parts.iter().map(|part| rarest(&required(part)).cloned()).collect();
            best.map(|all| all.concat()).into_iter().collect()
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Repetition(_) | HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => {
            Vec::new()
        }
    }
}

trait Dots {
    fn trim_ascii_dots(&self) -> &Self;
}

impl Dots for [u8] {
    /// Without the full stops around it.
    fn trim_ascii_dots(&self) -> &[u8] {
        let start = self.iter().position(|byte| *byte != b'.').unwrap_or(self.len());
        let end = self.iter().rposition(|byte| *byte != b'.').map_or(start, |last| last + 1);
        self.get(start..end).unwrap_or_default()
    }
}

/// Words of this length are rare enough to be looked for in place of longer ones.
const LONG: usize = PIECE + 1;

/// Shorter words stand everywhere, and cannot be looked for.
const SHORTEST: usize = PIECE;

/// These stand in every debug log, too often to look closely each time.
const COMMON: &[&[u8]] = &[
    b"access",
    b"account",
    b"body",
    b"code",
    b"exception",
    b"field",
    b"find",
    b"found",
    b"name",
    b"object",
    b"record",
    b"salesforce",
    b"session",
    b"status",
    b"system",
    b"this",
    b"type",
    b"user",
    b"value",
    b"with",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_has_a_word_to_look_for() {
        for pattern in &BOOK.patterns {
            assert!(
                pattern.regex().is_some(),
                "{}: {}",
                BOOK.answers[pattern.answer].name,
                pattern.source
            );
        }
        // What has no such word is found in what a person pastes, and beyond the first megabyte only beside something else.
        for (index, answer) in BOOK.answers.iter().enumerate() {
            let mut patterns = BOOK
                .patterns
                .iter()
                .filter(|pattern| pattern.answer == index && !pattern.exception);
            assert!(
                patterns.any(|pattern| !pattern.ways.is_empty()),
                "{}: no rare word is required",
                answer.name
            );
        }
        assert!(BOOK.finder.is_some());
    }

    #[test]
    fn the_last_of_the_longest_words_is_looked_for() {
        assert_eq!(
            *rarest(&ways("user hasn.?t approved this consumer")).unwrap(),
            [b"consumer".to_vec()]
        );
        assert_eq!(
            *rarest(&ways("(?:invalid_scope|no such consumer)?known")).unwrap(),
            [b"known".to_vec()]
        );
        assert_eq!(
            *rarest(&ways("a(?:first|second)b")).unwrap(),
            [b"first".to_vec(), b"second".to_vec()]
        );
    }
}
