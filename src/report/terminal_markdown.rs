//! Renders the Markdown of the bundled pages for a terminal and as HTML: only the syntax that the pages use.

use std::sync::LazyLock;

use regex::Regex;

use super::Style;
use super::layout::{hanging, width, wrap};
use super::paint;
use super::sanitize::for_terminal;

/// Zero-width marks for emphasis, replaced by terminal styles once all lines are broken.
const BOLD: char = '\u{2061}';
const ITALIC: char = '\u{2062}';
const END: char = '\u{2063}';

static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[([^\]]+)\]\(([^)]+)\)").expect("a constant pattern"));

enum Block {
    Heading(String),
    Paragraph(String),
    Item { bullet: String, text: String },
    Code(Vec<String>),
    Table(Vec<Vec<String>>),
}

/// One line without emphasis.
pub(super) fn plain(text: &str, unicode: bool) -> String {
    inline(&for_terminal(text, unicode))
        .chars()
        .filter(|character| ![BOLD, ITALIC, END].contains(character))
        .collect()
}

/// Text with emphasis, after a heading; its other lines are aligned to the first.
pub(super) fn entry(heading: &str, text: &str, style: Style) -> String {
    finished(&hanging(heading, &inline(&for_terminal(text, style.unicode)), style.width), style)
}

pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |stop| &text[..=stop])
}

pub(super) fn bold(text: &str, style: Style) -> String {
    finished(&format!("{BOLD}{text}{END}"), style)
}

/// The body of a page, without a line break at the end.
pub(super) fn rendered(body: &str, style: Style) -> String {
    let mut result = String::new();
    let mut after_item = false;
    for block in blocks(body) {
        let item = matches!(block, Block::Item { .. });
        if !result.is_empty() {
            result.push_str(if item && after_item { "\n" } else { "\n\n" });
        }
        after_item = item;
        result.push_str(&match block {
            Block::Heading(text) => bold(&plain(&text, style.unicode), style),
            Block::Paragraph(text) => entry("", &text, style),
            Block::Item { bullet, text } => entry(&format!("  {bullet} "), &text, style),
            Block::Code(lines) => lines
                .iter()
                .map(|line| {
                    format!("    {}", for_terminal(line, style.unicode)).trim_end().to_owned()
                })
                .collect::<Vec<_>>()
                .join("\n"),
            Block::Table(rows) => table(&rows, style),
        });
    }
    result
}

/// The body of a page as HTML; `escape` makes text harmless.
pub(super) fn html(body: &str, escape: &dyn Fn(&str) -> String) -> String {
    let mut result = String::new();
    let mut list: Option<&str> = None;
    for block in blocks(body) {
        let kind = match &block {
            Block::Item { bullet, .. } if bullet == "-" => Some("ul"),
            Block::Item { .. } => Some("ol"),
            Block::Heading(_) | Block::Paragraph(_) | Block::Code(_) | Block::Table(_) => None,
        };
        if kind != list {
            result += &list.map_or(String::new(), |list| format!("</{list}>\n"));
            result += &kind.map_or(String::new(), |list| format!("<{list}>\n"));
            list = kind;
        }
        result += &match block {
            Block::Heading(text) => format!("<h3>{}</h3>\n", inline_html(&text, escape)),
            Block::Paragraph(text) => format!("<p>{}</p>\n", inline_html(&text, escape)),
            Block::Item { text, .. } => format!("<li>{}</li>\n", inline_html(&text, escape)),
            Block::Code(lines) => {
                format!("<pre tabindex=\"0\">{}</pre>\n", escape(&lines.join("\n")))
            }
            Block::Table(rows) => {
                let row = |(index, row): (usize, &Vec<String>)| {
                    let tag = if index == 0 { "th" } else { "td" };
                    let cells = row.iter();
                    let cells =
                        cells.map(|cell| format!("<{tag}>{}</{tag}>", inline_html(cell, escape)));
                    format!("<tr>{}</tr>\n", cells.collect::<String>())
                };
                let rows: String = rows.iter().enumerate().map(row).collect();
                format!("<table>\n{rows}</table>\n")
            }
        };
    }
    result + &list.map_or(String::new(), |list| format!("</{list}>\n"))
}

