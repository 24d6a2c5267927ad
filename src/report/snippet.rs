//! Cuts out of files what a finding needs to be understood, and lends it to miette: one text of many pieces, each with its own place.

use std::collections::BTreeMap;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::harmless::{Mask, for_terminal};
use super::layout::{width, wrap};
use super::line::{Line, Shown};
use crate::source::Lines;

/// A file that may be quoted.
#[derive(Debug)]
pub struct Quotable<'a> {
    pub name: &'a str,
    /// `Err` tells what stands there instead of text.
    pub text: Result<&'a str, &'static str>,
    /// What must not be quoted as it stands.
    pub masks: &'a [Mask],
    pub lines: &'a Lines,
}

/// Bytes to point at, and what to say there.
#[derive(Debug)]
pub struct Mark {
    /// Index of the file.
    pub file: usize,
    pub range: Range<usize>,
    pub text: String,
}

/// How much room there is, and what may be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub width: usize,
    pub unicode: bool,
}

/// The pieces, ready for miette.
#[derive(Debug, Default)]
pub struct Snippets {
    text: String,
    pieces: Vec<Piece>,
    pub labels: Vec<LabeledSpan>,
}

#[derive(Debug)]
struct Piece {
    /// `path:line:column` of the first mark, or the path alone where no text is kept.
    title: String,
    /// In the text of all pieces.
    range: Range<usize>,
    /// 0 for the first.
    first_line: usize,
}

/// Marks of one file that stand close together.
struct Group<'m> {
    file: usize,
    marks: Vec<(usize, &'m Mark)>,
}

/// Lines between two marks of one piece, at most.
const GAP: usize = 3;

impl Snippets {
    /// Cuts around the marks. Pieces stand in the order in which the marks are given.
    pub fn cut(files: &[Quotable<'_>], marks: &[Mark], room: Room) -> Snippets {
        let mut snippets = Snippets::default();
        for group in groups(files, marks, room) {
            let file = &files[group.file];
            match file.text {
                Ok(text) => snippets.quote(file, text, &group, room),
                Err(stand_in) => snippets.stand_in(file, stand_in, &group, room),
            }
        }
        snippets
    }

    fn quote(&mut self, file: &Quotable<'_>, text: &str, group: &Group<'_>, room: Room) {
        let mut by_line: BTreeMap<usize, Vec<&Mark>> = BTreeMap::new();
        for (line, mark) in &group.marks {
            by_line.entry(*line).or_default().push(mark);
        }
        let (first, last) = (
            by_line.keys().next().copied().unwrap_or(1),
            by_line.keys().next_back().copied().unwrap_or(1),
        );
        let anchor = by_line
            .values()
            .next()
            .and_then(|marks| marks.first())
            .map_or(0, |mark| mark.range.start);
        let mut lines: Vec<Line<'_>> = Vec::new();
        for (number, range) in lines_around(text, anchor, first, last) {
            let marks = by_line.get(&number).map_or(&[][..], Vec::as_slice);
            lines.push(Line::new(number, range, text, file.masks, marks, room.unicode));
        }
        while lines.last().is_some_and(Line::is_bare) {
            lines.pop();
        }
        let bare = lines.iter().take_while(|line| line.is_bare()).count();
        lines.drain(..bare);
        let gutter = last.saturating_add(1).to_string().len() + 4;
        let available = room.width.saturating_sub(gutter).max(30);
        let indent = lines.iter().filter_map(Line::indent).min().unwrap_or(0);
        let shown: Vec<Shown> = lines.iter().map(|line| line.shown(indent, available)).collect();
        let (line, mark) = group.marks[0];
        let title =
            format!("{}:{line}:{}", file.name, file.lines.position(text, mark.range.start).column);
        self.push(&title, lines.first().map_or(first, |line| line.number), &shown, available, room);
    }

    /// One line that says why there is no text, with all labels.
    fn stand_in(&mut self, file: &Quotable<'_>, stand_in: &str, group: &Group<'_>, room: Room) {
        let available = room.width.saturating_sub(6).max(30);
        let mut texts: Vec<&str> = group
            .marks
            .iter()
            .map(|(_, mark)| mark.text.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        texts.dedup();
        let shown = Shown {
            text: stand_in.to_owned(),
            labels: vec![(0..stand_in.len(), texts.join("\n"))],
        };
        self.push(file.name, 1, &[shown], available, room);
    }

    fn push(
        &mut self,
        title: &str,
        first_line: usize,
        lines: &[Shown],
        available: usize,
        room: Room,
    ) {
        let start = self.text.len();
        for line in lines {
            for (range, text) in &line.labels {
                let from = self.text.len() + range.start;
                let middle =
                    width(&line.text[..range.start]) + width(&line.text[range.clone()]) / 2;
                let label = for_terminal(text, room.unicode);
                let label = wrap(&label, available.saturating_sub(middle + 4).max(20)).join("\n");
                self.labels.push(LabeledSpan::new(
                    (!label.is_empty()).then_some(label),
                    from,
                    range.len(),
                ));
            }
            self.text.push_str(&line.text);
            self.text.push('\n');
        }
        self.pieces.push(Piece {
            title: for_terminal(title, room.unicode),
            range: start..self.text.len(),
            first_line: first_line.saturating_sub(1),
        });
    }
}

impl SourceCode for Snippets {
    /// The whole piece, whatever part of it is asked for. miette tries to join neighbours; an error keeps them apart.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let piece = self
            .pieces
            .iter()
            .find(|piece| piece.range.start <= span.offset() && end <= piece.range.end)
            .ok_or(MietteError::OutOfBounds)?;
        let text = self.text[piece.range.clone()].trim_end_matches('\n');
        let data = &self.text.as_bytes()[piece.range.start..piece.range.start + text.len()];
        let lines = text.matches('\n').count() + 1;
        let span = SourceSpan::new(piece.range.start.into(), data.len());
        Ok(Box::new(MietteSpanContents::new_named(
            piece.title.clone(),
            data,
            span,
            piece.first_line,
            0,
            lines,
        )))
    }
}

fn groups<'m>(files: &[Quotable<'_>], marks: &'m [Mark], room: Room) -> Vec<Group<'m>> {
    let mut groups: Vec<Group<'m>> = Vec::new();
    for mark in marks {
        let text = files[mark.file].text.unwrap_or_default();
        let line = files[mark.file].lines.position(text, mark.range.start).line;
        let near = |group: &&mut Group<'_>| {
            group.file == mark.file
                && group.marks.iter().any(|(other, _)| other.abs_diff(line) <= GAP)
                && group.marks.iter().all(|(other, there)| {
                    *other != line
                        || shown_between(&files[mark.file], there, mark) <= room.width * 2 / 5
                })
        };
        match groups.iter_mut().find(near) {
            Some(group) => group.marks.push((line, mark)),
            None => groups.push(Group { file: mark.file, marks: vec![(line, mark)] }),
        }
    }
    groups
}

