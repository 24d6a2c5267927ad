//! Excerpts of files that show the places of a finding.
//!
//! Each step is a module: [`annotation`] groups the places, [`glyph`] masks the text, [`line`]
//! crops it, and [`draw`] prints it.

mod annotation;
mod draw;
mod glyph;
mod line;

use std::collections::BTreeMap;
use std::ops::Range;

use miette::LabeledSpan;

pub use annotation::{Annotation, SourceView};
use annotation::{Group, groups};
pub use draw::Excerpt;
use line::{Cropped, Label, Line};

use super::Style;
use super::layout::{width, wrap};
use super::sanitize::for_terminal;

/// The excerpts around the annotations, in their order.
pub fn excerpts(
    files: &[SourceView<'_>],
    annotations: &[Annotation],
    style: Style,
) -> Vec<Excerpt> {
    groups(files, annotations, style.width)
        .iter()
        .map(|group| {
            let file = &files[group.file];
            match file.text {
                Ok(text) => quoted(file, text, group, style),
                Err(note) => unquotable(file, note, group, style),
            }
        })
        .collect()
}

fn quoted(file: &SourceView<'_>, text: &str, group: &Group<'_>, style: Style) -> Excerpt {
    let mut by_line: BTreeMap<usize, Vec<&Annotation>> = BTreeMap::new();
    for (line, annotation) in &group.annotations {
        by_line.entry(*line).or_default().push(annotation);
    }
    let first = by_line.keys().next().copied().unwrap_or(1);
    let last = by_line.keys().next_back().copied().unwrap_or(1);
    let mut lines: Vec<Line> = lines_around(file, text, first, last)
        .into_iter()
        .map(|(number, range)| {
            let annotations = by_line.get(&number).map_or(&[][..], Vec::as_slice);
            Line::new(number, range, text, file.masks, annotations, style.unicode)
        })
        .collect();
    while lines.last().is_some_and(Line::is_bare) {
        lines.pop();
    }
    let bare = lines.iter().take_while(|line| line.is_bare()).count();
    lines.drain(..bare);
    let gutter = last.saturating_add(1).to_string().len() + 4;
    let available = style.width.saturating_sub(gutter).max(30);
    let indent = lines.iter().filter_map(Line::indent).min().unwrap_or(0);
    let cropped: Vec<Cropped> = lines.iter().map(|line| line.cropped(indent, available)).collect();
    let (line, annotation) = group.annotations[0];
    let column = file.lines.position(text, annotation.range.start).column;
    let title = format!("{}:{line}:{column}", file.name);
    excerpt(&title, lines.first().map_or(first, |line| line.number), &cropped, available, style)
}

/// One line with the reason why the text is not shown, and all labels.
fn unquotable(
    file: &SourceView<'_>,
    note: &'static str,
    group: &Group<'_>,
    style: Style,
) -> Excerpt {
    let mut texts: Vec<&str> = group
        .annotations
        .iter()
        .map(|(_, annotation)| annotation.text.as_str())
        .filter(|text| !text.is_empty())
        .collect();
    texts.dedup();
    let label = Label {
        range: 0..note.len(),
        text: texts.join("\n"),
        primary: group.annotations.iter().any(|(_, annotation)| annotation.primary),
    };
    let line = Cropped { text: note.to_owned(), labels: vec![label] };
    excerpt(file.name, 1, &[line], style.width.saturating_sub(6).max(30), style)
}

fn excerpt(
    title: &str,
    first_line: usize,
    lines: &[Cropped],
    available: usize,
    style: Style,
) -> Excerpt {
    let mut text = String::new();
    let mut labels = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for label in &line.labels {
            let range = label.range.clone();
            let middle = width(&line.text[..range.start]) + width(&line.text[range.clone()]) / 2;
            let wrapped = wrap(
                &for_terminal(&label.text, style.unicode),
                available.saturating_sub(middle + 4).max(20),
            )
            .join("\n");
            let label_text = (!wrapped.is_empty()).then_some(wrapped);
            let span = (text.len() + range.start, range.len());
            labels.push(if label.primary {
                LabeledSpan::new_primary_with_span(label_text, span)
            } else {
                LabeledSpan::new_with_span(label_text, span)
            });
        }
        text.push_str(&line.text);
    }
    let title = for_terminal(title, style.unicode);
    Excerpt { title, text, first_line: first_line.saturating_sub(1), labels }
}