/// Links, code and emphasis of one text.
fn inline_html(text: &str, escape: &dyn Fn(&str) -> String) -> String {
    let mut result = String::new();
    let mut at = 0;
    for found in LINK.captures_iter(text) {
        let (Some(whole), Some(words), Some(address)) = (found.get(0), found.get(1), found.get(2))
        else {
            continue;
        };
        result += &emphasis(&text[at..whole.start()], escape);
        let words = emphasis(words.as_str(), escape);
        result += &if address.as_str().starts_with("https://") {
            format!("<a href=\"{}\">{words}</a>", escape(address.as_str()))
        } else {
            words
        };
        at = whole.end();
    }
    result + &emphasis(&text[at..], escape)
}

fn emphasis(text: &str, escape: &dyn Fn(&str) -> String) -> String {
    let mut result = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut plain = String::new();
    // Closes an element up to itself, or opens it.
    let mut toggle = |name: &'static str, result: &mut String| {
        if let Some(position) = open.iter().rposition(|known| *known == name) {
            for name in open.drain(position..).rev() {
                *result += &format!("</{name}>");
            }
        } else {
            open.push(name);
            *result += &format!("<{name}>");
        }
        open.clone()
    };
    let mut opened: Vec<&str> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let in_code = opened.contains(&"code");
        let name = match character {
            '`' => Some("code"),
            '*' if !in_code && characters.next_if_eq(&'*').is_some() => Some("strong"),
            '*' if !in_code
                && (opened.contains(&"em")
                    || characters.peek().is_some_and(|next| !next.is_whitespace())) =>
            {
                Some("em")
            }
            _ => None,
        };
        match name {
            Some(name) => {
                result += &escape(&std::mem::take(&mut plain));
                opened = toggle(name, &mut result);
            }
            None => plain.push(character),
        }
    }
    result += &escape(&plain);
    for name in opened.iter().rev() {
        result += &format!("</{name}>");
    }
    result
}

fn blocks(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = body.lines().peekable();
    let mut open = false;
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            open = false;
        } else if trimmed.starts_with("```") {
            blocks.push(Block::Code(
                lines
                    .by_ref()
                    .take_while(|line| !line.trim().starts_with("```"))
                    .map(str::to_owned)
                    .collect(),
            ));
            open = false;
        } else if let Some(heading) =
            trimmed.strip_prefix("## ").or_else(|| trimmed.strip_prefix("### "))
        {
            blocks.push(Block::Heading(heading.to_owned()));
            open = false;
        } else if trimmed.starts_with('|') {
            let mut rows = vec![cells(trimmed)];
            while let Some(row) = lines.next_if(|line| line.trim().starts_with('|')) {
                rows.push(cells(row.trim()));
            }
            rows.retain(|row| {
                !row.iter().all(|cell| cell.chars().all(|character| "-: ".contains(character)))
            });
            blocks.push(Block::Table(rows));
            open = false;
        } else if let Some((bullet, text)) = item(trimmed) {
            blocks.push(Block::Item { bullet: bullet.to_owned(), text: text.to_owned() });
            open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text) | Block::Item { text, .. }) if open => {
                    text.push(' ');
                    text.push_str(trimmed);
                }
                _ => blocks.push(Block::Paragraph(trimmed.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

fn item(line: &str) -> Option<(&str, &str)> {
    let (bullet, text) = line.split_once(' ')?;
    let numbered = bullet.strip_suffix('.').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    (bullet == "-" || numbered).then(|| (bullet, text.trim_start()))
}

fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// In columns if they fit, else each row as a list under its first cell.
fn table(rows: &[Vec<String>], style: Style) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| inline(&for_terminal(cell, style.unicode))).collect())
        .collect();
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let columns: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut lines = Vec::new();
    if columns.iter().sum::<usize>() + 2 * columns.len() <= style.width {
        for (index, row) in rows.iter().enumerate() {
            let padded: Vec<String> = row
                .iter()
                .zip(&columns)
                .map(|(cell, column)| format!("{cell}{}", " ".repeat(column - width(cell))))
                .collect();
            let line = format!("  {}", padded.join("  ")).trim_end().to_owned();
            lines.push(if index == 0 { format!("{BOLD}{line}{END}") } else { line });
        }
    } else {
        for row in body {
            lines.extend(
                wrap(
                    &format!("{BOLD}{}{END}", row.first().map_or("", String::as_str)),
                    style.width.saturating_sub(2),
                )
                .into_iter()
                .map(|line| format!("  {line}")),
            );
            for (name, cell) in head.iter().zip(row).skip(1) {
                lines.push(hanging(&format!("    {name}: "), cell, style.width));
            }
        }
    }
    finished(&lines.join("\n"), style)
}