/// About how many columns lie between two marks of one line, once masks are short.
fn shown_between(file: &Quotable<'_>, one: &Mark, other: &Mark) -> usize {
    let (from, to) =
        (one.range.start.min(other.range.start), one.range.start.max(other.range.start));
    let first = file.masks.partition_point(|mask| mask.range.start < from);
    let hidden: usize = file.masks[first..]
        .iter()
        .take_while(|mask| mask.range.end <= to)
        .map(|mask| mask.range.len().saturating_sub(Mask::SHOWN))
        .sum();
    (to - from).saturating_sub(hidden)
}

/// The lines from one before the first to one after the last, with their numbers; `anchor` lies in the first.
fn lines_around(
    text: &str,
    anchor: usize,
    first: usize,
    last: usize,
) -> Vec<(usize, Range<usize>)> {
    let anchor = anchor.min(text.len());
    let line_start = |offset: usize| {
        memchr::memrchr(b'\n', &text.as_bytes()[..offset]).map_or(0, |newline| newline + 1)
    };
    let mut start = line_start(anchor);
    let mut number = first;
    if start > 0 {
        start = line_start(start - 1);
        number -= 1;
    }
    let mut lines = Vec::new();
    while number <= last + 1 && start <= text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..])
            .map_or(text.len(), |newline| start + newline);
        let without_return = if text[start..end].ends_with('\r') { end - 1 } else { end };
        lines.push((number, start..without_return));
        start = end + 1;
        number += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::harmless::masks;
    use super::*;

    const ROOM: Room = Room { width: 80, unicode: true };

    fn cut(files: &[(&str, &str)], marks: &[(usize, &str, &str)]) -> Snippets {
        let masks: Vec<_> = files.iter().map(|(_, text)| masks(text, [])).collect();
        let lines: Vec<_> = files.iter().map(|(_, text)| Lines::new(text)).collect();
        let quotable: Vec<_> = files
            .iter()
            .zip(&masks)
            .zip(&lines)
            .map(|(((name, text), masks), lines)| Quotable { name, text: Ok(text), masks, lines })
            .collect();
        let marks: Vec<_> = marks
            .iter()
            .map(|(file, piece, text)| {
                let start = files[*file].1.find(piece).unwrap();
                Mark { file: *file, range: start..start + piece.len(), text: (*text).into() }
            })
            .collect();
        Snippets::cut(&quotable, &marks, ROOM)
    }

    fn pieces(snippets: &Snippets) -> Vec<(&str, usize, &str)> {
        snippets
            .pieces
            .iter()
            .map(|piece| {
                (piece.title.as_str(), piece.first_line + 1, &snippets.text[piece.range.clone()])
            })
            .collect()
    }

    #[test]
    fn each_file_has_a_piece_without_its_indentation() {
        let snippets = cut(
            &[("a", "1\n    2\n    three\n      4\n5\n"), ("b", "x")],
            &[(0, "three", ""), (1, "x", "")],
        );
        assert_eq!(pieces(&snippets), [("a:3:5", 2, "2\nthree\n  4\n"), ("b:1:1", 1, "x\n")]);
        let marked: Vec<_> = snippets
            .labels
            .iter()
            .map(|label| &snippets.text[label.offset()..label.offset() + label.len()])
            .collect();
        assert_eq!(marked, ["three", "x"]);
    }

    #[test]
    fn far_places_of_one_file_are_pieces_of_their_own() {
        let text = (1..100).map(|line| format!("line{line}.\n")).collect::<String>();
        let snippets =
            cut(&[("a", &text)], &[(0, "line50.", ""), (0, "line5.", ""), (0, "line51.", "")]);
        assert_eq!(
            pieces(&snippets),
            [
                ("a:50:1", 49, "line49.\nline50.\nline51.\nline52.\n"),
                ("a:5:1", 4, "line4.\nline5.\nline6.\n")
            ]
        );
    }

    #[test]
    fn carriage_returns_commands_and_secrets_stay_out() {
        let snippets = cut(
            &[("a", "\u{1b}]0;x\r\n<consumerSecret>MARK</consumerSecret>\r\n\tz\u{202e}\r\n")],
            &[(0, "<consumerSecret>MARK", "")],
        );
        assert_eq!(
            pieces(&snippets),
            [(
                "a:2:1",
                1,
                "\u{fffd}]0;x\n<consumerSecret>••••••</consumerSecret>\n    z\u{fffd}\n"
            )]
        );
    }

    #[test]
    fn a_line_of_a_megabyte_is_a_window() {
        let text =
            format!("{}<aud>here</aud>{}", "<a>b</a>".repeat(100_000), "<a>b</a>".repeat(100_000));
        let snippets =
            cut(&[("a", &text)], &[(0, "here", "a label that says something at some length")]);
        let (title, _, shown) = pieces(&snippets)[0];
        assert_eq!(title, "a:1:800006");
        assert!(width(shown.trim_end()) <= 75, "{shown}");
        assert!(
            shown.starts_with('…')
                && shown.trim_end().ends_with('…')
                && shown.contains("<aud>here</aud>"),
            "{shown}"
        );
    }

    #[test]
    fn a_file_without_text_has_a_line_that_says_so() {
        let file = Quotable {
            name: "X.crt",
            text: Err("(a binary certificate)"),
            masks: &[],
            lines: &Lines::new(""),
        };
        let snippets =
            Snippets::cut(&[file], &[Mark { file: 0, range: 0..5, text: "expired".into() }], ROOM);
        assert_eq!(pieces(&snippets), [("X.crt", 1, "(a binary certificate)\n")]);
    }

    #[test]
    fn an_empty_mark_is_one_character_wide_even_at_the_end() {
        let files =
            [Quotable { name: "a", text: Ok("ab\n"), masks: &[], lines: &Lines::new("ab\n") }];
        let mark = |at: usize| Mark { file: 0, range: at..at, text: String::new() };
        for at in [0, 2, 3, 99] {
            let snippets = Snippets::cut(&files, &[mark(at)], ROOM);
            assert_eq!(snippets.labels[0].len(), 1, "{at}");
        }
    }
}
