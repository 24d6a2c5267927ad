//! Redacted quotes from a log, limited to the text around a recognized message.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::redact::line_redactions;
use crate::diagnose::Excerpt;

/// The number of characters to show before a match.
const BEFORE: usize = 110;
/// The number of characters to show after a match.
const AFTER: usize = 190;
/// The number of characters of the match to show.
const RECOGNIZED: usize = 400;

/// Values after a name that announces a secret, in a request, a response or a log.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        (?<name> token | secret | assertion | pass(?:word|wd|phrase|code)? | pwd | \bsid | session[\ _-]?id | authorization | cookie | signature
          | (?:api|private|access|encryption|signing)[\ _-]?key | verifier | \bauth[\ _-]?code | credentials | auth[\ _-]?url | \bjwt )
        ["']? \s* (?: => | [=:] ) \s*
        (?: "(?<double>[^"]*) | '(?<single>[^']*) | (?<bare>(?:(?:Bearer|Basic|OAuth|Token|Digest)\s+)?[^\s"',;&<>]+) )
        | \b(?:Bearer|Basic|OAuth)\s+(?<scheme>[A-Za-z0-9._~+/=!-]{12,})
        | (?:[?&\s]|^)code=(?<code>[^\s"'&<>]+)
        | <(?:\w+:)?(?:\w*token|\w*secret|\w*password|session_?id|sid)\s*>\s*(?<element>[^<]+)
        | ://[^\s/@:]*:(?<user>[^\s/@]+)@
        | \b(?<jwt>eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*)
        | \b(?<session>00D[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._]+)
        | \b(?<refresh>5Aep[A-Za-z0-9._]{20,})
        "#,
    )
    .expect("a constant pattern")
});

/// Long runs that may be a token.
static OPAQUE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9_.!~=-]{40,}").expect("a constant pattern"));

/// The text around a match, redacted, on one line.
pub(super) fn excerpt(passage: &Excerpt) -> String {
    let (text, mark) = hidden(&passage.text, &passage.mark);
    let start = back(&text, mark.start, BEFORE);
    let end = ahead(&text, mark.end.min(ahead(&text, mark.start, RECOGNIZED)), AFTER);
    let mut quote = text.get(start..end).unwrap_or_default().trim().to_owned();
    if start > 0 {
        quote.insert_str(0, "… ");
    }
    if end < text.len() {
        quote.push_str(" …");
    }
    quote
}

/// The text without secrets, and the range of the mark in it.
fn hidden(text: &str, mark: &Range<usize>) -> (String, Range<usize>) {
    let named = NAMED.captures_iter(text).filter_map(|found| {
        let group = [
            "double", "single", "bare", "scheme", "code", "element", "user", "jwt", "session",
            "refresh",
        ]
        .into_iter()
        .find_map(|name| found.name(name))?;
        (!is_plain(text, &found, group)).then(|| group.range())
    });
    let opaque =
        OPAQUE.find_iter(text).filter(|run| is_opaque(run.as_str())).map(|run| run.range());
    let redactions = line_redactions(text, named.chain(opaque));
    let mut result = String::with_capacity(text.len());
    let (mut start, mut end) = (None, None);
    let mut done = 0;
    for redaction in &redactions {
        place(mark, done, redaction.range.start, result.len(), &mut start, &mut end);
        result.push_str(text.get(done..redaction.range.start).unwrap_or_default());
        let before = result.len();
        result.push_str(&redaction.placeholder(text));
        if start.is_none() && mark.start < redaction.range.end {
            start = Some(before);
        }
        if end.is_none() && mark.end <= redaction.range.end && mark.end > redaction.range.start {
            end = Some(result.len());
        }
        done = redaction.range.end;
    }
    place(mark, done, text.len() + 1, result.len(), &mut start, &mut end);
    result.push_str(text.get(done..).unwrap_or_default());
    let start = start.unwrap_or_default().min(result.len());
    let end = end.unwrap_or(result.len()).clamp(start, result.len());
    (result, start..end)
}

/// Whether a value is a word of a sentence, as in `INVALID_SESSION_ID: Session expired`,
/// `auth:jwt:grant` or `OAuth authorization`. Passwords and secrets can be words; other secrets are
/// generated.
fn is_plain(text: &str, found: &Captures<'_>, value: Match<'_>) -> bool {
    if matches!(value.as_str(), "null" | "true" | "false" | "undefined" | "") {
        return true;
    }
    if found.name("scheme").is_some() {
        return is_word(value.as_str());
    }
    let Some(name) = found.name("name") else { return false };
    let before = &text.as_bytes()[name.start().saturating_sub(8)..name.start()];
    let announced = name.as_str().to_ascii_lowercase();
    if announced.starts_with("session") && before.to_ascii_lowercase().ends_with(b"invalid_") {
        return true;
    }
    let chosen = ["pass", "pwd", "secret", "code"].iter().any(|word| announced.contains(word));
    found.name("bare").is_some() && !chosen && is_word(value.as_str())
}

