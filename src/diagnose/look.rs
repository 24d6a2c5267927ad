//! Looks closely at one piece of a log: which answers stand in it, about which credential, and what looks like an error and is none of them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use regex::bytes;

use super::Passage;
use super::book::{self, BOOK, Match};
use super::normal::{Joint, Normal};

/// Bytes of one message: what stands further apart is not told together.
const MESSAGE: usize = 500;
/// Bytes of an error that are quoted.
const SAID: usize = 300;
/// Bytes of a page in HTML that are taken for one message.
const PAGE: usize = 20_000;
/// Bytes of a line on each side of a match that are kept for the quote.
const KEPT: usize = 2_000;

/// What is met, in the order in which it stands.
#[derive(Debug)]
pub(super) enum Event {
    /// Another transaction: what was called before has no part in it.
    Transaction,
    /// A callout through a named credential.
    Callout(String),
    Answer {
        answer: usize,
        credential: Option<String>,
        passage: Passage,
        /// The pair that the command line tool tried.
        tried: Option<Tried>,
    },
    Unknown(Passage),
}

/// `[audience=… login=…]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    pub audience: String,
    pub login: String,
}

/// A piece of a log.
pub(super) struct Piece<'b> {
    pub bytes: &'b [u8],
    /// The number of its first line.
    pub line: u64,
    /// What starts outside of this is told with another piece.
    pub accept: Range<usize>,
}

static CALLOUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)callout:(?:\.__)?([a-z]\w*)|\bNamed Credential Name=([a-z]\w*)|\b(EXECUTION_STARTED)\b").expect("a constant pattern")
});

static TRIED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\[audience=([^ \]]+) login=([^ \]]+)\]").expect("a constant pattern")
});

