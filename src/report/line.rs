//! One line of a file as it is shown: harmless, short, and with its marks in the right columns.

use std::ops::Range;

use super::harmless::{Mask, in_ascii, shows_nothing};
use super::layout::{char_width, width};
use super::snippet::Mark;

/// Bytes looked at on either side of what is marked; lines may have megabytes.
const MARGIN: usize = 600;
/// Bytes of a marked text that are looked at.
const LONGEST_MARK: usize = 6000;
/// Columns that a label wants beside its line.
const LABEL_ROOM: usize = 34;

/// A character to show, and the bytes it stands for.
struct Cell {
    character: char,
    bytes: Range<usize>,
}

pub(super) struct Line<'t> {
    /// 1 for the first.
    pub number: usize,
    cells: Vec<Cell>,
    /// Ranges of cells and what to say there, in order and apart.
    marks: Vec<(Range<usize>, String)>,
    cut_left: bool,
    cut_right: bool,
    unicode: bool,
    text: &'t str,
}

/// A line ready to be printed: the labels hold bytes of its text.
pub(super) struct Shown {
    pub text: String,
    pub labels: Vec<(Range<usize>, String)>,
}

impl<'t> Line<'t> {
    pub fn new(
        number: usize,
        bytes: Range<usize>,
        text: &'t str,
        masks: &[Mask],
        marks: &[&Mark],
        unicode: bool,
    ) -> Self {
        let from = marks.iter().map(|mark| mark.range.start).min().unwrap_or(bytes.start);
        let to = marks
            .iter()
            .map(|mark| mark.range.end.min(mark.range.start.saturating_add(LONGEST_MARK)))
            .max()
            .unwrap_or(bytes.start);
        let start =
            text.ceil_char_boundary(from.saturating_sub(MARGIN).clamp(bytes.start, bytes.end));
        let end = text.floor_char_boundary(to.saturating_add(MARGIN).clamp(start, bytes.end));
        let mut line = Line {
            number,
            cells: Vec::new(),
            marks: Vec::new(),
            cut_left: start > bytes.start,
            cut_right: end < bytes.end,
            unicode,
            text,
        };
        line.fill(start..end, masks);
        line.place(marks);
        line
    }

    fn fill(&mut self, bytes: Range<usize>, masks: &[Mask]) {
        let mut at = bytes.start;
        while let Some(character) = self.text[at..bytes.end].chars().next() {
            let next = masks.partition_point(|mask| mask.range.end <= at);
            if let Some(mask) = masks.get(next).filter(|mask| mask.range.start <= at) {
                self.push(&mask.stand_in(self.text), &(at..mask.range.end));
                at = mask.range.end.min(bytes.end);
                continue;
            }
            let after = at + character.len_utf8();
            match character {
                '\t' => self.push("    ", &(at..after)),
                hidden if shows_nothing(hidden) => self.push("\u{fffd}", &(at..after)),
                plain => self.cells.push(Cell { character: plain, bytes: at..after }),
            }
            at = after;
        }
    }

    /// Our own signs, where the file holds something else.
    fn push(&mut self, stand_in: &str, bytes: &Range<usize>) {
        let stand_in = if self.unicode { stand_in.to_owned() } else { in_ascii(stand_in.chars()) };
        self.cells
            .extend(stand_in.chars().map(|character| Cell { character, bytes: bytes.clone() }));
    }

