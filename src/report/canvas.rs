//! Elements of SVG pictures: boxes, lines and text that is measured, so that nothing overflows.
//!
//! Positions and sizes are whole pixels. Colors are classes of [`STYLE`], so that a page that contains many pictures has
//! it once.

use super::sanitize::single_line;
use super::xml::escaped;

/// The style of every picture, for light and for dark backgrounds.
pub(super) const STYLE: &str = "\
svg.picture{font-family:system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif}\
.picture text{fill:#1f2328;white-space:pre}\
.picture .small{font-size:11px}.picture .plain{font-size:12px}.picture .strong{font-size:13px;font-weight:600}\
.picture .head{font-size:15px;font-weight:700}\
.picture text.muted{fill:#59636e}.picture text.ok{fill:#1a7f37}.picture text.fails{fill:#cf222e}\
.picture text.unknown{fill:#7d4e00}.picture text.off{fill:#59636e}\
.picture .ground{fill:#fff}.picture .panel{fill:#f6f8fa;stroke:#d1d9e0}\
.picture .box{fill:#fff;stroke:#818b98}.picture .absent{fill:#fff;stroke:#818b98;stroke-dasharray:4 3}\
.picture .faulty{fill:#fff;stroke:#cf222e;stroke-width:2}\
.picture .doubtful{fill:#fff;stroke:#9a6700;stroke-width:2}\
.picture path{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}\
.picture path.ok{stroke:#1a7f37}.picture path.fails{stroke:#cf222e}\
.picture path.unknown{stroke:#9a6700}.picture path.off{stroke:#818b98}.picture path.edge{stroke:#818b98;stroke-width:1.5}\
.picture path.dashed{stroke-dasharray:6 5}.picture path.dotted{stroke-dasharray:1 5}\
@media(prefers-color-scheme:dark){\
.picture text{fill:#f0f6fc}\
.picture text.muted,.picture text.off{fill:#9198a1}.picture text.ok{fill:#3fb950}\
.picture text.fails{fill:#ff7b72}.picture text.unknown{fill:#e3b341}\
.picture .ground{fill:#0d1117}.picture .panel{fill:#151b23;stroke:#3d444d}\
.picture .box,.picture .absent{fill:#0d1117;stroke:#8b949e}.picture .faulty{fill:#0d1117;stroke:#ff7b72}\
.picture .doubtful{fill:#0d1117;stroke:#d29922}\
.picture path.ok{stroke:#3fb950}.picture path.fails{stroke:#ff7b72}\
.picture path.unknown{stroke:#d29922}.picture path.off,.picture path.edge{stroke:#8b949e}\
}\
@media print{.picture .ground{fill:#fff}}";

/// A font, as a class of [`STYLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    Small,
    Plain,
    Strong,
    Head,
}

impl Font {
    fn class(self) -> &'static str {
        match self {
            Font::Small => "small",
            Font::Plain => "plain",
            Font::Strong => "strong",
            Font::Head => "head",
        }
    }

    /// Pixels.
    fn size(self) -> usize {
        match self {
            Font::Small => 11,
            Font::Plain => 12,
            Font::Strong => 13,
            Font::Head => 15,
        }
    }
}

/// Widths of the characters from space to `~` in thousandths of the font size: those of the bold DejaVu Sans, which is
/// wider than the other fonts of [`STYLE`].
#[rustfmt::skip]
const ASCII: [u16; 95] = [
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 581,
    1000, 774, 763, 734, 831, 684, 684, 821, 837, 373, 373, 775, 638, 996, 837, 851,
    733, 851, 771, 721, 683, 813, 774, 1104, 771, 725, 726, 458, 366, 458, 838, 500,
    500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666, 343, 1042, 712, 688,
    716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
];
/// The same for letters of Latin script, and for all other characters: no font has many that are wider.
const LATIN: u16 = 1100;
const OTHER: u16 = 1600;

fn thousandths(character: char) -> usize {
    let width = match character {
        ' '..='~' => ASCII[character as usize - ' ' as usize],
        '…' | '•' => 1000,
        '\u{a0}'..='\u{17f}' => LATIN,
        _ => OTHER,
    };
    usize::from(width)
}

/// The greatest width of a text in pixels.
pub(super) fn width(text: &str, font: Font) -> usize {
    (text.chars().map(thousandths).sum::<usize>() * font.size()).div_ceil(1000)
}

/// The part of a text that fits, with `…` for the rest of it.
pub(super) fn cut(text: &str, font: Font, room: usize) -> String {
    match fitting(text.chars(), font, room) {
        None => text.to_owned(),
        Some(kept) => text.chars().take(kept).chain(['…']).collect(),
    }
}

/// The end of a text that fits, as for paths.
pub(super) fn cut_start(text: &str, font: Font, room: usize) -> String {
    match fitting(text.chars().rev(), font, room) {
        None => text.to_owned(),
        Some(kept) => {
            let end: Vec<char> = text.chars().rev().take(kept).collect();
            std::iter::once('…').chain(end.into_iter().rev()).collect()
        }
    }
}

