//! Reads a log of any size in bounded memory. A large log is first searched for literals of the
//! answer pages; only what surrounds them is matched against patterns.

use std::io::{self, Read};
use std::mem;
use std::ops::Range;
use std::sync::LazyLock;

use super::aggregate::Aggregate;
use super::flow;
use super::matcher::Piece;
use super::patterns::PATTERNS;
use super::prefilter::Prefilter;
use super::utf16;
use super::{Reading, Recognized};

/// How a log is divided.
struct Sizes {
    /// A log of up to this many bytes is matched as a whole: it includes what a user pastes.
    small_log: usize,
    /// Bytes that are read, and then searched on all cores, at a time.
    batch: usize,
}

const SIZES: Sizes = Sizes { small_log: 1 << 20, batch: 4 << 20 };

/// Bytes that are read at a time while a log is still being written.
const READ: usize = 256 << 10;
/// Bytes that are matched at a time.
const PIECE: usize = 32 << 10;
/// Bytes before and after a literal that are matched. A message may start some lines earlier.
const SURROUNDINGS: usize = 2 << 10;
/// Bytes of context before a piece.
const CONTEXT_BEFORE: usize = 2 << 10;
/// Bytes of context after a piece: messages may be longer than a piece's last bytes.
const CONTEXT_AFTER: usize = 6 << 10;

/// Words of logs that are matched although they are not answers: callouts, transactions and errors
/// that no page covers.
const COMMON_LOG_WORDS: &[&str] = &[
    "callout",
    "execution_started",
    "fatal_error",
    "error_description",
    "timed out",
    "statuscode=401",
];

static PREFILTER: LazyLock<Prefilter> = LazyLock::new(|| {
    let words = COMMON_LOG_WORDS.iter().chain(flow::WORDS).copied();
    Prefilter::new(PATTERNS.literals().chain(words))
});

/// Reads a log to its end.
///
/// # Errors
/// Returns the errors of the reader.
pub fn read(input: &mut (dyn Read + Send)) -> io::Result<Reading> {
    scan(&mut *utf16::decoded(input)?, &SIZES)
}

/// Reads a log that may still be written, and passes on each answer as soon as it is complete: once
/// the next record of the debug log begins. What is found does not depend on how the log arrives.
///
/// # Errors
/// Returns the errors of the reader and of `on_answer`.
pub fn follow(
    input: &mut (dyn Read + Send),
    on_answer: &mut dyn FnMut(&Recognized) -> io::Result<()>,
) -> io::Result<Reading> {
    let mut input = utf16::decoded(input)?;
    let mut scan = Scan::default();
    let (mut batch, mut next) = (Batch::default(), Batch::default());
    let mut passed_on = 0;
    loop {
        next.fill_with_records(&batch, &mut *input, SIZES.batch)?;
        scan.lines.leave(&batch);
        mem::swap(&mut batch, &mut next);
        if batch.end - batch.start <= SIZES.small_log {
            scan.match_range(&batch, batch.start..batch.end);
        } else {
            for range in surroundings(&PREFILTER.search(&batch.bytes, batch.searched())) {
                scan.match_range(&batch, range.start.max(batch.start)..range.end.min(batch.end));
            }
        }
        for answer in &scan.aggregate.answers()[passed_on..] {
            on_answer(answer)?;
            passed_on += 1;
        }
        if batch.is_last {
            return Ok(scan.finish(&batch));
        }
    }
}

fn scan(input: &mut (dyn Read + Send), sizes: &Sizes) -> io::Result<Reading> {
    let mut scan = Scan::default();
    let (mut batch, mut next) = (Batch::default(), Batch::default());
    batch.fill(&next, input, sizes.small_log)?;
    if batch.is_last {
        scan.match_range(&batch, 0..batch.end);
        return Ok(scan.finish(&batch));
    }
    loop {
        let (filled, hits) = rayon::join(
            || if batch.is_last { Ok(()) } else { next.fill(&batch, input, sizes.batch) },
            || PREFILTER.search(&batch.bytes, batch.searched()),
        );
        filled?;
        for range in surroundings(&hits) {
            scan.match_range(&batch, range.start.max(batch.start)..range.end.min(batch.end));
        }
        if batch.is_last {
            return Ok(scan.finish(&batch));
        }
        scan.lines.leave(&batch);
        mem::swap(&mut batch, &mut next);
    }
}