    /// Finds the cells of each mark. Every mark gets at least one cell, and no two marks share one.
    fn place(&mut self, marks: &[&Mark]) {
        let mut placed: Vec<(Range<usize>, &str)> = Vec::new();
        for mark in marks {
            let start = self
                .cells
                .iter()
                .position(|cell| cell.bytes.end > mark.range.start)
                .unwrap_or(self.cells.len());
            let end = self
                .cells
                .iter()
                .rposition(|cell| cell.bytes.start < mark.range.end)
                .map_or(start, |last| last + 1);
            placed.push((start..end.max(start + 1), &mark.text));
        }
        let needed = placed.iter().map(|(range, _)| range.end).max().unwrap_or(0);
        let end_of_line = self.cells.last().map_or(0, |cell| cell.bytes.end);
        while self.cells.len() < needed {
            self.cells.push(Cell { character: ' ', bytes: end_of_line..end_of_line });
        }
        placed.sort_by_key(|(range, _)| (range.start, range.end));
        for (range, text) in placed {
            match self.marks.last_mut() {
                Some((last, said)) if last.start == range.start => {
                    last.end = last.end.max(range.end);
                    if said != text && !text.is_empty() {
                        *said = if said.is_empty() {
                            text.to_owned()
                        } else {
                            format!("{said}; {text}")
                        };
                    }
                }
                Some((last, _)) if last.end > range.start => {
                    last.end = range.start;
                    self.marks.push((range, text.to_owned()));
                }
                _ => self.marks.push((range, text.to_owned())),
            }
        }
    }

    /// Shows nothing and says nothing.
    pub fn is_bare(&self) -> bool {
        self.marks.is_empty() && self.cells.iter().all(|cell| cell.character == ' ')
    }

    /// Blanks before the first sign; `None` where the line cannot tell.
    pub fn indent(&self) -> Option<usize> {
        if self.cut_left {
            return Some(0);
        }
        let unfilled = self.cells.iter().take_while(|cell| cell.character == ' ').count();
        let first_mark = self.marks.first().map_or(unfilled, |(range, _)| range.start);
        (unfilled < self.cells.len() || !self.marks.is_empty()).then_some(unfilled.min(first_mark))
    }

    /// The line without its indentation, cut to what fits.
    pub fn shown(&self, indent: usize, available: usize) -> Shown {
        let ellipsis = if self.unicode { "…" } else { "..." };
        let mut from = indent.min(self.cells.len());
        let mut left = self.cut_left;
        if let (Some((first, _)), Some((last, text))) = (self.marks.first(), self.marks.last()) {
            let shown_end = last.end.min(last.start + available.saturating_sub(4));
            let middle = self.columns(from..last.start) + self.columns(last.start..shown_end) / 2;
            let label = if text.is_empty() { 0 } else { width(text).min(LABEL_ROOM) + 4 };
            let wanted = self.columns(from..shown_end).max(middle + label);
            let mut excess = (wanted + 2).saturating_sub(available);
            while excess > 0 && from < first.start {
                excess = excess.saturating_sub(char_width(self.cells[from].character));
                from += 1;
                left = true;
            }
        }
        let mut text = String::new();
        if left {
            text.push_str(ellipsis);
        }
        let mut columns = width(&text);
        let whole = !self.cut_right && columns + self.columns(from..self.cells.len()) <= available;
        let limit = if whole { available } else { available.saturating_sub(width(ellipsis)) };
        let mut offsets = Vec::new();
        for cell in &self.cells[from..] {
            columns += char_width(cell.character);
            if columns > limit {
                break;
            }
            offsets.push(text.len());
            text.push(cell.character);
        }
        offsets.push(text.len());
        let labels = self.labels(from, &offsets);
        if !whole {
            text.push_str(ellipsis);
        } else if labels.is_empty() {
            text.truncate(text.trim_end().len());
        }
        Shown { text, labels }
    }

    fn labels(&self, from: usize, offsets: &[usize]) -> Vec<(Range<usize>, String)> {
        let at = |cell: usize| offsets[cell.saturating_sub(from).min(offsets.len() - 1)];
        self.marks
            .iter()
            .map(|(range, text)| (at(range.start)..at(range.end), text.clone()))
            .collect()
    }

    fn columns(&self, cells: Range<usize>) -> usize {
        self.cells
            .get(cells)
            .unwrap_or_default()
            .iter()
            .map(|cell| char_width(cell.character))
            .sum()
    }
}
