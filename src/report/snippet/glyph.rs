//! Turns bytes of a file into glyphs: masked, and without terminal control characters.

use std::ops::Range;

use crate::mask::Mask;
use crate::report::layout::char_width;
use crate::report::sanitize::in_ascii;
use crate::source::{is_invisible, work};

/// A character to print, and the bytes that it represents.
pub struct Glyph {
    pub character: char,
    pub bytes: Range<usize>,
}

/// The glyphs of some bytes of a file, which start and end at character boundaries.
pub fn glyphs(text: &str, bytes: Range<usize>, masks: &[Mask], unicode: bool) -> Vec<Glyph> {
    let mut glyphs = Vec::new();
    let replace = |glyphs: &mut Vec<Glyph>, replacement: &str, bytes: Range<usize>| {
        let replacement =
            if unicode { replacement.to_owned() } else { in_ascii(replacement.chars()) };
        glyphs
            .extend(replacement.chars().map(|character| Glyph { character, bytes: bytes.clone() }));
    };
    let mut at = bytes.start;
    while let Some(character) = text[at..bytes.end].chars().next() {
        work::step();
        let next = masks.partition_point(|mask| mask.range.end <= at);
        if let Some(mask) = masks.get(next).filter(|next| next.range.start <= at) {
            replace(&mut glyphs, &mask.shown(text), at..mask.range.end);
            at = mask.range.end.min(bytes.end);
            continue;
        }
        let end = at + character.len_utf8();
        match character {
            '\t' => replace(&mut glyphs, "    ", at..end),
            invisible if is_invisible(invisible) => replace(&mut glyphs, "\u{fffd}", at..end),
            // A letter from the file is kept, even if the terminal may not support it.
            visible => glyphs.push(Glyph { character: visible, bytes: at..end }),
        }
        at = end;
    }
    glyphs
}

/// The width of some glyphs in columns.
pub fn columns(glyphs: &[Glyph]) -> usize {
    glyphs.iter().map(|glyph| char_width(glyph.character)).sum()
}
