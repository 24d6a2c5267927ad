//! Reads a log of any size in bounded memory: a fast look for words that any answer needs, and a close one where they stand.

use std::io::{self, Read};
use std::sync::LazyLock;

use encoding_rs::{CoderResult, Decoder};

use super::Reading;
use super::book::BOOK;
use super::collect::Collector;
use super::look::Piece;
use super::words::Words;

/// Bytes read at a time.
const BLOCK: usize = 4 << 20;
/// A shorter input is looked at closely, word by word: what a person pastes fits in.
const CLOSE: u64 = 1 << 20;
/// Bytes looked at together.
const PIECE: usize = 32 << 10;
/// Bytes that are seen before and behind whatever is looked at.
const BEFORE: usize = 2 << 10;
const BEHIND: usize = 24 << 10;

/// Words of the log itself: what is called, and what fails.
const OF_LOGS: &[&str] = &["callout", "execution_started", "fatal_error", "error_description", "audience="];

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut wanted = BOOK.wanted();
    wanted.extend(OF_LOGS.iter().map(|word| vec![vec![word.as_bytes().to_vec()]]));
    Words::new(wanted).expect("words of the pages, none of them short")
});

/// Reads to the end.
///
/// # Errors
/// Those of the reader.
pub fn read(input: &mut dyn Read) -> io::Result<Reading> {
    let mut first = Vec::new();
    input.take(4096).read_to_end(&mut first)?;
    let encoding = utf16(&first);
    let mut input = io::Cursor::new(first).chain(input);
    match encoding {
        Some(encoding) => scan(&mut Decoded { input, decoder: encoding.new_decoder_with_bom_removal(), raw: Vec::new(), ended: false, done: false }),
        None => scan(&mut input),
    }
}

fn scan(input: &mut dyn Read) -> io::Result<Reading> {
    let mut collector = Collector::default();
    let mut window = Window::default();
    window.ended = fill(input, &mut window.buffer)?;
    window.read = window.buffer.len() as u64;
    if window.ended && window.read <= CLOSE {
        window.all(&mut collector);
    } else {
        while !window.next(input, &mut collector)? {}
    }
    Ok(collector.finish(window.read))
}

/// The part of the input that is in memory.
#[derive(Default)]
struct Window {
    buffer: Vec<u8>,
    /// What comes next is read into this while the other is searched.
    coming: Vec<u8>,
    /// Everything before this has been looked at.
    from: usize,
    /// The number of lines before `line_at`.
    lines: u64,
    line_at: usize,
    /// Places at which it is known how many lines stand before them.
    marks: Vec<(usize, u64)>,
    /// Bytes read so far.
    read: u64,
    /// Nothing is to come.
    ended: bool,
}

impl Window {
    /// Looks at everything closely.
    fn all(&mut self, collector: &mut Collector) {
        while self.from < self.buffer.len() {
            let to = (self.from + PIECE).min(self.buffer.len());
            self.look(to, collector);
        }
    }

    /// Looks closely where a word of an answer stands, and reads what comes next meanwhile. Whether that was all.
    fn next(&mut self, input: &mut dyn Read, collector: &mut Collector) -> io::Result<bool> {
        let last = self.ended;
        let end = if last { self.buffer.len() } else { self.buffer.len().saturating_sub(BEHIND).max(self.from) };
        let gone = end.saturating_sub(2 * BEFORE);
        self.count(self.from);
        let (mut chunks, mut coming) = (Vec::new(), std::mem::take(&mut self.coming));
        let (buffer, from) = (&self.buffer, self.from);
        let ended = rayon::in_place_scope(|scope| {
            scope.spawn(|_| chunks = WORDS.chunks(buffer, from..end));
            if last {
                return Ok(true);
            }
            coming.clear();
            coming.extend_from_slice(buffer.get(gone..).unwrap_or_default());
            fill(input, &mut coming)
        })?;
        let mut lines = self.lines;
        for chunk in chunks {
            self.marks.push((chunk.start, lines));
            lines += chunk.lines;
            for place in chunk.places {
                if place >= self.from {
                    // A message may have begun some lines before the word.
                    self.from = self.from.max(place.saturating_sub(BEFORE));
                    let to = (place + BEFORE).min(end).max(self.from);
                    self.look(to, collector);
                }
            }
        }
        self.count(gone);
        self.marks.clear();
        self.read += coming.len().saturating_sub(self.buffer.len() - gone) as u64;
        self.coming = std::mem::replace(&mut self.buffer, coming);
        (self.from, self.line_at, self.ended) = (end - gone, 0, ended);
        Ok(last)
    }

    /// Looks closely at everything up to `to`.
    fn look(&mut self, to: usize, collector: &mut Collector) {
        let mut first = self.from.saturating_sub(BEFORE);
        let head = self.buffer.get(first..self.from).unwrap_or_default();
        first += memchr::memchr(b'\n', head).map_or(0, |at| at + 1);
        let last = (to + BEHIND / 4).min(self.buffer.len());
        self.count(first);
        let accept = self.from - first..to - first;
        let piece = Piece { bytes: self.buffer.get(first..last).unwrap_or_default(), line: self.lines + 1, accept };
        for event in piece.events() {
            collector.add(event);
        }
        self.from = to;
    }

    /// Counts the lines up to `to`, which may lie before what was counted last.
    fn count(&mut self, to: usize) {
        let next = self.marks.partition_point(|(at, _)| *at <= to);
        if let Some((at, lines)) = next.checked_sub(1).and_then(|last| self.marks.get(last)).filter(|(at, _)| *at > self.line_at || to < self.line_at) {
            (self.line_at, self.lines) = (*at, *lines);
        }
        let lines = |range: std::ops::Range<usize>| memchr::memchr_iter(b'\n', self.buffer.get(range).unwrap_or_default()).count() as u64;
        self.lines = if to >= self.line_at { self.lines + lines(self.line_at..to) } else { self.lines - lines(to..self.line_at) };
        self.line_at = to;
    }
}

/// Reads another block behind what is there; whether the input has ended.
fn fill(input: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.reserve(BLOCK);
    let length = input.take(BLOCK as u64).read_to_end(buffer)?;
    Ok(length < BLOCK)
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
                self.ended = fill(&mut self.input, &mut self.raw)?;
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