/// The lines from one before the first to one after the last, with their numbers.
fn lines_around(
    file: &SourceView<'_>,
    text: &str,
    first: usize,
    last: usize,
) -> Vec<(usize, Range<usize>)> {
    let numbers = first.saturating_sub(1)..=last.saturating_add(1);
    numbers.filter_map(|number| Some((number, file.lines.range(text, number)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{Notation, masks};
    use crate::source::Lines;

    const STYLE: Style =
        Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

    fn cut(files: &[(&str, &str)], annotations: &[(usize, &str, &str)]) -> Vec<Excerpt> {
        let masks: Vec<_> = files.iter().map(|(_, text)| masks(Notation::Apex, text, [])).collect();
        let lines: Vec<_> = files.iter().map(|(_, text)| Lines::new(text)).collect();
        let quotable: Vec<_> = files
            .iter()
            .zip(&masks)
            .zip(&lines)
            .map(|(((name, text), masks), lines)| SourceView { name, text: Ok(text), masks, lines })
            .collect();
        let annotations: Vec<_> = annotations
            .iter()
            .map(|(file, piece, text)| {
                let start = files[*file].1.find(piece).unwrap();
                Annotation {
                    file: *file,
                    range: start..start + piece.len(),
                    text: (*text).into(),
                    primary: false,
                }
            })
            .collect();
        excerpts(&quotable, &annotations, STYLE)
    }

    fn cut_around(files: &[SourceView<'_>], range: Range<usize>, text: &str) -> Vec<Excerpt> {
        excerpts(files, &[Annotation { file: 0, range, text: text.into(), primary: true }], STYLE)
    }

    fn contents(excerpts: &[Excerpt]) -> Vec<(&str, usize, &str)> {
        excerpts
            .iter()
            .map(|excerpt| (excerpt.title.as_str(), excerpt.first_line + 1, &*excerpt.text))
            .collect()
    }

    #[test]
    fn each_file_has_an_excerpt_without_its_indentation() {
        let excerpts = cut(
            &[("a", "1\n    2\n    three\n      4\n5\n"), ("b", "x")],
            &[(0, "three", ""), (1, "x", "")],
        );
        assert_eq!(contents(&excerpts), [("a:3:5", 2, "2\nthree\n  4"), ("b:1:1", 1, "x")]);
        let labeled: Vec<_> = excerpts
            .iter()
            .flat_map(|excerpt| excerpt.labels.iter().map(|label| (&excerpt.text, label)))
            .map(|(text, label)| &text[label.offset()..label.offset() + label.len()])
            .collect();
        assert_eq!(labeled, ["three", "x"]);
    }

    #[test]
    fn distant_places_of_one_file_are_separate_excerpts() {
        let text = (1..100).map(|line| format!("line{line}.\n")).collect::<String>();
        let excerpts =
            cut(&[("a", &text)], &[(0, "line50.", ""), (0, "line5.", ""), (0, "line51.", "")]);
        assert_eq!(
            contents(&excerpts),
            [
                ("a:50:1", 49, "line49.\nline50.\nline51.\nline52."),
                ("a:5:1", 4, "line4.\nline5.\nline6.")
            ]
        );
    }

    #[test]
    fn carriage_returns_terminal_commands_and_secrets_stay_out() {
        let excerpts = cut(
            &[("a", "\u{1b}]0;x\r\nkey = 'MARK';\r\n\tz\u{202e}\r\n")],
            &[(0, "key = 'MARK", "")],
        );
        assert_eq!(
            contents(&excerpts),
            [("a:2:1", 1, "\u{fffd}]0;x\nkey = '••••';\n    z\u{fffd}")]
        );
    }

    #[test]
    fn a_line_of_a_megabyte_is_cropped() {
        let text =
            format!("{}<aud>here</aud>{}", "<a>b</a>".repeat(100_000), "<a>b</a>".repeat(100_000));
        let excerpts =
            cut(&[("a", &text)], &[(0, "here", "a label that says something at some length")]);
        let (title, _, shown) = contents(&excerpts)[0];
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
    fn a_file_without_text_has_a_note_instead() {
        let file = SourceView {
            name: "X.crt",
            text: Err("(a binary certificate)"),
            masks: &[],
            lines: &Lines::new(""),
        };
        let excerpts = cut_around(&[file], 0..5, "expired");
        assert_eq!(contents(&excerpts), [("X.crt", 1, "(a binary certificate)")]);
    }

    #[test]
    fn an_empty_annotation_is_one_character_wide_even_at_the_end() {
        let files =
            [SourceView { name: "a", text: Ok("ab\n"), masks: &[], lines: &Lines::new("ab\n") }];
        for at in [0, 2, 3, 99] {
            let excerpts = cut_around(&files, at..at, "");
            assert_eq!(excerpts[0].labels[0].len(), 1, "{at}");
        }
    }
}
