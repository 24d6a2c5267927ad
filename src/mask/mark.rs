//! A range of text that is not shown as it is, and what is shown instead.

use std::ops::Range;

use crate::model::shortened;

/// Shown instead of a masked value.
pub const HIDDEN: &str = "••••";

/// A range of text that is not shown as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    pub range: Range<usize>,
    kind: Kind,
}

/// In order of precedence if masks overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Hidden,
    /// A consumer key, which is shortened.
    Key,
}

impl Mask {
    /// The approximate width of what is shown instead, in columns.
    pub const COLUMNS: usize = 10;

    pub fn hidden(range: Range<usize>) -> Mask {
        Mask { range, kind: Kind::Hidden }
    }

    pub fn key(range: Range<usize>) -> Mask {
        Mask { range, kind: Kind::Key }
    }

    /// Whether nothing of the range may be shown.
    pub fn is_hidden(&self) -> bool {
        self.kind == Kind::Hidden
    }

    /// What is shown instead.
    pub fn shown(&self, text: &str) -> String {
        match self.kind {
            Kind::Hidden => HIDDEN.to_owned(),
            Kind::Key => shortened(&text[self.range.clone()]),
        }
    }
}

/// The text with its masks, which are sorted and disjoint.
pub fn applied(text: &str, masks: &[Mask]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for mask in masks {
        result.push_str(&text[done..mask.range.start]);
        result.push_str(&mask.shown(text));
        done = mask.range.end;
    }
    result.push_str(&text[done..]);
    result
}

/// Sorts masks and joins those that overlap. Hidden ranges with only spaces between them are one.
pub fn disjoint(text: &str, mut all: Vec<Mask>) -> Vec<Mask> {
    all.retain(|mask| !mask.range.is_empty());
    all.sort_by_key(|mask| (mask.range.start, mask.kind));
    let mut result: Vec<Mask> = Vec::with_capacity(all.len());
    for mask in all {
        let Some(last) = result.last_mut() else {
            result.push(mask);
            continue;
        };
        let overlaps = mask.range.start < last.range.end;
        let continues = last.is_hidden()
            && mask.is_hidden()
            && text[last.range.end.min(mask.range.start)..mask.range.start]
                .bytes()
                .all(|byte| byte == b' ');
        if overlaps || continues {
            last.range.end = last.range.end.max(mask.range.end);
            last.kind = last.kind.min(mask.kind);
        } else {
            result.push(mask);
        }
    }
    result
}
