//! A unified diff for `git apply`: exact bytes, without any line that contains a secret or a
//! control character.

use std::io::Write as _;
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::Style;
use super::paint::{BOLD, CYAN, GREEN, RED};
use super::sanitize::without_commands;
use crate::mask::{Mask, Notation, masks};
use crate::source::is_invisible;

/// The number of unchanged lines to show around a change.
const CONTEXT: usize = 3;

/// A file before and after; one of them is `None` if the file is created or removed.
pub struct Pair<'a> {
    /// Relative to the folder in which the patch will be applied, with `/`; begins with `/` if it
    /// is outside of it.
    pub name: Vec<u8>,
    pub before: Option<Version<'a>>,
    pub after: Option<Version<'a>>,
}

/// One version: as text with its secrets, and as bytes.
pub struct Version<'a> {
    pub text: &'a str,
    pub bytes: &'a [u8],
    pub concealed: Vec<Range<usize>>,
    pub notation: Notation,
}

/// The patch of one file, or the reason why there is none.
pub type Patch = Result<Vec<u8>, &'static str>;

/// Compares two versions of a file.
pub fn patch(pair: &Pair<'_>, style: Style) -> Patch {
    if [&pair.before, &pair.after].into_iter().flatten().any(|version| version.bytes.contains(&0)) {
        return Err("it is UTF-16, which a unified diff cannot contain");
    }
    if pair.name.starts_with(b"/") {
        return Err("it is outside of this folder, so `git apply` cannot reach it from here");
    }
    if without_commands(&String::from_utf8_lossy(&pair.name)) != String::from_utf8_lossy(&pair.name)
    {
        return Err("its name is a command to a build server");
    }
    let (before, after) = (Lines::of(pair.before.as_ref()), Lines::of(pair.after.as_ref()));
    let blocks = blocks(&before, &after)
        .ok_or("a value that is not shown, or a control character, is in the changed lines or right below them")?;
    let name = quoted(&pair.name);
    let unpadded = |prefix: &str| {
        let mut name = name(prefix);
        name.pop_if(|last| *last == b'\t');
        name
    };
    let mut out = Vec::new();
    let paint = Paint { color: style.color };
    let (mut old, mut new) = (name("a/"), name("b/"));
    let change = match (&pair.before, &pair.after) {
        (None, _) => Some(("new file mode 100644", &mut old)),
        (_, None) => Some(("deleted file mode 100644", &mut new)),
        (Some(_), Some(_)) => None,
    };
    if let Some((mode, missing)) = change {
        let header = [b"diff --git ", unpadded("a/").as_slice(), b" ", &unpadded("b/")].concat();
        paint.line(&mut out, Some(BOLD), &header);
        paint.line(&mut out, Some(BOLD), mode.as_bytes());
        *missing = b"/dev/null".to_vec();
    }
    paint.line(&mut out, Some(BOLD), &[b"--- ", old.as_slice()].concat());
    paint.line(&mut out, Some(BOLD), &[b"+++ ", new.as_slice()].concat());
    for hunk in hunks(blocks) {
        write_hunk(&hunk, &before, &after, &paint, &mut out);
    }
    Ok(out)
}

struct Lines<'a> {
    all: Vec<&'a [u8]>,
    hidden: Vec<bool>,
}

impl<'a> Lines<'a> {
    /// In every supported encoding except UTF-16, the byte of a line feed is part of no other
    /// character.
    fn of(version: Option<&Version<'a>>) -> Self {
        let Some(version) = version else { return Lines { all: Vec::new(), hidden: Vec::new() } };
        let all: Vec<&[u8]> = version.bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let masks = masks(version.notation, version.text, version.concealed.iter().cloned());
        let mut hidden_ranges =
            masks.into_iter().filter(Mask::is_hidden).map(|mask| mask.range).peekable();
        let mut hidden = Vec::with_capacity(all.len());
        let mut start = 0;
        for line in version.text.split_inclusive('\n') {
            let end = start + line.len();
            while hidden_ranges.next_if(|range| range.end <= start).is_some() {}
            let holds_secret = hidden_ranges.peek().is_some_and(|range| range.start < end);
            hidden.push(
                holds_secret
                    || without_commands(line) != line
                    || line.chars().any(|character| {
                        !matches!(character, '\n' | '\r' | '\t') && is_invisible(character)
                    }),
            );
            start = end;
        }
        hidden.resize(all.len(), false);
        Lines { all, hidden }
    }

    fn hides(&self, range: Range<usize>) -> bool {
        self.hidden[range].contains(&true)
    }
}

/// Lines that change, and how many unchanged ones are shown around them.
struct Block {
    old: Range<usize>,
    new: Range<usize>,
    lead: usize,
    trail: usize,
}

/// `None` if a change cannot be shown, or not in a way that `git apply` can locate.
fn blocks(before: &Lines<'_>, after: &Lines<'_>) -> Option<Vec<Block>> {
    let mut blocks: Vec<Block> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &before.all, &after.all) {
        let (tag, old, new) = operation.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        match blocks.last_mut() {
            Some(last) if last.old.end == old.start => {
                (last.old.end, last.new.end) = (old.end, new.end)
            }
            _ => blocks.push(Block { old, new, lead: 0, trail: 0 }),
        }
    }
    let ends: Vec<(usize, usize)> =
        blocks.iter().map(|block| (block.old.end, block.old.start)).collect();
    for (index, block) in blocks.iter_mut().enumerate() {
        if before.hides(block.old.clone()) || after.hides(block.new.clone()) {
            return None;
        }
        let first = if index == 0 { 0 } else { ends[index - 1].0 };
        let last = ends.get(index + 1).map_or(before.all.len(), |(_, start)| *start);
        let is_printable = |line: &usize| !before.hidden[*line];
        block.lead = (first..block.old.start).rev().take(CONTEXT).take_while(is_printable).count();
        block.trail = (block.old.end..last).take(CONTEXT).take_while(is_printable).count();
        // Without a line below it, git assumes that a hunk reaches the end of the file.
        let touches_next = block.old.end == last && last < before.all.len();
        if block.trail == 0 && block.old.end < before.all.len() && !touches_next {
            return None;
        }
    }
    Some(blocks)
}

