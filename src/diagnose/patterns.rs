//! The patterns of all answer pages.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::spans::Spans;
use crate::explain::{self, Answer};

/// All answer pages with their patterns, sorted by name.
pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let answers: Vec<&Answer> = explain::answer_names().filter_map(explain::answer).collect();
    let pages = answers.iter().map(|answer| Page::new(&answer.head)).collect();
    Patterns { answers, pages }
});

pub(super) struct Patterns {
    pub answers: Vec<&'static Answer>,
    /// One for each answer.
    pages: Vec<Page>,
}

/// The patterns that identify one answer in a log.
struct Page {
    literals: Vec<memmem::Finder<'static>>,
    patterns: Vec<Pattern>,
    exceptions: Vec<Pattern>,
}

/// A regular expression that is compiled when it is first needed: compiling all of them takes
/// longer than reading most logs.
struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

/// A match of a pattern in a log.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// Index of the answer.
    pub answer: usize,
    pub range: Range<usize>,
    pub credential: Option<String>,
    /// It is a code or the page of a server, which is less specific than a sentence.
    pub general: bool,
}

impl Patterns {
    /// All matches of all patterns in order, except those that the answer's page excludes. Adds
    /// the number of searched bytes to `work`.
    pub fn matches(&self, text: &str, work: &mut u64) -> Vec<Match> {
        let lowercase = text.to_ascii_lowercase();
        let mut found = Vec::new();
        for (index, page) in self.pages.iter().enumerate() {
            if page.may_match(&lowercase) {
                *work += (text.len() * (page.patterns.len() + page.exceptions.len())) as u64;
                found.extend(self.matches_of(index, page, text));
            }
        }
        found.sort_by_key(|one| (one.range.start, Reverse(one.range.end)));
        found
    }

    fn matches_of(&self, answer: usize, page: &Page, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        for regex in page.patterns.iter().filter_map(Pattern::regex) {
            for captures in regex.captures_iter(text.as_bytes()) {
                let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                    continue;
                };
                let named = |name: &str| {
                    captures
                        .name(name)
                        .map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned())
                };
                found.push(Match {
                    answer,
                    range: to_char_boundaries(text, whole.range()),
                    credential: named("named_credential").or_else(|| named("external_credential")),
                    general: self.yields(answer) || !whole.as_bytes().contains(&b' '),
                });
            }
        }
        if !found.is_empty() {
            let exceptions: Spans = page
                .exceptions
                .iter()
                .filter_map(Pattern::regex)
                .flat_map(|regex| regex.find_iter(text.as_bytes()).map(|found| found.range()))
                .collect();
            found.retain(|one| !exceptions.overlaps(&one.range));
        }
        found
    }

    /// Whether any other answer in the same message is more informative than this one.
    pub fn yields(&self, answer: usize) -> bool {
        self.answers.get(answer).is_some_and(|answer| answer.head.yields)
    }

    /// The literals of all pages.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().flat_map(|answer| &answer.head.literals).map(String::as_str)
    }
}

impl Page {
    fn new(head: &explain::Head) -> Page {
        let patterns = |sources: &[String]| {
            sources
                .iter()
                .map(|source| Pattern { source: source.clone(), compiled: OnceLock::new() })
                .collect()
        };
        Page {
            literals: head
                .literals
                .iter()
                .map(|literal| memmem::Finder::new(literal).into_owned())
                .collect(),
            patterns: patterns(&head.matches),
            exceptions: patterns(&head.unless),
        }
    }

    fn may_match(&self, lowercase: &str) -> bool {
        self.literals.iter().any(|literal| literal.find(lowercase.as_bytes()).is_some())
    }
}

impl Pattern {
    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            RegexBuilder::new(&self.source)
                .case_insensitive(true)
                .multi_line(true)
                .unicode(false)
                .build()
                .ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// Extends a range to whole characters: the patterns match bytes and may end inside a character.
pub(super) fn to_char_boundaries(text: &str, range: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

#[cfg(test)]
#[allow(dead_code, reason = "the integration tests use the rest")]
#[path = "../../tests/integration/common/samples.rs"]
mod samples;

#[cfg(test)]
mod tests {

    use super::super::normalize::{LineJoin, Normalized};
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for (answer, page) in PATTERNS.answers.iter().zip(&PATTERNS.pages) {
            for pattern in page.patterns.iter().chain(&page.exceptions) {
                assert!(pattern.regex().is_some(), "{}: {}", answer.name, pattern.source);
            }
        }
    }

    #[test]
    fn literals_survive_escaping() {
        for answer in &PATTERNS.answers {
            assert!(!answer.head.literals.is_empty(), "{} has no literals", answer.name);
            for literal in &answer.head.literals {
                let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b' ');
                let good = literal.len() >= 4 && literal.trim() == literal;
                assert!(good && literal.bytes().all(plain), "{}: `{literal}`", answer.name);
            }
        }
    }

    /// A pattern is never tried if its match does not contain any of the page's literals.
    #[test]
    fn every_match_contains_a_literal_of_its_page() {
        let samples = samples::labeled();
        for (answer, page) in PATTERNS.answers.iter().zip(&PATTERNS.pages) {
            let mut texts = vec![answer.head.says.clone()];
            for sample in samples.iter().filter(|sample| sample.group == answer.name) {
                for join in [LineJoin::Space, LineJoin::Unwrap] {
                    texts.push(Normalized::new(&sample.bytes, join).text);
                }
            }
            for pattern in &page.patterns {
                let source = pattern.source.to_lowercase().replace('\\', "");
                assert!(page.may_match(&source), "{}: {source}", answer.name);
                let regex = pattern.regex().unwrap();
                for found in texts.iter().flat_map(|text| regex.find_iter(text.as_bytes())) {
                    let found = String::from_utf8_lossy(found.as_bytes()).to_ascii_lowercase();
                    assert!(page.may_match(&found), "{}: {found}", answer.name);
                }
            }
        }
    }
}
