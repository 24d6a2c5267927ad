//! Markdown for a pull request comment. Text from files is shown literally and is never markup.

use std::io;

use super::Context;
use super::closing::closing;
use super::entry::{Entry, entries};
use super::graph::mermaid_text;
use super::layout::{UNBROKEN, count};
use super::links::page;
use super::sanitize::single_line;
use super::unchecked::unchecked;
use crate::finding::Severity;
use crate::graph::Graph;
use crate::pipeline::Report;

/// GitHub's limit for a comment in characters; applied to bytes, which are never fewer.
const LIMIT: usize = 65_536;
/// Bytes reserved for the end of the report.
const RESERVE: usize = 1_024;
/// The maximum length of a message in bytes.
const LONGEST: usize = 1_500;
/// The maximum number of related places of a finding.
const RELATED: usize = 8;
/// The maximum number of edges of the diagram.
const EDGES: usize = 12;

pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(rendered(report).as_bytes())
}

fn rendered(report: &Report) -> String {
    let entries = entries(report);
    let of_severity =
        |severity: Severity| entries.iter().filter(move |entry| entry.severity == severity);
    let counted = |severity: Severity| {
        count(of_severity(severity).count(), severity.name()).replace(UNBROKEN, " ")
    };
    let mut text = String::from("<!-- sfcred -->\n");
    if entries.is_empty() {
        text += "## sfcred: no findings\n";
    } else {
        text += &format!(
            "## sfcred: {}, {}, {}\n",
            counted(Severity::Error),
            counted(Severity::Warning),
            counted(Severity::Note)
        );
    }
    let mut filtered = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let items: Vec<String> = of_severity(severity).map(item).collect();
        if items.is_empty() {
            continue;
        }
        // Only the errors are expanded.
        let folded = severity != Severity::Error;
        text += &if folded {
            format!("\n<details>\n<summary>{}</summary>\n\n", counted(severity))
        } else {
            "\n".to_owned()
        };
        for item in items {
            if filtered > 0 || text.len() + item.len() + RESERVE > LIMIT {
                filtered += 1;
            } else {
                text += &item;
            }
        }
        text += if folded { "\n</details>\n" } else { "" };
    }
    if filtered > 0 {
        text += &format!(
            "\n**{} not shown**: a comment is limited to {LIMIT} characters. The log of the run contains all of them.\n",
            count(filtered, "finding").replace(UNBROKEN, " ")
        );
    }
    if let Some(diagram) =
        diagram(report).filter(|diagram| text.len() + diagram.len() + RESERVE <= LIMIT)
    {
        text += &diagram;
    }
    let closing = closing(report).replace(UNBROKEN, " ");
    text += &format!("\n{}\n", inline(&cut(&closing, RESERVE / 4)));
    for line in unchecked(report) {
        text += &format!("\n{}\n", inline(&cut(&line, RESERVE / 16)));
    }
    text
}

/// A diagram of the dependencies with errors, where the host draws Mermaid.
fn diagram(report: &Report) -> Option<String> {
    if report.findings.iter().all(|finding| finding.severity != Severity::Error) {
        return None;
    }
    let (graph, more) = Graph::new(report).faulty(EDGES)?;
    let more = match more {
        0 => String::new(),
        more => format!("\nThe diagram does not show {more} more.\n"),
    };
    Some(format!("\nWhere the errors are:\n\n```mermaid\n{}```\n{more}", mermaid_text(&graph)))
}

/// One finding as an item of a list.
fn item(entry: &Entry<'_>) -> String {
    let mut item = format!(
        "- **{}** [`{}`]({}) at {}<br>{}\n",
        entry.severity,
        entry.rule,
        page(entry.rule),
        code(&entry.place()),
        inline(&entry.message)
    );
    for related in entry.related.iter().take(RELATED) {
        let place = format!("{}:{}:{}", single_line(related.file), related.line, related.column);
        item += &format!(
            "  - see {}{}{}\n",
            code(&place),
            if related.message.is_empty() { "" } else { ": " },
            inline(&related.message)
        );
    }
    if let Some(help) = &entry.help {
        item += &format!("  - help: {}\n", inline(help));
    }
    if let Some(fix) = &entry.fix {
        item += &format!("  - fix: {}\n", inline(&fix.title));
    }
    item
}

fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        text.to_owned()
    } else {
        format!("{}…", &text[..text.floor_char_boundary(bytes)])
    }
}

/// A message: text between backticks remains code, and the rest is plain text.
fn inline(text: &str) -> String {
    let text = cut(&single_line(text), LONGEST);
    let parts: Vec<&str> = text.split('`').collect();
    let closed = parts.len() - (parts.len() + 1) % 2;
    let mut result = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index >= closed {
            result += &plain(&format!("`{part}"));
        } else if index % 2 == 1 {
            result += &code(part);
        } else {
            result += &plain(part);
        }
    }
    result
}

/// A code span: nothing in it is markup, a mention or a link.
pub fn code(text: &str) -> String {
    let text = cut(text, LONGEST);
    if text.trim().is_empty() {
        return "\\`\\`".to_owned();
    }
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let padding = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// Text without any meaning to Markdown or HTML. A zero-width character after `@`, `#` and the
/// like prevents mentions, and in a URL prevents a link.
fn plain(text: &str) -> String {
    const APART: &str = "&#8203;";
    let mut result = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        match character {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '$' | '+' | '-' | '=' | '^' => {
                result.push('\\');
                result.push(character);
            }
            '@' | '#' | '!' | '~' | '%' => {
                result.push('\\');
                result.push(character);
                if text[index..].chars().nth(1).is_some_and(char::is_alphanumeric) {
                    result.push_str(APART);
                }
            }
            ':' if text[index..].starts_with("://") => {
                result.push(':');
                result.push_str(APART);
            }
            '.' if text[..index].to_ascii_lowercase().ends_with("www") => {
                result.push_str(APART);
                result.push('.');
            }
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_files_is_shown_literally() {
        assert_eq!(inline("`a` is <script>"), "`a` is &lt;script&gt;");
        assert_eq!(
            inline("see @team, #12 and ![x](y)"),
            "see \\@&#8203;team, \\#&#8203;12 and \\!\\[x\\](y)"
        );
        assert_eq!(
            inline("https://evil.example www.evil.example"),
            "https:&#8203;//evil.example www&#8203;.evil.example"
        );
        assert_eq!(inline("a `b` c ` d"), "a `b` c \\` d");
        assert_eq!(inline("`<b>@x` *y*"), "`<b>@x` \\*y\\*");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
    }
}
