//! Reads a log of any size in bounded memory: a fast look for words that any answer needs, and a close one where they stand.

use std::io::{self, ErrorKind, Read};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use encoding_rs::{CoderResult, Decoder};

use super::Reading;
use super::book::BOOK;
use super::collect::Collector;
use super::look::Piece;

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;
/// As much of the input is looked at closely, word by word: what a person pastes fits in.
const CLOSE: u64 = 1 << 20;
/// Bytes looked at together.
const PIECE: usize = 32 << 10;
/// Bytes that are seen before and behind whatever is looked at.
const BEFORE: usize = 2 << 10;
const BEHIND: usize = 24 << 10;

/// Words of the log itself: what is called, and what fails.
const OF_LOGS: &[&str] = &["callout", "execution_started", "fatal_error", "error_description", "audience="];

/// All words in lower case, as [`folded`] makes them.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = BOOK.words().into_iter().chain(OF_LOGS.iter().map(|word| word.as_bytes().to_vec()));
    AhoCorasick::new(words.map(|word| word.iter().map(|byte| byte | 0x20).collect::<Vec<u8>>())).ok()
});

/// Reads to the end.
///
/// # Errors
/// Those of the reader.
pub fn read(input: &mut dyn Read) -> io::Result<Reading> {
    let mut first = vec![0; 4096];
    let length = fill(input, &mut first)?;
    first.truncate(length);
    let encoding = utf16(&first);
    let mut input = io::Cursor::new(first).chain(input);
    match encoding {
        Some(encoding) => scan(&mut Decoded { input, decoder: encoding.new_decoder_with_bom_removal(), raw: Vec::new(), ended: false, done: false }),
        None => scan(&mut input),
    }
}

fn scan(input: &mut dyn Read) -> io::Result<Reading> {
    let mut collector = Collector::default();
    let mut window = Window { buffer: Vec::with_capacity(BLOCK + BEFORE + BEHIND), from: 0, line: 1, line_at: 0, read: 0 };
    let mut lower = Vec::new();
    loop {
        let ended = window.fill(input)?;
        let end = if ended { window.buffer.len() } else { window.buffer.len().saturating_sub(BEHIND).max(window.from) };
        if window.read <= CLOSE || WORDS.is_none() {
            window.all(end, &mut collector);
        } else {
            window.where_words_stand(end, &mut lower, &mut collector);
        }
        if ended {
            break;
        }
        window.slide(end);
    }
    let bytes = window.read;
    Ok(collector.finish(bytes))
}

/// The part of the input that is in memory.
struct Window {
    buffer: Vec<u8>,
    /// Everything before this has been looked at.
    from: usize,
    /// The number of the line at `line_at`.
    line: u64,
    line_at: usize,
    /// Bytes read so far.
    read: u64,
}

impl Window {
    /// Reads another block; whether the input has ended.
    fn fill(&mut self, input: &mut dyn Read) -> io::Result<bool> {
        let had = self.buffer.len();
        self.buffer.resize(had + BLOCK, 0);
        let length = fill(input, self.buffer.get_mut(had..).unwrap_or_default())?;
        self.buffer.truncate(had + length);
        self.read += length as u64;
        Ok(length < BLOCK)
    }

    /// Looks at everything closely.
    fn all(&mut self, end: usize, collector: &mut Collector) {
        while self.from < end {
            let to = (self.from + PIECE).min(end);
            self.look(to, collector);
        }
    }

    /// Looks closely where a word of an answer stands.
    fn where_words_stand(&mut self, end: usize, lower: &mut Vec<u8>, collector: &mut Collector) {
        let Some(words) = WORDS.as_ref() else { return };
        lower.clear();
        lower.extend(self.buffer.get(self.from..end).unwrap_or_default().iter().map(|byte| byte | 0x20));
        let start = self.from;
        let mut at = 0;
        while let Some(found) = lower.get(at..).and_then(|rest| words.find(rest)) {
            let place = start + at + found.start();
            if place >= self.from {
                // A message may have begun some lines before the word.
                self.from = self.from.max(place.saturating_sub(BEFORE));
                let to = (place + BEFORE).min(end).max(self.from);
                self.look(to, collector);
            }
            at = (self.from - start).max(at + found.end());
        }
        self.from = end;
    }

    /// Looks closely at everything up to `to`.
    fn look(&mut self, to: usize, collector: &mut Collector) {
        let mut first = self.from.saturating_sub(BEFORE);
        let head = self.buffer.get(first..self.from).unwrap_or_default();
        first += memchr::memchr(b'\n', head).map_or(0, |at| at + 1);
        let last = (to + BEHIND / 4).min(self.buffer.len());
        self.count(first);
        let accept = self.from - first..to - first;
        let piece = Piece { bytes: self.buffer.get(first..last).unwrap_or_default(), line: self.line, accept };
        for event in piece.events() {
            collector.add(event);
        }
        self.from = to;
    }

    /// Counts the lines up to `to`, which may lie before what was counted last.
    fn count(&mut self, to: usize) {
        let lines = |range: std::ops::Range<usize>| memchr::memchr_iter(b'\n', self.buffer.get(range).unwrap_or_default()).count() as u64;
        self.line = if to >= self.line_at { self.line + lines(self.line_at..to) } else { self.line - lines(to..self.line_at) };
        self.line_at = to;
    }

    /// Forgets what is no longer needed.
    fn slide(&mut self, end: usize) {
        let gone = end.saturating_sub(2 * BEFORE);
        self.count(gone);
        self.buffer.drain(..gone);
        self.line_at = 0;
        self.from = end - gone;
    }
}

/// Reads until the buffer is full or the input has ended.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// PowerShell writes UTF-16, with a mark at the beginning or without.
fn utf16(first: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match first {
        [0xFF, 0xFE, ..] => return Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let zeros = |parity: usize| first.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), first.len() / 2);
    match half {
        0..=3 => None,
        _ if odd * 10 >= half * 8 && even * 10 < half => Some(encoding_rs::UTF_16LE),
        _ if even * 10 >= half * 8 && odd * 10 < half => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// Another encoding, read as UTF-8.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ended: bool,
    /// The decoder has said its last.
    done: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.done {
            return Ok(0);
        }
        loop {
            if !self.ended && self.raw.len() < BLOCK {
                let had = self.raw.len();
                self.raw.resize(BLOCK, 0);
                let length = fill(&mut self.input, self.raw.get_mut(had..).unwrap_or_default())?;
                self.raw.truncate(had + length);
                self.ended = self.raw.len() < BLOCK;
            }
            let (result, read, written, _) = self.decoder.decode_to_utf8(&self.raw, buffer, self.ended);
            self.raw.drain(..read);
            self.done = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.done || buffer.len() < 4 {
                return Ok(written);
            }
        }
    }
}
