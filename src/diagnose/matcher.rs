//! Finds in a piece of a log the answers of Salesforce, the credentials that they are about, and
//! errors that no answer page covers.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, bytes};

use super::flow::{self, Evidence};
use super::normalize::{LineJoin, Normalized};
use super::patterns::{Match, PATTERNS, to_char_boundaries};
use super::spans::Spans;
use super::{Excerpt, TransportKind};
use crate::explain::FlowFamily;

/// Bytes around a match that can belong to the same message.
const MESSAGE: usize = 500;
/// Bytes after a match in HTML that can belong to the same page.
const HTML_PAGE: usize = 20_000;
/// Bytes of an unknown error that are kept.
const ERROR_LENGTH: usize = 300;
/// Bytes of the line before and after a match that are kept.
const CONTEXT: usize = 2_000;
/// Lines over which a terminal can have wrapped one message.
const WRAPPED_LINES: u64 = 3;

/// A piece of a log.
pub(super) struct Piece<'b> {
    bytes: &'b [u8],
    /// The number of the first line.
    first_line: u64,
    /// Offsets of the line feeds.
    line_feeds: Vec<usize>,
    /// Only what starts in this range is reported; the rest is context.
    accept: Range<usize>,
    spaced: Normalized,
    /// Without the line breaks inside words, if that makes a difference.
    unwrapped: Option<Normalized>,
}

/// Something of interest in a piece.
pub(super) struct Event<'p> {
    offset: usize,
    pub line: u64,
    pub kind: EventKind<'p>,
}

pub(super) enum EventKind<'p> {
    /// A new transaction starts: earlier callouts have nothing to do with later answers.
    Transaction,
    /// A callout through the named credential with this name.
    Callout(&'p str),
    /// A request, command or error that names its flow.
    Flow(FlowFamily),
    Answer {
        answer: usize,
        credential: Option<String>,
        /// What the Salesforce CLI tried, if it reports that.
        attempt: Option<LoginAttempt>,
        /// The flows that the message names.
        flows: Vec<FlowFamily>,
        message: Message<'p>,
    },
    Transport(TransportKind),
    UnknownError(Message<'p>),
}

/// One of the combinations that the Salesforce CLI tries: `[audience=… login=…]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    pub audience: String,
    pub login: String,
}

/// Matched text in a piece.
pub(super) struct Message<'p> {
    piece: &'p Piece<'p>,
    normalized: &'p Normalized,
    /// In the normalized text.
    range: Range<usize>,
}

static CALLOUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i-u)callout:(?:\.__)?([a-z]\w*)",
        r"|\bNamed Credential Name=([a-z]\w*)",
        r"|\b(EXECUTION_STARTED)\b"
    ))
    .expect("a constant pattern")
});

static LOGIN_ATTEMPT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\[audience=([^ \]]+) login=([^ \]]+)\]").expect("a constant pattern")
});

/// Results of the connection.
static TRANSPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i-u)(?P<unauthorized>\bStatus ?= ?Unauthorized, ?StatusCode ?[=:] ?401\b)",
        r"|\b(?:read|connect|connection|request) timed out\b|\bCallout timed out\b",
    ))
    .expect("a constant pattern")
});

/// Errors about credentials, regardless of the reason. Matches bytes, which compiles faster.
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

impl<'b> Piece<'b> {
    pub fn new(bytes: &'b [u8], first_line: u64, accept: Range<usize>) -> Piece<'b> {
        let spaced = Normalized::new(bytes, LineJoin::Space);
        let has_line_breaks =
            bytes.contains(&b'\n') || memchr::memmem::find(bytes, b"\\n").is_some();
        let unwrapped = has_line_breaks
            .then(|| Normalized::new(bytes, LineJoin::Unwrap))
            .filter(|unwrapped| unwrapped.text.len() != spaced.text.len());
        let line_feeds = memchr::memchr_iter(b'\n', bytes).collect();
        Piece { bytes, first_line, line_feeds, accept, spaced, unwrapped }
    }

    /// Everything of interest, in order. Adds the number of searched bytes and compared matches to
    /// `work`.
    pub fn events(&self, work: &mut u64) -> Vec<Event<'_>> {
        let mut events = self.events_in(&self.spaced, work);
        if let Some(unwrapped) = &self.unwrapped {
            let mut more = self.events_in(unwrapped, work);
            let known: HashSet<(usize, u64)> =
                events.iter().filter_map(|event| Some((event.answer()?, event.line))).collect();
            more.retain(|event| {
                event.answer().is_some_and(|answer| {
                    !nearby(event.line).any(|line| known.contains(&(answer, line)))
                })
            });
            let explained: BTreeSet<u64> = more.iter().map(|event| event.line).collect();
            events.retain(|event| {
                !(event.is_inconclusive() && explained.range(nearby(event.line)).next().is_some())
            });
            events.extend(more);
        }
        events.sort_by_key(|event| event.offset);
        events
    }

