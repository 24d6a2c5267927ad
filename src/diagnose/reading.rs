//! Reads a log of any size in bounded memory: a fast look for words that any answer needs, and a close one where they stand.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::Range;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};

use encoding_rs::{CoderResult, Decoder};

use super::Reading;
use super::book::BOOK;
use super::collect::Collector;
use super::look::Piece;
use super::words::{Found, Words};

/// A shorter input is looked at closely, word by word: what a person pastes fits in.
const CLOSE: usize = 1 << 20;
/// Bytes of a larger one that a core reads and searches at a time: they stay in its cache.
const WINDOW: usize = 512 << 10;
/// Reading is done by one core at a time, so that more do not help.
const MOST_CORES: usize = 8;
/// The least room that is read into: a decoder asks for that of a character.
const ROOM: usize = 64;
/// Bytes of another encoding that are decoded at a time.
const RAW: usize = 1 << 20;
/// Bytes looked at together.
const PIECE: usize = 32 << 10;
/// Bytes that are seen before and behind whatever is looked at.
const BEFORE: usize = 2 << 10;
const BEHIND: usize = 24 << 10;

/// Words of the log itself: what is called, and what fails.
const OF_LOGS: &[&str] =
    &["callout", "execution_started", "fatal_error", "error_description", "audience="];

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut wanted = BOOK.wanted();
    wanted.extend(OF_LOGS.iter().map(|word| vec![vec![word.as_bytes().to_vec()]]));
    Words::new(wanted).expect("words of the pages, none of them short")
});

/// Reads to the end.
///
/// # Errors
/// Those of the reader.
pub fn read(input: &mut (dyn Read + Send)) -> io::Result<Reading> {
    let mut first = Vec::new();
    input.take(4096).read_to_end(&mut first)?;
    let encoding = utf16(&first);
    let mut input = io::Cursor::new(first).chain(input);
    match encoding {
        Some(encoding) => scan(&mut Decoded {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::new(),
            ended: false,
            done: false,
        }),
        None => scan(&mut input),
    }
}

fn scan(input: &mut (dyn Read + Send)) -> io::Result<Reading> {
    let mut windows = Windows { input, rest: Vec::new(), from: 0, number: 0, read: 0, done: false };
    let mut first = Window::default();
    windows.next(&mut first, CLOSE)?;
    if windows.done {
        let mut collector = Collector::default();
        View::new(&first, 0, 0).all(&mut collector);
        return Ok(collector.finish(windows.read));
    }
    let searching = Searching {
        windows: Mutex::new(windows),
        order: Mutex::default(),
        turn: Condvar::new(),
        collector: Mutex::default(),
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_CORES);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(|| searching.work(None))).collect();
        let mine = searching.work(Some(first));
        others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .fold(mine, io::Result::and)
    })?;
    let read = locked(&searching.windows).read;
    Ok(searching.collector.into_inner().unwrap_or_else(PoisonError::into_inner).finish(read))
}

/// What the cores share: each reads a window and searches it while it is in its cache. Few windows hold anything: those are looked at
/// closely, in their order.
struct Searching<'r> {
    windows: Mutex<Windows<'r>>,
    order: Mutex<Order>,
    /// Another window is the next one.
    turn: Condvar,
    collector: Mutex<Collector>,
}

