//! Annotations of source text, and their grouping into excerpts.

use std::ops::Range;

use crate::mask::Mask;
use crate::source::Lines;

/// A file that may be quoted.
#[derive(Debug)]
pub struct SourceView<'a> {
    pub name: &'a str,
    /// The text, or a note such as "(binary file)" instead of it.
    pub text: Result<&'a str, &'static str>,
    pub masks: &'a [Mask],
    pub lines: &'a Lines,
}

/// A span to underline, with its label.
#[derive(Debug)]
pub struct Annotation {
    /// Index of the file.
    pub file: usize,
    pub range: Range<usize>,
    pub text: String,
    /// Whether this is the primary place.
    pub primary: bool,
}

/// Annotations of one file that are close together, each with its line number.
pub struct Group<'a> {
    pub file: usize,
    pub annotations: Vec<(usize, &'a Annotation)>,
}

/// The maximum number of lines between two annotations of one excerpt.
const GAP: usize = 3;

/// Groups annotations by excerpt, in the order in which they are given.
pub fn groups<'a>(
    files: &[SourceView<'_>],
    annotations: &'a [Annotation],
    width: usize,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for annotation in annotations {
        let file = &files[annotation.file];
        let text = file.text.unwrap_or_default();
        let line = file.lines.position(text, annotation.range.start).line;
        let fits = |group: &&mut Group<'_>| {
            group.file == annotation.file
                && group.annotations.iter().any(|(other, _)| other.abs_diff(line) <= GAP)
                && group.annotations.iter().all(|(other_line, other)| {
                    *other_line != line || columns_between(file, other, annotation) <= width * 2 / 5
                })
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.annotations.push((line, annotation)),
            None => {
                groups.push(Group { file: annotation.file, annotations: vec![(line, annotation)] })
            }
        }
    }
    groups
}

/// The approximate number of columns between two annotations on the same line, after mask.
fn columns_between(file: &SourceView<'_>, one: &Annotation, other: &Annotation) -> usize {
    let (from, to) =
        (one.range.start.min(other.range.start), one.range.start.max(other.range.start));
    let first = file.masks.partition_point(|mask| mask.range.start < from);
    let hidden: usize = file.masks[first..]
        .iter()
        .take_while(|mask| mask.range.end <= to)
        .map(|mask| mask.range.len().saturating_sub(Mask::COLUMNS))
        .sum();
    (to - from).saturating_sub(hidden)
}