    fn events_in<'p>(&'p self, normalized: &'p Normalized, work: &mut u64) -> Vec<Event<'p>> {
        let text = normalized.text.as_str();
        let messages = Messages::new(text);
        let answers = conclusive(PATTERNS.matches(text, work), &messages, work);
        let explained: Spans = answers.iter().map(|answer| answer.range.clone()).collect();
        let mut events = Vec::new();
        let mut report = |start: usize, kind: EventKind<'p>| {
            let offset = normalized.original_offset(start);
            if self.accept.contains(&offset) {
                events.push(Event { offset, line: self.line_of(offset), kind });
            }
        };
        for found in CALLOUT.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            match found.get(1).or(found.get(2)).map(|name| name.as_str()) {
                Some(name) if name.eq_ignore_ascii_case("null") => {}
                Some(name) => report(whole.start(), EventKind::Callout(name)),
                None => report(whole.start(), EventKind::Transaction),
            }
        }
        let evidence = flow::evidence(text);
        for Evidence { range, flow } in &evidence {
            report(range.start, EventKind::Flow(*flow));
        }
        for Match { answer, range, credential, .. } in answers {
            let attempt = login_attempt(text, &range);
            let flows = flow::within(&evidence, &messages.around(&range));
            let message = Message { piece: self, normalized, range: range.clone() };
            let kind = EventKind::Answer { answer, credential, attempt, flows, message };
            report(range.start, kind);
        }
        let mut transport = Vec::new();
        for found in TRANSPORT.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            let kind = match found.name("unauthorized") {
                Some(_) => TransportKind::Unauthorized,
                None => TransportKind::Timeout,
            };
            transport.push(whole.range());
            if !explained.overlaps(&messages.around(&whole.range())) {
                report(whole.start(), EventKind::Transport(kind));
            }
        }
        let transport: Spans = transport.into_iter().collect();
        for found in ERROR.captures_iter(text.as_bytes()).filter(is_error) {
            let Some(whole) = found.get(0) else { continue };
            let end = whole.end().min(whole.start() + ERROR_LENGTH);
            let range = to_char_boundaries(text, whole.start()..end);
            if !explained.overlaps(&messages.around(&range)) && !transport.overlaps(&range) {
                let message = Message { piece: self, normalized, range: range.clone() };
                report(range.start, EventKind::UnknownError(message));
            }
        }
        *work += 4 * text.len() as u64;
        events
    }

    fn line_of(&self, offset: usize) -> u64 {
        self.first_line + self.line_feeds.partition_point(|at| *at < offset) as u64
    }

    /// The offsets of the line or lines that a range is in.
    fn lines_around(&self, range: &Range<usize>) -> Range<usize> {
        let before = self.line_feeds.partition_point(|at| *at < range.start);
        let after = self.line_feeds.partition_point(|at| *at < range.end);
        let start = before.checked_sub(1).map_or(0, |index| self.line_feeds[index] + 1);
        let end = self.line_feeds.get(after).copied().unwrap_or(self.bytes.len());
        start..end
    }
}

/// The lines that a wrapped message can extend to.
fn nearby(line: u64) -> std::ops::RangeInclusive<u64> {
    line.saturating_sub(WRAPPED_LINES)..=line + WRAPPED_LINES
}

impl Event<'_> {
    fn answer(&self) -> Option<usize> {
        match self.kind {
            EventKind::Answer { answer, .. } => Some(answer),
            _ => None,
        }
    }

    /// Whether a better answer to the same message replaces this event.
    fn is_inconclusive(&self) -> bool {
        match self.kind {
            EventKind::UnknownError(_) => true,
            EventKind::Answer { answer, .. } => PATTERNS.yields(answer),
            EventKind::Transaction
            | EventKind::Callout(_)
            | EventKind::Flow(_)
            | EventKind::Transport(_) => false,
        }
    }
}

impl Message<'_> {
    /// The matched text, normalized.
    pub fn text(&self) -> &str {
        &self.normalized.text[self.range.clone()]
    }

    /// The matched text with the rest of its line: as it is in the log if that is plain text, else
    /// normalized.
    pub fn excerpt(&self) -> Excerpt {
        let Message { piece, normalized, range } = self;
        let start = normalized.original_offset(range.start);
        let end = normalized.original_offset(range.end.saturating_sub(1)) + 1;
        let line = piece.line_of(start);
        let around = piece.lines_around(&(start..end));
        let from = around.start.max(start.saturating_sub(CONTEXT));
        let to = around.end.min(end + CONTEXT);
        let utf8 = |range: Range<usize>| std::str::from_utf8(piece.bytes.get(range)?).ok();
        let is_plain = !piece.bytes[from..to]
            .iter()
            .any(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'+' | b'\n' | 0..=8 | 11..=31));
        if is_plain
            && let (Some(before), Some(matched), Some(after)) =
                (utf8(from..start), utf8(start..end), utf8(end..to))
        {
            return Excerpt::new(line, before, matched, after);
        }
        let text = &normalized.text;
        let from = text.floor_char_boundary(range.start.saturating_sub(CONTEXT));
        let to = text.floor_char_boundary(range.end + CONTEXT);
        let (before, after) = (&text[from..range.start], &text[range.end..to]);
        let before = before.rsplit('\n').next().unwrap_or_default();
        let after = after.split('\n').next().unwrap_or_default();
        Excerpt::new(line, before, self.text(), after)
    }
}