/// Joins blocks whose context overlaps.
fn hunks(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut hunks: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        match hunks.last_mut() {
            Some(hunk)
                if hunk.last().is_some_and(|last| {
                    last.old.end + last.trail + block.lead >= block.old.start
                }) =>
            {
                hunk.push(block)
            }
            _ => hunks.push(vec![block]),
        }
    }
    hunks
}

fn write_hunk(
    hunk: &[Block],
    before: &Lines<'_>,
    after: &Lines<'_>,
    paint: &Paint,
    out: &mut Vec<u8>,
) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let old = first.old.start - first.lead..last.old.end + last.trail;
    let new = first.new.start - first.lead..last.new.end + last.trail;
    let side = |range: &Range<usize>| {
        format!("{},{}", if range.is_empty() { range.start } else { range.start + 1 }, range.len())
    };
    paint.line(out, Some(CYAN), format!("@@ -{} +{} @@", side(&old), side(&new)).as_bytes());
    let mut at = old.start;
    for block in hunk {
        before.all[at..block.old.start]
            .iter()
            .for_each(|line| paint.file_line(out, None, b' ', line));
        before.all[block.old.clone()]
            .iter()
            .for_each(|line| paint.file_line(out, Some(RED), b'-', line));
        after.all[block.new.clone()]
            .iter()
            .for_each(|line| paint.file_line(out, Some(GREEN), b'+', line));
        at = block.old.end;
    }
    before.all[at..old.end].iter().for_each(|line| paint.file_line(out, None, b' ', line));
}

struct Paint {
    color: bool,
}

impl Paint {
    fn line(&self, out: &mut Vec<u8>, color: Option<anstyle::Style>, line: &[u8]) {
        let color = color.filter(|_| self.color).unwrap_or_default();
        out.extend(
            [format!("{color}").as_bytes(), line, format!("{color:#}\n").as_bytes()].concat(),
        );
    }

    fn file_line(&self, out: &mut Vec<u8>, color: Option<anstyle::Style>, sign: u8, line: &[u8]) {
        let content = line.strip_suffix(b"\n");
        self.line(out, color, &[&[sign], content.unwrap_or(line)].concat());
        if content.is_none() {
            out.extend(b"\\ No newline at end of file\n");
        }
    }
}

/// As git writes names: quoted if a byte is not printable ASCII, followed by a tab if it contains a
/// space.
fn quoted(name: &[u8]) -> impl Fn(&str) -> Vec<u8> + '_ {
    move |prefix| {
        let plain =
            name.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        let mut result = Vec::new();
        if plain {
            result.extend([prefix.as_bytes(), name].concat());
            if name.contains(&b' ') {
                result.push(b'\t');
            }
            return result;
        }
        // Writing to a vector cannot fail.
        let _ = write!(result, "\"{prefix}");
        for byte in name {
            let _ = match byte {
                b'"' | b'\\' => write!(result, "\\{}", char::from(*byte)),
                b' '..=b'~' => write!(result, "{}", char::from(*byte)),
                other => write!(result, "\\{other:03o}"),
            };
        }
        result.push(b'"');
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style =
        Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

    fn version(text: &str) -> Version<'_> {
        Version { text, bytes: text.as_bytes(), concealed: Vec::new(), notation: Notation::Apex }
    }

    fn of(name: &str, before: &str, after: &str) -> Result<String, &'static str> {
        patch(
            &Pair {
                name: name.as_bytes().to_vec(),
                before: Some(version(before)),
                after: Some(version(after)),
            },
            STYLE,
        )
        .map(|patch| String::from_utf8(patch).unwrap())
    }

    #[test]
    fn a_change_is_shown_with_the_lines_around_it() {
        let patch =
            of("a.xml", "1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nx\ny\n6\n7\n8\n9!").unwrap();
        assert_eq!(
            patch,
            "--- a/a.xml\n+++ b/a.xml\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+x\n+y\n 6\n 7\n 8\n-9\n\\ No newline at end of file\n+9!\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn names_are_written_as_git_writes_them() {
        assert!(of("a b.xml", "1", "2").unwrap().starts_with("--- a/a b.xml\t\n+++ b/a b.xml\t\n"));
        assert!(of("ä\"\u{1b}", "1", "2").unwrap().starts_with("--- \"a/\\303\\244\\\"\\033\"\n"));
        assert!(of("/a", "1", "2").is_err());
    }

    #[test]
    fn no_line_with_a_secret_is_shown() {
        let with =
            |secret: &str| format!("1\n2\nkey = '{secret}';\n4\nold\n6\n7\nkey = '{secret}';\n9\n");
        let text = with("MARK");
        let patch = of("a.xml", &text, &text.replace("old", "new")).unwrap();
        assert_eq!(patch, "--- a/a.xml\n+++ b/a.xml\n@@ -4,4 +4,4 @@\n 4\n-old\n+new\n 6\n 7\n");
        assert!(of("a.xml", "a\nkey = 'MARK';\n", "b\nkey = 'MARK';\n").is_err());
        assert!(of("a.xml", "<a/>key = 'MARK';\n", "<b/>key = 'MARK';\n").is_err());
        assert!(of("a.xml", "a\u{1b}[0m\n", "b\n").is_err());
    }
}