/// What an error about credentials looks like, whatever it says. Of bytes, and hardly counted: both would take long to compile.
static ERROR: LazyLock<bytes::Regex> = LazyLock::new(|| {
    bytes::Regex::new(
        r#"(?xi-u)
        Unable\ to\ complete\ the\ JWT\ token\ exchange\.?\ ?Error:\ ?(?<code>[\w-]{2,60})\.?(?:\ ?Error\ description:\ ?[^\n"<>]+)?
        | "error"\ ?:\ ?"(?<json_code>[a-z_-]{2,60})"
        | \berror=(?<form_code>[a-z_-]{2,60})(?:&error_description=[^\n&"<>]+)?
        | \b(?:System\.)?CalloutException:\ ?[^\n"<>]+
        | \b(?:FATAL_ERROR|EXCEPTION_THROWN)\|[^\n]{0,200}?\b(?:credentials?|callout|oauth|jwt|access\ token|certificate)\b
        | \bError\ \((?:JwtGrantError|AuthInfoCreationError|JwtAuthError|OauthError)\):\ ?[^\n]+
        | \bAuth\.JWTBearerTokenExchange[\w.]*Exception:?\ ?[^\n]+
        "#,
    )
    .expect("a constant pattern")
});

impl Piece<'_> {
    /// Everything of interest, in the order in which it stands.
    pub fn events(&self) -> Vec<Event> {
        let normal = Normal::of(self.bytes, Joint::Unfilled);
        let mut found = self.of(&normal);
        // Words that a terminal broke are no words until the lines are put together.
        if self.bytes.contains(&b'\n') || memchr::memmem::find(self.bytes, b"\\n").is_some() {
            let tight = Normal::of(self.bytes, Joint::Tight);
            if tight.text.len() != normal.text.len() {
                let apart =
                    |one: &(usize, Event)| !found.iter().any(|(_, other)| overlaps(other, &one.1));
                let more: Vec<(usize, Event)> = self
                    .of(&tight)
                    .into_iter()
                    .filter(|one| matches!(one.1, Event::Answer { .. }))
                    .filter(apart)
                    .collect();
                for (_, event) in &more {
                    found.retain(|(_, other)| !is_explained_by(other, event));
                }
                found.extend(more);
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, event)| event).collect()
    }

    fn of(&self, normal: &Normal) -> Vec<(usize, Event)> {
        let text = normal.text.as_str();
        let answers = settled(BOOK.matches(text), text);
        let mut result: Vec<(usize, Event)> = Vec::new();
        let here = |index: usize| Some(normal.source(index)).filter(|at| self.accept.contains(at));
        for found in CALLOUT.captures_iter(text) {
            let Some(at) = found.get(0).and_then(|whole| here(whole.start())) else { continue };
            let name = found.get(1).or(found.get(2)).map(|name| name.as_str());
            match name {
                Some(name) if name.eq_ignore_ascii_case("null") => {}
                Some(name) => result.push((at, Event::Callout(name.to_owned()))),
                None => result.push((at, Event::Transaction)),
            }
        }
        for found in &answers {
            let Some(at) = here(found.range.start) else { continue };
            let passage = self.passage(normal, &found.range);
            let tried = tried(text, &found.range);
            result.push((
                at,
                Event::Answer {
                    answer: found.answer,
                    credential: found.credential.clone(),
                    passage,
                    tried,
                },
            ));
        }
        for found in ERROR.captures_iter(text.as_bytes()) {
            let Some(whole) = found
                .get(0)
                .map(|whole| whole.start()..whole.end().min(whole.start() + SAID))
                .map(|whole| book::widened(text, whole))
            else {
                continue;
            };
            let Some(at) = here(whole.start) else { continue };
            let message = reach(text, &whole);
            if answers
                .iter()
                .any(|answer| answer.range.start < message.end && message.start < answer.range.end)
            {
                continue;
            }
            if says_something(&found) {
                result.push((at, Event::Unknown(self.passage(normal, &whole))));
            }
        }
        result
    }

    /// The lines that a match stands in.
    fn passage(&self, normal: &Normal, range: &Range<usize>) -> Passage {
        let bytes = self.bytes;
        let start = normal.source(range.start);
        let end = normal.source(range.end.saturating_sub(1)) + 1;
        let line = self.line
            + memchr::memchr_iter(b'\n', bytes.get(..start).unwrap_or_default()).count() as u64;
        let from = bytes
            .get(..start)
            .and_then(|before| memchr::memrchr(b'\n', before))
            .map_or(0, |at| at + 1)
            .max(start.saturating_sub(KEPT));
        let to = bytes
            .get(end..)
            .and_then(|after| memchr::memchr(b'\n', after))
            .map_or(bytes.len(), |at| end + at)
            .min(end + KEPT);
        let raw = bytes.get(from..to).unwrap_or_default();
        let as_written = !raw
            .iter()
            .any(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'+' | b'\n' | 0..=8 | 11..=31));
        if as_written
            && let (Ok(before), Ok(said), Ok(after)) =
                (utf8(bytes, from..start), utf8(bytes, start..end), utf8(bytes, end..to))
        {
            return Passage::new(line, before, said, after);
        }
        let text = &normal.text;
        let from = text.floor_char_boundary(
            text[..range.start]
                .rfind('\n')
                .map_or(0, |at| at + 1)
                .max(range.start.saturating_sub(KEPT)),
        );
        let to = text.floor_char_boundary(
            text[range.end..]
                .find('\n')
                .map_or(text.len(), |at| range.end + at)
                .min(range.end + KEPT),
        );
        Passage::new(
            line,
            &text[from.min(range.start)..range.start],
            &text[range.clone()],
            &text[range.end..to.max(range.end)],
        )
    }
}

fn utf8(bytes: &[u8], range: Range<usize>) -> Result<&str, std::str::Utf8Error> {
    std::str::from_utf8(bytes.get(range).unwrap_or_default())
}

/// Codes and pages give way to sentences of the same message, and of matches that overlap the longest is left.
fn settled(mut found: Vec<Match>, text: &str) -> Vec<Match> {
    let better = |one: &Match, other: &Match| {
        (other.general, one.range.len()) > (one.general, other.range.len())
    };
    let beaten: Vec<bool> = found
        .iter()
        .enumerate()
        .map(|(index, one)| {
            found.iter().enumerate().any(|(place, other)| {
                if place == index {
                    return false;
                }
                let overlap =
                    one.range.start < other.range.end && other.range.start < one.range.end;
                let equal = one.general == other.general && one.range.len() == other.range.len();
                if overlap && (better(other, one) || (equal && place < index)) {
                    return true;
                }
                let message = reach(text, &one.range);
                let together = other.range.start < message.end && message.start < other.range.end;
                if !together {
                    return false;
                }
                match (one.general, other.general, one.answer == other.answer) {
                    (true, false, _) => true,
                    // A code and a sentence of one page, or the page's two patterns.
                    (true, true, true) => place < index,
                    (true, true, false) => yields(one) && !yields(other),
                    (false, ..) => false,
                }
            })
        })
        .collect();
    let mut beaten = beaten.into_iter();
    found.retain(|_| !beaten.next().unwrap_or_default());
    found
}

fn yields(found: &Match) -> bool {
    BOOK.answers.get(found.answer).is_some_and(|answer| answer.head.yields)
}

/// The message that a match is part of: up to the ends of the record, of the JSON object, or so far.
fn reach(text: &str, range: &Range<usize>) -> Range<usize> {
    if text[range.clone()].contains('<') || text[range.clone()].ends_with("html") {
        let end = text.floor_char_boundary(range.end + PAGE);
        let page = text[range.end..end]
            .to_ascii_lowercase()
            .find("</html")
            .map_or(end, |at| range.end + at);
        return range.start..page;
    }
    let from = text.floor_char_boundary(range.start.saturating_sub(MESSAGE));
    let to = text.floor_char_boundary(range.end + MESSAGE);
    let before = &text[from..range.start];
    let after = &text[range.end..to];
    let start = before.rfind(['\n', '}']).map_or(from, |at| from + at + 1);
    let end = after.find(['\n', '}']).map_or(to, |at| range.end + at);
    start..end
}

/// The pair that stands in a match or right behind it.
fn tried(text: &str, range: &Range<usize>) -> Option<Tried> {
    let to = text.floor_char_boundary(range.end + MESSAGE);
    let around = text.get(range.start..to)?;
    let found = TRIED.captures(around)?;
    let whole = found.get(0)?;
    (whole.start() <= range.len() + 4)
        .then(|| Tried { audience: found[1].to_owned(), login: found[2].to_owned() })
}

/// `"error": "ok"` and the like are no errors.
fn says_something(found: &bytes::Captures<'_>) -> bool {
    let code = ["code", "json_code", "form_code"].into_iter().find_map(|name| found.name(name));
    code.is_none_or(|code| {
        !matches!(
            code.as_bytes().to_ascii_lowercase().as_slice(),
            b"null" | b"none" | b"false" | b"true" | b"ok" | b"no" | b"undefined"
        )
    })
}

fn lines(event: &Event) -> Option<(u64, usize)> {
    match event {
        Event::Answer { passage, answer, .. } => Some((passage.line, *answer)),
        Event::Unknown(passage) => Some((passage.line, usize::MAX)),
        Event::Transaction | Event::Callout(_) => None,
    }
}

/// The same answer a line or two away.
fn overlaps(one: &Event, other: &Event) -> bool {
    match (lines(one), lines(other)) {
        (Some((line, answer)), Some((there, other))) => {
            answer == other && line.abs_diff(there) <= 3
        }
        _ => false,
    }
}

/// Something unknown or general that words put together explain.
fn is_explained_by(one: &Event, by: &Event) -> bool {
    let Some((there, _)) = lines(by) else { return false };
    match one {
        Event::Unknown(passage) => passage.line.abs_diff(there) <= 3,
        Event::Answer { answer, passage, .. } => {
            passage.line.abs_diff(there) <= 3
                && BOOK.answers.get(*answer).is_some_and(|answer| answer.head.yields)
        }
        Event::Transaction | Event::Callout(_) => false,
    }
}