/// The messages in a piece of a log.
struct Messages<'t> {
    text: &'t str,
    /// Where HTML pages end; only needed if there are any.
    html_ends: OnceCell<Vec<usize>>,
}

impl<'t> Messages<'t> {
    fn new(text: &'t str) -> Messages<'t> {
        Messages { text, html_ends: OnceCell::new() }
    }

    /// The message that a match is part of: it ends with the record, the JSON object or the HTML
    /// page, and is limited in length.
    fn around(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.text;
        let matched = &text[range.clone()];
        if matched.contains('<') || matched.ends_with("html") {
            return range.start..self.html_end(range.end);
        }
        let from = text.floor_char_boundary(range.start.saturating_sub(MESSAGE));
        let to = text.floor_char_boundary(range.end + MESSAGE);
        let start =
            text[from..range.start].rfind(['\n', '}']).map_or(from, |index| from + index + 1);
        let end = text[range.end..to].find(['\n', '}']).map_or(to, |index| range.end + index);
        start..end
    }

    fn html_end(&self, from: usize) -> usize {
        const END_TAG: &str = "</html";
        let ends = self.html_ends.get_or_init(|| {
            let lowercase = self.text.to_ascii_lowercase();
            lowercase.match_indices(END_TAG).map(|(index, _)| index).collect()
        });
        let limit = self.text.floor_char_boundary(from + HTML_PAGE);
        ends.get(ends.partition_point(|end| *end < from))
            .copied()
            .filter(|end| end + END_TAG.len() <= limit)
            .unwrap_or(limit)
    }
}

/// Leaves out a match if a longer one overlaps it, and codes and HTML pages if their message
/// contains something more specific. The matches are in order.
fn conclusive(mut found: Vec<Match>, messages: &Messages<'_>, work: &mut u64) -> Vec<Match> {
    let spans = |wanted: &dyn Fn(&Match) -> bool| -> Spans {
        found.iter().filter(|one| wanted(one)).map(|one| one.range.clone()).collect()
    };
    let specific = spans(&|one| !one.general);
    let informative = spans(&|one| one.general && !PATTERNS.yields(one.answer));
    // For each answer, how far the general matches before this one extend.
    let mut earlier: HashMap<usize, usize> = HashMap::new();
    let beaten: Vec<bool> = found
        .iter()
        .map(|one| {
            *work += 1;
            let message = messages.around(&one.range);
            let end = earlier.entry(one.answer).or_default();
            let repeated = *end > message.start;
            if one.general {
                *end = one.range.end.max(*end);
            }
            one.general
                && (repeated
                    || specific.overlaps(&message)
                    || (PATTERNS.yields(one.answer) && informative.overlaps(&message)))
        })
        .collect();
    let overlapped = overlapped(&found, work);
    let mut index = 0;
    found.retain(|_| {
        index += 1;
        !beaten[index - 1] && !overlapped[index - 1]
    });
    found
}

/// For each match, whether another one that overlaps it is preferable: a specific one, then a
/// longer one, then an earlier one. The matches are in order.
fn overlapped(found: &[Match], work: &mut u64) -> Vec<bool> {
    let rank = |one: &Match| (!one.general, one.range.len());
    let mut result = vec![false; found.len()];
    for (index, one) in found.iter().enumerate() {
        for (offset, other) in found[index + 1..]
            .iter()
            .take_while(|other| other.range.start < one.range.end)
            .enumerate()
        {
            *work += 1;
            let loser = if rank(other) > rank(one) { index } else { index + 1 + offset };
            result[loser] = true;
        }
    }
    result
}

/// The login attempt that is part of a match or follows it.
fn login_attempt(text: &str, range: &Range<usize>) -> Option<LoginAttempt> {
    let to = text.floor_char_boundary(range.end + MESSAGE);
    let found = LOGIN_ATTEMPT.captures(&text[range.start..to])?;
    (found.get(0)?.start() <= range.len() + 4)
        .then(|| LoginAttempt { audience: found[1].to_owned(), login: found[2].to_owned() })
}

/// `"error": "ok"` and the like are not errors.
fn is_error(found: &bytes::Captures<'_>) -> bool {
    let code = ["code", "json_code", "form_code"].into_iter().find_map(|name| found.name(name));
    code.is_none_or(|code| {
        !matches!(
            code.as_bytes().to_ascii_lowercase().as_slice(),
            b"null" | b"none" | b"false" | b"true" | b"ok" | b"no" | b"undefined"
        )
    })
}
