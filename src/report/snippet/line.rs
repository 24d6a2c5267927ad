//! One line of an excerpt: places its annotations, and crops it to the width.

use std::ops::Range;

use super::annotation::Annotation;
use super::glyph::{Glyph, columns, glyphs};
use crate::mask::Mask;
use crate::report::layout::{char_width, width};

/// The number of bytes read on either side of an annotation; a line can be megabytes long.
const MARGIN: usize = 600;
/// The maximum number of bytes read of an annotated span, and between the primary annotation and others.
const LONGEST_ANNOTATION: usize = 6000;
/// The columns reserved for a label next to its line.
const LABEL_COLUMNS: usize = 34;

pub struct Line {
    /// 1 for the first.
    pub number: usize,
    glyphs: Vec<Glyph>,
    /// Sorted and disjoint.
    labels: Vec<Label>,
    cut_left: bool,
    cut_right: bool,
    unicode: bool,
}

/// A label at a range: of glyphs while a line is laid out, of bytes once it is cropped.
pub struct Label {
    pub range: Range<usize>,
    pub text: String,
    pub primary: bool,
}

/// A line ready to be printed; the ranges of its labels are bytes of `text`.
pub struct Cropped {
    pub text: String,
    pub labels: Vec<Label>,
}

impl Line {
    pub fn new(
        number: usize,
        bytes: Range<usize>,
        text: &str,
        masks: &[Mask],
        annotations: &[&Annotation],
        unicode: bool,
    ) -> Self {
        // The line is shown around what the finding is about; a label far from it has no room anyway.
        let anchor = annotations
            .iter()
            .find(|annotation| annotation.primary)
            .or(annotations.first())
            .map_or(bytes.start..bytes.start, |annotation| annotation.range.clone());
        let end_of =
            |range: &Range<usize>| range.end.min(range.start.saturating_add(LONGEST_ANNOTATION));
        let starts = annotations.iter().map(|annotation| annotation.range.start);
        let from = starts
            .min()
            .unwrap_or(bytes.start)
            .max(anchor.start.saturating_sub(LONGEST_ANNOTATION));
        let ends = annotations.iter().map(|annotation| end_of(&annotation.range));
        let to = ends
            .max()
            .unwrap_or(bytes.start)
            .min(end_of(&anchor).saturating_add(LONGEST_ANNOTATION));
        let start =
            text.ceil_char_boundary(from.saturating_sub(MARGIN).clamp(bytes.start, bytes.end));
        let end = text.floor_char_boundary(to.saturating_add(MARGIN).clamp(start, bytes.end));
        let mut line = Line {
            number,
            glyphs: glyphs(text, start..end, masks, unicode),
            labels: Vec::new(),
            cut_left: start > bytes.start,
            cut_right: end < bytes.end,
            unicode,
        };
        line.place(annotations);
        line
    }

    /// Finds the glyphs of each annotation. Every label gets at least one glyph, and no two labels
    /// share one.
    fn place(&mut self, annotations: &[&Annotation]) {
        let mut placed: Vec<Label> = Vec::new();
        for Annotation { range, text, primary, .. } in annotations {
            let start = self
                .glyphs
                .iter()
                .position(|glyph| glyph.bytes.end > range.start)
                .unwrap_or(self.glyphs.len());
            let end = self
                .glyphs
                .iter()
                .rposition(|glyph| glyph.bytes.start < range.end)
                .map_or(start, |last| last + 1);
            let range = start..end.max(start + 1);
            placed.push(Label { range, text: text.clone(), primary: *primary });
        }
        let needed = placed.iter().map(|label| label.range.end).max().unwrap_or(0);
        let end_of_line = self.glyphs.last().map_or(0, |glyph| glyph.bytes.end);
        while self.glyphs.len() < needed {
            self.glyphs.push(Glyph { character: ' ', bytes: end_of_line..end_of_line });
        }
        placed.sort_by_key(|label| (label.range.start, label.range.end));
        for label in placed {
            match self.labels.last_mut() {
                Some(last) if last.range.start == label.range.start => last.join(label),
                Some(last) => {
                    last.range.end = last.range.end.min(label.range.start);
                    self.labels.push(label);
                }
                None => self.labels.push(label),
            }
        }
    }

    /// Whether the line has no label and no visible character.
    pub fn is_bare(&self) -> bool {
        self.labels.is_empty() && self.glyphs.iter().all(|glyph| glyph.character == ' ')
    }

    /// Spaces before the first visible character; `None` for a line that is all spaces.
    pub fn indent(&self) -> Option<usize> {
        if self.cut_left {
            return Some(0);
        }
        let spaces = self.glyphs.iter().take_while(|glyph| glyph.character == ' ').count();
        let first_label = self.labels.first().map_or(spaces, |label| label.range.start);
        (spaces < self.glyphs.len() || !self.labels.is_empty()).then_some(spaces.min(first_label))
    }

    /// The line without its indentation, cropped around its labels to the available columns.
    pub fn cropped(&self, indent: usize, available: usize) -> Cropped {
        let ellipsis = if self.unicode { "…" } else { "..." };
        let mut from = indent.min(self.glyphs.len());
        let mut left = self.cut_left;
        if let (Some(first), Some(last)) = (self.labels.first(), self.labels.last()) {
            let shown_end = last.range.end.min(last.range.start + available.saturating_sub(4));
            let middle = self.columns(from..last.range.start)
                + self.columns(last.range.start..shown_end) / 2;
            let label =
                if last.text.is_empty() { 0 } else { width(&last.text).min(LABEL_COLUMNS) + 4 };
            let wanted = self.columns(from..shown_end).max(middle + label);
            let mut excess = (wanted + 2).saturating_sub(available);
            while excess > 0 && from < first.range.start {
                excess = excess.saturating_sub(char_width(self.glyphs[from].character));
                from += 1;
                left = true;
            }
        }
        let mut text = String::new();
        if left {
            text.push_str(ellipsis);
        }
        let mut columns = width(&text);
        let whole = !self.cut_right && columns + self.columns(from..self.glyphs.len()) <= available;
        let limit = if whole { available } else { available.saturating_sub(width(ellipsis)) };
        let mut offsets = Vec::new();
        for glyph in &self.glyphs[from..] {
            columns += char_width(glyph.character);
            if columns > limit {
                break;
            }
            offsets.push(text.len());
            text.push(glyph.character);
        }
        offsets.push(text.len());
        let at = |glyph: usize| offsets[glyph.saturating_sub(from).min(offsets.len() - 1)];
        let labels: Vec<_> = self
            .labels
            .iter()
            .map(|label| Label {
                range: at(label.range.start)..at(label.range.end),
                text: label.text.clone(),
                primary: label.primary,
            })
            .collect();
        if !whole {
            text.push_str(ellipsis);
        } else if labels.is_empty() {
            text.truncate(text.trim_end().len());
        }
        Cropped { text, labels }
    }

    fn columns(&self, glyphs: Range<usize>) -> usize {
        columns(self.glyphs.get(glyphs).unwrap_or_default())
    }
}

impl Label {
    /// Merges a label that starts at the same glyph.
    fn join(&mut self, other: Self) {
        self.range.end = self.range.end.max(other.range.end);
        self.primary |= other.primary;
        if self.text.is_empty() {
            self.text = other.text;
        } else if self.text != other.text && !other.text.is_empty() {
            self.text = format!("{}; {}", self.text, other.text);
        }
    }
}