/// How many characters fit together with `…`; `None` if all fit.
fn fitting(characters: impl Iterator<Item = char>, font: Font, room: usize) -> Option<usize> {
    let room = room * 1000 / font.size();
    let (mut used, mut kept) = (0, 0);
    for character in characters {
        used += thousandths(character);
        if used > room {
            return Some(kept);
        }
        kept += usize::from(used + thousandths('…') <= room);
    }
    None
}

/// A text in lines that fit, at most so many; `…` replaces the rest.
pub(super) fn wrap(text: &str, font: Font, room: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, font) <= room {
                *line = longer;
                continue;
            }
            if lines.len() == most {
                let line = lines.pop().unwrap_or_default();
                // Longer than the room, so that the cut shows.
                lines.push(cut(&format!("{line} {word}"), font, room));
                return lines;
            }
        }
        lines.push(cut(word, font, room));
    }
    lines
}

/// The elements of one picture.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    elements: String,
}

/// Where a text is relative to its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
}

impl Canvas {
    fn element(&mut self, element: &str) {
        self.elements.push_str(element);
        self.elements.push('\n');
    }

    pub fn rect(&mut self, class: &str, (x, y): (usize, usize), (width, height): (usize, usize)) {
        self.element(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
        ));
    }

    pub fn path(&mut self, class: &str, path: &str) {
        self.element(&format!("<path class=\"{class}\" d=\"{path}\"/>"));
    }

    /// A text that fits, with the full text as its tooltip if that is another. `class` is its color.
    pub fn text(
        &mut self,
        (x, y): (usize, usize),
        anchor: Anchor,
        (font, class): (Font, &str),
        shown: &str,
        full: &str,
    ) {
        let (shown, full) = (single_line(shown), single_line(full));
        let anchor = if anchor == Anchor::Middle { " text-anchor=\"middle\"" } else { "" };
        let space = if class.is_empty() { "" } else { " " };
        let title = if shown == full {
            String::new()
        } else {
            format!("<title>{}</title>", escaped(&full))
        };
        self.element(&format!(
            "<text class=\"{}{space}{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{title}{}</text>",
            font.class(),
            escaped(&shown)
        ));
    }

    /// Begins a group with a tooltip, which [`Canvas::end`] ends.
    pub fn begin(&mut self, title: &str) {
        self.element(&format!("<g><title>{}</title>", escaped(&single_line(title))));
    }

    pub fn end(&mut self) {
        self.element("</g>");
    }

    /// The picture as an element of a page, without style.
    pub fn inline(&self, title: &str, (width, height): (usize, usize)) -> String {
        self.finished("", title, (width, height))
    }

    /// The picture as a file.
    pub fn file(&self, title: &str, (width, height): (usize, usize)) -> String {
        self.finished(&format!("<style>{STYLE}</style>\n"), title, (width, height))
    }

    fn finished(&self, style: &str, title: &str, (width, height): (usize, usize)) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n<title>{}</title>\n{style}<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n{}</svg>\n",
            escaped(&single_line(title)),
            self.elements
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_shows_that_it_is_cut() {
        let long = "W".repeat(10_000);
        for font in [Font::Small, Font::Plain, Font::Strong, Font::Head] {
            for text in [
                long.as_str(),
                "漢字".repeat(40).as_str(),
                "👩‍🚀".repeat(40).as_str(),
                "é".repeat(60).as_str(),
            ] {
                for room in [20, 100, 280] {
                    for shown in [cut(text, font, room), cut_start(text, font, room)] {
                        assert!(width(&shown, font) <= room, "{shown}");
                        assert!(shown.contains('…'), "{shown}");
                    }
                    let lines = wrap(&format!("{text} {text} {text}"), font, room, 2);
                    assert!(lines.len() <= 2, "{lines:?}");
                    assert!(lines.iter().all(|line| width(line, font) <= room), "{lines:?}");
                    assert!(lines.last().unwrap().ends_with('…'), "{lines:?}");
                }
            }
            assert_eq!(cut("Hub_Org", font, 200), "Hub_Org");
        }
        assert!(cut_start("a/very/long/path/to/Hub.cls:12", Font::Small, 100).ends_with("cls:12"));
        assert_eq!(wrap("one two", Font::Plain, 400, 2), ["one two"]);
        assert!(wrap("", Font::Plain, 400, 2).is_empty());
    }

    #[test]
    fn text_is_never_markup() {
        let mut canvas = Canvas::default();
        let hostile = "]]><script>alert(1)</script>\"'\u{202e}\n<!--";
        canvas.begin(hostile);
        canvas.text((1, 2), Anchor::Start, (Font::Plain, "ok"), hostile, "other <b>");
        canvas.end();
        let svg = canvas.file(hostile, (10, 10));
        assert!(!svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<!--"));
        assert!(!svg.contains('\u{202e}'));
    }
}