/// What surrounds the literals at these offsets, without overlaps.
fn surroundings(literals: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for offset in literals {
        let range = offset.saturating_sub(SURROUNDINGS)..offset + SURROUNDINGS;
        match ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    ranges
}

/// Consecutive bytes of a log. Batches overlap, so that each message is in one of them as a whole.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Bytes of the log before this batch.
    preceding: u64,
    /// What starts before this offset belongs to the previous batch.
    start: usize,
    /// What starts at this offset or later belongs to the next batch.
    end: usize,
    is_last: bool,
}

impl Batch {
    /// Replaces the content with the end of the previous batch and `length` new bytes.
    fn fill(
        &mut self,
        previous: &Batch,
        input: &mut (dyn Read + Send),
        length: usize,
    ) -> io::Result<()> {
        let kept = previous.next_offset();
        self.bytes.clear();
        self.bytes.reserve(previous.bytes.len() - kept + length);
        self.bytes.extend_from_slice(&previous.bytes[kept..]);
        self.preceding = previous.preceding + kept as u64;
        self.start = previous.end - kept;
        let read = input.take(length as u64).read_to_end(&mut self.bytes)?;
        self.is_last = read < length;
        let context = if self.is_last { 0 } else { CONTEXT_AFTER };
        self.end = self.bytes.len().saturating_sub(context).max(self.start);
        Ok(())
    }