/// Emphasis becomes zero-width marks; code keeps its backticks.
fn inline(text: &str) -> String {
    let text = LINK.replace_all(text, |found: &regex::Captures<'_>| {
        if found[2].contains("://") {
            format!("{} ({})", &found[1], &found[2])
        } else {
            found[1].to_owned()
        }
    });
    let mut result = String::with_capacity(text.len());
    let (mut code, mut bold, mut italic) = (false, false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '`' => {
                code = !code;
                result.push('`');
            }
            '*' if !code && characters.next_if_eq(&'*').is_some() => {
                result.push(if bold { END } else { BOLD });
                bold = !bold;
            }
            '*' if !code
                && (italic || characters.peek().is_some_and(|next| !next.is_whitespace())) =>
            {
                result.push(if italic { END } else { ITALIC });
                italic = !italic;
            }
            other => result.push(other),
        }
    }
    result
}

fn finished(text: &str, style: Style) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            BOLD | ITALIC | END if !style.color => {}
            BOLD => result.push_str(&paint::BOLD.render().to_string()),
            ITALIC => result.push_str(&paint::ITALIC.render().to_string()),
            END => result.push_str(&anstyle::Reset.render().to_string()),
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style =
        Style { width: 40, color: false, unicode: true, quiet: false, hyperlinks: false };

    #[test]
    fn paragraphs_lists_and_code_keep_their_form() {
        let body = "One two three four five six seven eight\nnine ten, *Setup > Users*.\n\n## How\n\n1. First of\n   all\n2. **Then**\n\n```xml\n<a>\n  <b/>\n```\n";
        let expected = "One two three four five six seven eight\nnine ten, Setup > Users.\n\nHow\n\n  1. First of all\n  2. Then\n\n    <a>\n      <b/>";
        assert_eq!(rendered(body, STYLE), expected);
    }

    #[test]
    fn html_has_the_same_blocks_and_no_other_markup() {
        let body = "One `a<b>` *Setup > Users*.\n\n## How\n\n1. First\n2. **Then** [x](https://a.example) [y](z.md)\n\n```xml\n<a/>\n```\n\n| a |\n| --- |\n| `b` |\n";
        let escape = |text: &str| text.replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(
            html(body, &escape),
            "<p>One <code>a&lt;b&gt;</code> <em>Setup &gt; Users</em>.</p>\n<h3>How</h3>\n<ol>\n<li>First</li>\n<li><strong>Then</strong> <a href=\"https://a.example\">x</a> y</li>\n</ol>\n<pre tabindex=\"0\">&lt;a/&gt;</pre>\n<table>\n<tr><th>a</th></tr>\n<tr><td><code>b</code></td></tr>\n</table>\n"
        );
    }

    #[test]
    fn a_wide_table_becomes_a_list() {
        let narrow = "| a | b |\n| --- | --- |\n| one | `two` |\n";
        assert_eq!(rendered(narrow, STYLE), "  a    b\n  one  `two`");
        let wide = "| a | what it means |\n| --- | --- |\n| one | a rather long sentence about this and that |\n";
        assert_eq!(
            rendered(wide, STYLE),
            "  one\n    what it means: a rather long\n                   sentence about this\n                   and that"
        );
    }

    #[test]
    fn emphasis_is_shown_on_a_terminal_with_color() {
        let style = Style { color: true, ..STYLE };
        assert_eq!(
            rendered("*a* `*.crt` **b**", style),
            "\u{1b}[3ma\u{1b}[0m `*.crt` \u{1b}[1mb\u{1b}[0m"
        );
    }
}