impl Searching<'_> {
    fn work(&self, first: Option<Window>) -> io::Result<()> {
        let mut lower = Vec::new();
        let mut there = first.is_some();
        let mut window = first.unwrap_or_default();
        while there || locked(&self.windows).next(&mut window, WINDOW)? {
            there = false;
            let found = WORDS.search(window.bytes(), window.from..window.searched(), &mut lower);
            if !found.places.is_empty() {
                let lines = self
                    .turn
                    .wait_while(locked(&self.order), |order| order.number != window.number)
                    .unwrap_or_else(PoisonError::into_inner)
                    .lines;
                View::new(&window, window.from, lines)
                    .at(&found.places, &mut locked(&self.collector));
            }
            locked(&self.order).pass(window.number, window.lines(&found));
            self.turn.notify_all();
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far the windows are done without a gap.
#[derive(Default)]
struct Order {
    /// The first that is not done.
    number: usize,
    /// The number of lines before it.
    lines: u64,
    /// Those behind it that are done, with the number of their lines.
    done: BTreeMap<usize, u64>,
}

impl Order {
    fn pass(&mut self, number: usize, lines: u64) {
        self.done.insert(number, lines);
        while let Some(lines) = self.done.remove(&self.number) {
            self.lines += lines;
            self.number += 1;
        }
    }
}

/// The input, window by window. Each window begins with the last bytes of the one before it.
struct Windows<'r> {
    input: &'r mut (dyn Read + Send),
    /// What the next window begins with.
    rest: Vec<u8>,
    /// Where in it something new begins.
    from: usize,
    number: usize,
    /// Bytes read so far.
    read: u64,
    /// Nothing is to come.
    done: bool,
}

/// A part of the input that is in memory.
#[derive(Default)]
struct Window {
    number: usize,
    buffer: Vec<u8>,
    length: usize,
    /// What stands before this is looked at with the window before.
    from: usize,
    /// What stands behind this is looked at with the window behind.
    end: usize,
    /// Where the next window begins.
    next: usize,
}

impl Window {
    fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// Up to where words are searched: one behind the end may belong to a message that begins before it.
    fn searched(&self) -> usize {
        (self.end + BEFORE).min(self.length)
    }

    /// The number of lines before the next window, in this one.
    fn lines(&self, found: &Found) -> u64 {
        lines(self.bytes(), 0..self.from) + found.lines
            - lines(self.bytes(), self.next..self.searched())
    }
}

impl Windows<'_> {
    /// Reads the next window, with so many new bytes. Whether there was one.
    fn next(&mut self, window: &mut Window, new: usize) -> io::Result<bool> {
        if self.done {
            return Ok(false);
        }
        let wanted = self.rest.len() + new;
        if window.buffer.len() < wanted {
            window.buffer.resize(wanted, 0);
        }
        window.buffer[..self.rest.len()].copy_from_slice(&self.rest);
        window.length = self.rest.len();
        while wanted - window.length >= ROOM {
            match self.input.read(&mut window.buffer[window.length..wanted]) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(count) => window.length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.done = true;
                    return Err(error);
                }
            }
        }
        self.read += (window.length - self.rest.len()) as u64;
        window.number = self.number;
        window.from = self.from;
        window.end = if self.done {
            window.length
        } else {
            window.length.saturating_sub(BEHIND).max(self.from)
        };
        window.next = window.end.saturating_sub(2 * BEFORE);
        self.number += 1;
        self.from = window.end - window.next;
        self.rest.clear();
        self.rest.extend_from_slice(&window.buffer[window.next..window.length]);
        Ok(true)
    }
}

/// A window that is looked at closely.
struct View<'b> {
    bytes: &'b [u8],
    /// Everything before this has been looked at.
    from: usize,
    end: usize,
    /// The number of lines before `line_at`.
    lines: u64,
    line_at: usize,
}

impl<'b> View<'b> {
    /// With the number of lines before the window.
    fn new(window: &'b Window, from: usize, lines: u64) -> Self {
        View { bytes: window.bytes(), from, end: window.end, lines, line_at: 0 }
    }

    fn all(&mut self, collector: &mut Collector) {
        while self.from < self.end {
            self.look((self.from + PIECE).min(self.end), collector);
        }
    }

    /// Looks where a word of an answer stands.
    fn at(&mut self, places: &[usize], collector: &mut Collector) {
        for &place in places {
            // A message may have begun some lines before the word.
            let from = self.from.max(place.saturating_sub(BEFORE));
            if place >= self.from && from < self.end {
                self.from = from;
                self.look((place + BEFORE).min(self.end), collector);
            }
        }
    }

    /// Looks closely at everything up to `to`.
    fn look(&mut self, to: usize, collector: &mut Collector) {
        let mut first = self.from.saturating_sub(BEFORE);
        let head = self.bytes.get(first..self.from).unwrap_or_default();
        first += memchr::memchr(b'\n', head).map_or(0, |at| at + 1);
        let last = (to + BEHIND / 4).min(self.bytes.len());
        self.count(first);
        let accept = self.from - first..to - first;
        let piece = Piece {
            bytes: self.bytes.get(first..last).unwrap_or_default(),
            line: self.lines + 1,
            accept,
        };
        for event in piece.events() {
            collector.add(event);
        }
        self.from = to;
    }

    /// Counts the lines up to `to`, which may lie before what was counted last.
    fn count(&mut self, to: usize) {
        self.lines = if to >= self.line_at {
            self.lines + lines(self.bytes, self.line_at..to)
        } else {
            self.lines - lines(self.bytes, to..self.line_at)
        };
        self.line_at = to;
    }
}

/// How many lines end in a range.
fn lines(bytes: &[u8], range: Range<usize>) -> u64 {
    memchr::memchr_iter(b'\n', bytes.get(range).unwrap_or_default()).count() as u64
}

/// PowerShell writes UTF-16, with a mark at the beginning or without.
fn utf16(first: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match first {
        [0xFF, 0xFE, ..] => return Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let zeros =
        |parity: usize| first.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
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
            if !self.ended && self.raw.len() < RAW {
                self.ended = self.input.by_ref().take(RAW as u64).read_to_end(&mut self.raw)? < RAW;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw, buffer, self.ended);
            self.raw.drain(..read);
            self.done = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.done || buffer.len() < 4 {
                return Ok(written);
            }
        }
    }
}
