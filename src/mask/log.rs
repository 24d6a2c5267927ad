//! Masks text of unknown origin: lines of a log, and what was typed. Words remain, and so does what Salesforce says;
//! values after names that announce a secret, and everything that looks generated, do not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::mark::{Mask, applied, disjoint};
use super::{shapes, value};

/// Values after a name that announces a secret, in a request, a response or a log.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        (?:\b(?:authorization|x-wsse)["']?\s*[:=]\s*["']?)?\b(?:Digest|UsernameToken)\s+(?<pairs>[a-z]+\s*=\s*(?:"[^"]*"|[^\s",]+)(?:\s*,\s*[a-z]+\s*=\s*(?:"[^"]*"|[^\s",]+))*)
        | (?<name> token | secret | assertion | pass(?:word|wd|phrase|code)? | pwd | \bsid | session[\ _-]?id | authorization | cookie | signature
          | (?:api|private|access|encryption|signing)[\ _-]?key | verifier | \bauth[\ _-]?code | credentials | auth[\ _-]?url | \bjwt
          | \bc?nonce )
        ["'\]\\]{0,3} \s* (?: => | [=:] ) \s*
        (?: \\?"(?<double>[^"\\]*) | '(?<single>[^']*) | (?<bare>(?:(?:Bearer|Basic|OAuth|Token|ApiKey)\s+)?[^\s"',;&<>]+) )
        | \b(?:Bearer|Basic|OAuth)\s+(?<scheme>[A-Za-z0-9._~+/=!-]{12,})
        | (?:[?&\s]|^)code=(?<code>[^\s"'&<>]+)
        | (?:^|\s)(?:-u|--user|--proxy-user|-U)[\s=]+["']?(?<user_option>[^\s"']+)
        | (?:^|\s)(?:--password|--token|--access-token|--client-secret|-p)[\s=]+["']?(?<option>[^\s"']{3,})
        | <(?:\w+:)?(?:\w*token|\w*secret|\w*passw\w*|session_?id|sid|nonce|\w*key|digest\w*|signature\w*)\b[^<>]*>\s*(?<element>[^<]+)
        | \b(?<jwt>eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*)
        | \b(?<session>00D[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._]+)
        | \b(?<refresh>5Aep[A-Za-z0-9._]{20,})
        "#,
    )
    .expect("a constant pattern")
});

const GROUPS: &[&str] = &[
    "double",
    "single",
    "bare",
    "scheme",
    "pairs",
    "code",
    "user_option",
    "option",
    "element",
    "jwt",
    "session",
    "refresh",
];

/// A line of a log, masked, and the range of `mark` in it: a message of Salesforce that was recognized.
pub fn log_line(text: &str, mark: &Range<usize>) -> (String, Range<usize>) {
    let masks = masks(text);
    let line = applied(text, &masks);
    let moved = |offset: usize| {
        let mut at = offset;
        for mask in masks.iter().take_while(|mask| mask.range.start < offset) {
            let shown = mask.shown(text).len();
            let inside = offset < mask.range.end;
            let length = mask.range.len();
            at =
                if inside { at - (offset - mask.range.start) + shown } else { at + shown - length };
            if inside {
                break;
            }
        }
        line.floor_char_boundary(at.min(line.len()))
    };
    let start = moved(mark.start);
    let end = moved(mark.end).max(start);
    (line, start..end)
}

/// What was typed, or an error about it.
pub fn typed(text: &str) -> String {
    applied(text, &masks(text))
}

/// The masks of a line.
pub fn masks(text: &str) -> Vec<Mask> {
    let mut all = shapes::shapes(text);
    for found in NAMED.captures_iter(text) {
        let Some(group) = GROUPS.iter().find_map(|name| found.name(name)) else { continue };
        if !is_plain(text, &found, group) {
            all.push(Mask::hidden(group.range()));
        }
    }
    all.extend(value::hidden_in_urls(text, false).into_iter().map(Mask::hidden));
    let keys: Vec<Range<usize>> =
        all.iter().filter(|mask| !mask.is_hidden()).map(|mask| mask.range.clone()).collect();
    let is_key =
        |run: &Range<usize>| keys.iter().any(|key| key.start < run.end && run.start < key.end);
    all.extend(value::generated(text).into_iter().filter(|run| !is_key(run)).map(Mask::hidden));
    disjoint(text, all)
}

/// Whether a value is a word of a sentence, as in `INVALID_SESSION_ID: Session expired`,
/// `auth:jwt:grant` or `OAuth authorization`. Passwords and secrets can be words; other secrets are
/// generated.
fn is_plain(text: &str, found: &Captures<'_>, value: Match<'_>) -> bool {
    if matches!(value.as_str(), "null" | "true" | "false" | "undefined" | "")
        || value::is_template(value.as_str())
    {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden() {
        for secret in [
            "access_token=00D5g00000ABCde!AQEAQMARKMARKMARKMARK",
            "{\"refresh_token\": \"5Aep861MARK MARK\"}",
            "{\\\"refresh_token\\\": \\\"MARK\\\"}",
            "client_secret=MARK1234",
            "Authorization: Bearer MARKMARKMARK",
            "authorization: basic MARKMARK",
            "HTTP Header Authorization=Bearer MARKMARK",
            "Authorization: Digest username=\"MARK\", response=\"MARK\"",
            "assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJNQVJLIn0.MARK",
            "eyJhbGciOiJSUzI1NiJ9.eyJNQVJLTUFSSyI6MX0",
            "password: 'MARK and MARK'",
            "sid=MARKMARK;",
            "force://PlatformCLI::MARK@acme.my.salesforce.com",
            "https://user:MARK@host/path",
            "<sessionId>MARK</sessionId>",
            "<wsse:Password Type=\"x\">MARK</wsse:Password>",
            "<SessionHeader sessionId=\"MARK\"/>",
            "curl -u admin:MARK https://acme.example",
            "curl --user=admin:MARK",
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
                let start = text.find("invalid assertion").unwrap();
                let (line, mark) = log_line(&text, &(start..start + "invalid assertion".len()));
                assert!(!line.contains("MARK"), "{text}: {line}");
                assert_eq!(&line[mark], "invalid assertion", "{text}: {line}");
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
            "12:00:00.123 (1234567)|CALLOUT_REQUEST|[12]|System.HttpRequest[Endpoint=callout:Spoke_Org/services/data/v62.0, Method=GET]",
            "https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token",
        ] {
            assert_eq!(typed(text), text);
        }
    }
}