    /// Replaces the content with the end of the previous batch and the records that have arrived.
    /// Waits for the start of a record after them, or for `length` bytes.
    fn fill_with_records(
        &mut self,
        previous: &Batch,
        input: &mut dyn Read,
        length: usize,
    ) -> io::Result<()> {
        let kept = previous.next_offset();
        self.bytes.clear();
        self.bytes.extend_from_slice(&previous.bytes[kept..]);
        self.preceding = previous.preceding + kept as u64;
        self.start = previous.end - kept;
        self.end = self.start;
        self.is_last = false;
        // The first line that may not be complete, and how far its end has been searched.
        let (mut line, mut searched) = (self.start, self.start);
        loop {
            // The last record that starts in what has not been searched yet.
            while let Some(rest) = self.bytes.get(line..).filter(|rest| !rest.is_empty()) {
                if starts_record(rest) {
                    self.end = line;
                }
                let from = searched.max(line);
                let Some(line_feed) = memchr::memchr(b'\n', &self.bytes[from..]) else {
                    searched = self.bytes.len();
                    break;
                };
                line = from + line_feed + 1;
            }
            if self.end > self.start {
                return Ok(());
            }
            if self.bytes.len() - self.start >= length {
                self.end = self.bytes.len() - CONTEXT_AFTER;
                return Ok(());
            }
            let filled = self.bytes.len();
            self.bytes.resize(filled + READ, 0);
            let read = loop {
                match input.read(&mut self.bytes[filled..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.bytes.truncate(filled + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                self.is_last = true;
                self.end = self.bytes.len();
                return Ok(());
            }
        }
    }

    /// Where the next batch starts.
    fn next_offset(&self) -> usize {
        self.end.saturating_sub(CONTEXT_BEFORE)
    }

    /// Where literals are searched: one that follows the end can be in a message that starts
    /// before it.
    fn searched(&self) -> Range<usize> {
        self.start..self.bytes.len().min(self.end + SURROUNDINGS)
    }
}

/// Whether a line is the first of a record in a debug log: `09:56:30.0 (77389457)|`, possibly colored.
fn starts_record(line: &[u8]) -> bool {
    let mut line = line;
    while let Some(sequence) = line.strip_prefix(b"\x1b[") {
        let end = sequence.iter().take(12).position(|byte| *byte == b'm');
        let Some(end) = end else { return false };
        line = &sequence[end + 1..];
    }
    let time = b"00:00:00.";
    line.len() > time.len()
        && line.iter().zip(time).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
        && line.iter().take(48).zip(line.iter().skip(1)).any(|pair| pair == (&b')', &b'|'))
}

/// A log that is being read.
#[derive(Default)]
struct Scan {
    aggregate: Aggregate,
    lines: LineCounter,
    work: u64,
}

impl Scan {
    /// Matches everything that starts in a range of a batch.
    fn match_range(&mut self, batch: &Batch, range: Range<usize>) {
        for start in range.clone().step_by(PIECE) {
            let end = range.end.min(start + PIECE);
            let before = start.saturating_sub(CONTEXT_BEFORE);
            let first = memchr::memchr(b'\n', &batch.bytes[before..start])
                .map_or(before, |line_feed| before + line_feed + 1);
            let last = batch.bytes.len().min(end + CONTEXT_AFTER);
            let bytes = &batch.bytes[first..last];
            self.work += bytes.len() as u64;
            let line = self.lines.line_of(first, batch);
            let piece = Piece::new(bytes, line, start - first..end - first);
            for event in piece.events(&mut self.work) {
                self.aggregate.add(event);
            }
        }
    }

    fn finish(self, last: &Batch) -> Reading {
        self.aggregate.finish(last.preceding + last.bytes.len() as u64, self.work)
    }
}

/// Counts lines from one offset of interest to the next.
#[derive(Default)]
struct LineCounter {
    /// In the current batch.
    offset: usize,
    /// Line feeds of the log before the offset.
    line_feeds: u64,
}

impl LineCounter {
    /// The number of the line that an offset is in.
    fn line_of(&mut self, offset: usize, batch: &Batch) -> u64 {
        let count = |range: Range<usize>| memchr::memchr_iter(b'\n', &batch.bytes[range]).count();
        if offset >= self.offset {
            self.line_feeds += count(self.offset..offset) as u64;
        } else {
            self.line_feeds -= count(offset..self.offset) as u64;
        }
        self.offset = offset;
        self.line_feeds + 1
    }

    /// Moves on to the batch after this one.
    fn leave(&mut self, batch: &Batch) {
        self.line_of(batch.next_offset(), batch);
        self.offset = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Sizes = Sizes { small_log: 16 << 10, batch: 20 << 10 };

    #[test]
    fn surroundings_are_joined() {
        let near = SURROUNDINGS + 1;
        assert!(surroundings(&[]).is_empty());
        assert_eq!(surroundings(&[0, near]), vec![0..near + SURROUNDINGS; 1]);
        let far = 9 * SURROUNDINGS;
        let expected = [5..2 * SURROUNDINGS + 5, far - SURROUNDINGS..far + SURROUNDINGS];
        assert_eq!(surroundings(&[SURROUNDINGS + 5, far]), expected);
    }

    #[test]
    fn a_message_is_found_once_wherever_batches_end() {
        let log = "10:00:00.0 (1)|STATEMENT_EXECUTE|[1]\n".repeat(1200);
        let message = " user hasn't approved this consumer ";
        let first_end = SMALL.small_log - CONTEXT_AFTER;
        let second_end = first_end + SMALL.batch;
        let everywhere = (0..log.len()).step_by(997);
        let ends = [first_end, second_end].into_iter().flat_map(|end| {
            let near = end - message.len() - 2..end + 3;
            near.step_by(3).chain([end - SURROUNDINGS, end + SURROUNDINGS - 1, end + SURROUNDINGS])
        });
        for at in everywhere.chain(ends) {
            let text = format!("{}{message}{}", &log[..at], &log[at..]);
            let reading = scan(&mut text.as_bytes(), &SMALL).unwrap();
            let found: Vec<(usize, u64)> =
                reading.answers.iter().map(|found| (found.count, found.excerpt.line)).collect();
            assert_eq!(found, [(1, 1 + log[..at].matches('\n').count() as u64)], "at {at}");
            assert_eq!(reading.bytes, text.len() as u64);
        }
    }
}