/// A word of lowercase letters that may start with a capital one.
fn is_word(value: &str) -> bool {
    const LONGEST: usize = 20;
    let letters = value.trim_end_matches(['.', ':', '!', '?', ')', ']']);
    let rest = letters.strip_prefix(|first: char| first.is_ascii_alphabetic());
    letters.len() <= LONGEST
        && rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Sets the ends of the mark if they are in this part of the text, which is copied unchanged.
fn place(
    mark: &Range<usize>,
    from: usize,
    to: usize,
    at: usize,
    start: &mut Option<usize>,
    end: &mut Option<usize>,
) {
    if start.is_none() && (from..to).contains(&mark.start) {
        *start = Some(at + mark.start - from);
    }
    if end.is_none() && (from..to).contains(&mark.end) {
        *end = Some(at + mark.end - from);
    }
}

/// Letters and digits that are not words. Consumer keys are shortened, not hidden.
fn is_opaque(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let upper = run.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = run.bytes().filter(u8::is_ascii_lowercase).count();
    digits >= 3 && (upper >= 3 || lower >= 3) && !run.contains("3MVG9") && !run.ends_with(".com")
}

/// At most `count` characters before a place, from the start of a word if one is near.
fn back(text: &str, from: usize, count: usize) -> usize {
    let before = text.get(..from).unwrap_or_default();
    match before.char_indices().rev().nth(count) {
        None => 0,
        Some((cut, _)) => before
            .get(cut..)
            .and_then(|rest| rest.find([' ', '|', ',', '{']))
            .map_or(cut, |at| cut + at + 1),
    }
}

/// At most `count` characters after a place, to the end of a word if one is near.
fn ahead(text: &str, from: usize, count: usize) -> usize {
    let after = text.get(from..).unwrap_or_default();
    match after.char_indices().nth(count) {
        None => text.len(),
        Some((cut, _)) => {
            from + after
                .get(..cut)
                .and_then(|part| part.rfind([' ', '|', ',']))
                .filter(|at| *at > 0)
                .unwrap_or(cut)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, said: &str) -> String {
        let start = text.find(said).unwrap();
        excerpt(&Excerpt { line: 1, text: text.to_owned(), mark: start..start + said.len() })
    }

    #[test]
    fn secrets_are_hidden() {
        for secret in [
            "access_token=00D5g00000ABCde!AQEAQMARKMARKMARKMARK",
            "{\"refresh_token\": \"5Aep861MARK MARK\"}",
            "client_secret=MARK1234",
            "Authorization: Bearer MARKMARKMARK",
            "HTTP Header Authorization=Bearer MARKMARK",
            "assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJNQVJLIn0.MARK",
            "eyJhbGciOiJSUzI1NiJ9.eyJNQVJLTUFSSyI6MX0",
            "password: 'MARK and MARK'",
            "sid=MARKMARK;",
            "force://PlatformCLI::MARK@acme.my.salesforce.com",
            "https://user:MARK@host/path",
            "<sessionId>MARK</sessionId>",
            "?code=aPrxMARK&state=1",
            "INVALID_SESSION_ID: 00D5g00000ABCde!AQEAQMARKMARKMARKMARK",
            "jwt:MARKmark1",
            "Bearer MARKmarkMARKmark",
            "password: mARKMARK",
            "x4MARK0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567",
        ] {
            for text in
                [format!("{secret} invalid assertion"), format!("invalid assertion {secret}")]
            {
                let shown = shown(&text, "invalid assertion");
                assert!(
                    !shown.contains("MARK") && shown.contains("invalid assertion"),
                    "{text}: {shown}"
                );
            }
        }
    }

    #[test]
    fn messages_stay_as_they_are() {
        for text in [
            "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: expired access/refresh token..",
            "INVALID_SESSION_ID: Session expired or invalid token",
            "INVALID_SESSION_ID: SESSION EXPIRED, NO token",
            "sfdx force:auth:jwt:grant without a token",
            "the OAuth flow returned no token: expired",
            "OAuth authorization needs a token",
            "Basic authentication, and Authorization=Not Set, no token",
            "FATAL_ERROR|refresh_token scope is required and the connected app should be installed and preauthorized..",
        ] {
            assert_eq!(shown(text, "token"), text);
        }
    }

    #[test]
    fn a_long_line_is_cut_around_what_was_recognized() {
        let text =
            format!("{}audience is invalid{}", "one two ".repeat(100), " three four".repeat(100));
        let shown = shown(&text, "audience is invalid");
        assert!(
            shown.len() < 400
                && shown.starts_with("… ")
                && shown.ends_with(" …")
                && shown.contains("audience is invalid"),
            "{shown}"
        );
    }
}
