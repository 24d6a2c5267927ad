//! Inline allows: `<!-- sfcred: allow(rule) reason="…" until=2027-03-31 -->`, after `#` in YAML, after `//` in Apex.

use std::sync::LazyLock;

use regex::Regex;
use time::Date;
use time::macros::format_description;

use crate::model::{Allow, AllowScope};
use crate::source::{FileId, Kind, Located, Source, Span};

static ALLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"sfcred:[ \t]*allow\(([^()\n]*)\)([^\n]*)"#).expect("a constant pattern")
});
static RULE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[^\s,]+").expect("a constant pattern"));
static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\breason[ \t]*=[ \t]*(?:"([^"\n]*)"|“([^”\n]*)”|'([^'\n]*)')"#)
        .expect("a constant pattern")
});
static UNTIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\buntil[ \t]*=[ \t]*"?([^\s"]+)"#).expect("a constant pattern"));

/// The start and end of a comment in each syntax.
fn marks(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Apex => &[("//", ""), ("/*", "*/")],
        Kind::Description => &[("#", "")],
        Kind::SecretCandidate => &[("#", ""), ("<!--", "-->")],
        kind if kind.is_xml() => &[("<!--", "-->")],
        _ => &[],
    }
}

/// So much of a comment after the rules is read for the reason and the date.
const MAX_TAIL: usize = 10_000;

/// The next end of a comment; each part of the text is searched once.
#[derive(Default)]
struct Closes {
    found: Option<(&'static str, Option<usize>)>,
}

impl Closes {
    fn after(&mut self, text: &str, start: usize, close: &'static str) -> Option<usize> {
        match self.found {
            Some((same, None)) if same == close => None,
            Some((same, Some(at))) if same == close && at >= start => Some(at),
            _ => {
                let at = text[start..].find(close).map(|length| start + length);
                self.found = Some((close, at));
                at
            }
        }
    }
}

/// All inline allows of a file.
pub fn allows(file: FileId, source: &Source) -> Vec<Allow> {
    let text = source.text();
    let mut found = Vec::new();
    if memchr::memmem::find(text.as_bytes(), b"sfcred:").is_none() {
        return found;
    }
    let mut closes = Closes::default();
    let newlines: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    for capture in ALLOW.captures_iter(text) {
        let (Some(all), Some(rules), Some(rest)) = (capture.get(0), capture.get(1), capture.get(2))
        else {
            continue;
        };
        let before = text[..all.start()].trim_end_matches([' ', '\t']);
        let Some((open, close)) =
            marks(source.kind).iter().find(|(open, _)| before.ends_with(open))
        else {
            continue;
        };
        let start = before.len() - open.len();
        let (tail, end) = if close.is_empty() {
            (rest.as_str(), all.start() + all.as_str().trim_end().len())
        } else {
            let Some(end) = closes.after(text, rules.end(), close) else { continue };
            let tail = &text[rules.end() + 1..end];
            (&tail[..tail.floor_char_boundary(MAX_TAIL)], end + close.len())
        };
        let comment = Span::new(file, start, end);
        let offset = rules.end() + 1;
        let mut fault = None;
        let reason = REASON.captures(tail).is_some_and(|found| {
            found.iter().skip(1).flatten().any(|text| !text.as_str().trim().is_empty())
        });
        if !reason {
            fault = Some("it gives no reason (`reason=\"…\"`)".to_owned());
        }
        let until = UNTIL.captures(tail).and_then(|found| found.get(1)).and_then(|day| {
            let parsed = Date::parse(day.as_str(), format_description!("[year]-[month]-[day]"));
            if parsed.is_err() {
                fault = Some(format!(
                    "`{}` is not a valid date (write it as `2027-03-31`)",
                    day.as_str()
                ));
            }
            Some(Located::new(
                parsed.ok()?,
                Span::new(file, offset + day.start(), offset + day.end()),
            ))
        });
        let names: Vec<_> = RULE.find_iter(rules.as_str()).collect();
        let last = newlines.partition_point(|newline| *newline < end) + 1;
        for name in &names {
            found.push(Allow {
                rule: Located::new(
                    name.as_str().to_owned(),
                    Span::new(file, rules.start() + name.start(), rules.start() + name.end()),
                ),
                scope: AllowScope::Lines { place: comment, last },
                until,
                fault: fault.clone(),
                forbidden: false,
                whole: (names.len() == 1).then_some(comment),
                is_whole_scope: true,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Content, Encoding};

    fn read(kind: Kind, text: &str) -> Vec<Allow> {
        let source = Source {
            path: "x".into(),
            name: "x".into(),
            kind,
            content: Content::Text(text.into()),
            encoding: Encoding::Utf8 { byte_order_mark: false },
            ignored: false,
        };
        allows(FileId(0), &source)
    }

    #[test]
    fn comments_of_each_syntax_are_read() {
        let found = read(
            Kind::ConnectedApp,
            "<a>\n<!-- sfcred: allow(app-full-scope, audience-*) reason=\"scratch orgs\" until=2027-03-31 -->\n</a>",
        );
        assert_eq!(
            found.iter().map(|allow| allow.rule.value.as_str()).collect::<Vec<_>>(),
            ["app-full-scope", "audience-*"]
        );
        assert!(found[0].fault.is_none() && found[0].until.is_some() && found[0].whole.is_none());
        assert!(matches!(found[0].scope, AllowScope::Lines { last: 2, .. }));
        assert_eq!(
            read(Kind::Apex, "x(); // sfcred: allow(endpoint-hard-coded) reason='x'").len(),
            1
        );
        assert_eq!(
            read(Kind::Description, "a: b # sfcred: allow(claim-missing) reason=\"x\"").len(),
            1
        );
        assert_eq!(read(Kind::Description, "a: 'sfcred: allow(claim-missing)'").len(), 0);
        assert_eq!(read(Kind::ConnectedApp, "<a>sfcred: allow(claim-missing)</a>").len(), 0);
    }

    #[test]
    fn an_allow_needs_a_reason_and_a_real_day() {
        assert!(read(Kind::Apex, "// sfcred: allow(x)")[0].fault.is_some());
        assert!(
            read(Kind::Apex, "// sfcred: allow(x) reason=\"y\" until=2027-13-01")[0]
                .fault
                .is_some()
        );
        assert!(
            read(Kind::Apex, "// sfcred: allow(x) reason=\"y\" until=2027-12-01")[0]
                .fault
                .is_none()
        );
    }
}
