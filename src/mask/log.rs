//! Masks text of unknown origin. Of a log, only known words, places and Salesforce's own hosts are shown. Of what was
//! typed, values after names that announce a secret and everything that looks generated are not.

use std::collections::HashSet;
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
        | (?<name> token | secret | assertion | pass(?:word|wd|phrase|code)? | pwd | \bpw | \bsid | session[\ _-]?id | authorization | cookie | signature
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

/// Words that can be shown of a log.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Those of Salesforce's messages.
    messages: HashSet<String>,
    /// Other words. After a name that announces a secret they can be its value.
    others: HashSet<String>,
}

/// Words of debug logs, of HTTP and of OAuth that no page contains.
const LOG_WORDS: &[&str] = &[
    "apex",
    "assertion",
    "authorization",
    "authprovider",
    "await",
    "bearer",
    "began",
    "body",
    "caused",
    "cause",
    "certificate",
    "chunked",
    "cli",
    "code",
    "codeunit",
    "column",
    "com",
    "command",
    "connection",
    "console",
    "content",
    "context",
    "cookie",
    "curl",
    "debug",
    "delete",
    "detail",
    "details",
    "en",
    "endpoint",
    "entry",
    "error",
    "errors",
    "event",
    "exception",
    "execution",
    "exit",
    "failed",
    "fatal",
    "fault",
    "faultcode",
    "faultstring",
    "fine",
    "finest",
    "finished",
    "get",
    "grant",
    "handshake",
    "header",
    "headers",
    "host",
    "http",
    "https",
    "info",
    "internal",
    "invoke",
    "json",
    "level",
    "limit",
    "line",
    "log",
    "message",
    "messages",
    "method",
    "mil",
    "msg",
    "name",
    "null",
    "oauth2",
    "patch",
    "path",
    "post",
    "put",
    "query",
    "rc",
    "reason",
    "request",
    "response",
    "rest",
    "result",
    "retry",
    "sandbox",
    "server",
    "service",
    "services",
    "sf",
    "sfdx",
    "soap",
    "soapenv",
    "stack",
    "started",
    "status",
    "statuscode",
    "stderr",
    "stdout",
    "system",
    "text",
    "thrown",
    "timestamp",
    "token",
    "trace",
    "true",
    "false",
    "type",
    "uri",
    "url",
    "urn",
    "user",
    "userinfo",
    "utf",
    "value",
    "version",
    "warn",
    "warning",
    "xml",
    "sha256",
    "rs256",
    "hs256",
    "jwt",
    "saml2",
    "base64",
    "utf8",
    "x509",
];

impl Vocabulary {
    /// `messages` are what Salesforce says, `others` any text that is public.
    pub fn new<'t>(
        messages: impl IntoIterator<Item = &'t str>,
        others: impl IntoIterator<Item = &'t str>,
    ) -> Vocabulary {
        let collected = |text: &str, into: &mut HashSet<String>| {
            for word in word_ranges(text).flat_map(|range| parts(&text[range])) {
                into.insert(word.to_lowercase());
            }
        };
        let mut vocabulary = Vocabulary::default();
        messages.into_iter().for_each(|text| collected(text, &mut vocabulary.messages));
        others.into_iter().for_each(|text| collected(text, &mut vocabulary.others));
        vocabulary.others.extend(LOG_WORDS.iter().map(|word| (*word).to_owned()));
        vocabulary
    }

    /// Whether a word may be shown. `announced`: it can be the value of a secret.
    fn shows(&self, word: &str, announced: bool) -> bool {
        let is_known = |word: &str| {
            let word = word.to_lowercase();
            self.messages.contains(&word) || !announced && self.others.contains(&word)
        };
        word.chars().nth(1).is_none()
            || word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit())
            || is_known(word)
            || parts(word).nth(1).is_some()
                && parts(word).all(|part| part.len() > 1 && is_known(part))
    }
}

/// Letters and digits.
fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{L}\p{N}\p{M}]+").expect("a constant pattern"));
    WORD.find_iter(text).map(|word| word.range())
}

/// The words of a name such as `CalloutException`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\p{Lu}+(?:\p{Ll}+)?|[^\p{Lu}]+").expect("a constant pattern")
    });
    PART.find_iter(word).map(|part| part.as_str())
}

/// Places in a log, and hosts of Salesforce.
static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
        \b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\ ?Z|[+-]\d\d:?\d\d)?)?
        | \b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\ \(\d{1,12}\))?
        | (?i:\b(?:line|column|port|attempt|exit\ code))[:\ ]{1,2}\d{1,6}\b
        | \[\d{1,6}\]
        | (?i:\bHTTP/\d(?:\.\d)?|\bstatus(?:[\ _-]?code)?["']{0,2}\ ?[:=]?\ ?["']?|\()[1-5]\d\d\b
        | \b(?:400|401|403|404|405|406|409|412|415|420|429|500|502|503|504)\b
        | \bv\d{2}\.\d\b
        | \b(?:Class|Trigger)\.(?:[A-Za-z]\w{0,39}\.){1,3}[A-Za-z_]\w{0,39}
        | \bcallout:\w{1,80}
        | \b(?:https?://)?(?:[A-Za-z0-9-]{1,63}\.){1,5}(?:salesforce|force|salesforce-setup|salesforce-sites)\.(?:com|mil)\b
        "#,
    )
    .expect("a constant pattern")
});

/// The ranges of a line of a log that are not shown.
fn unknown(text: &str, vocabulary: &Vocabulary) -> Vec<Range<usize>> {
    /// Words between the name of a secret and its value, as in "the password of the user is".
    const BETWEEN: usize = 5;
    let shown: Vec<Range<usize>> = PUBLIC
        .find_iter(text)
        .filter(|found| !value::is_generated(found.as_str()))
        .map(|found| found.range())
        .collect();
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut since_announced = usize::MAX;
    for range in word_ranges(text) {
        let word = &text[range.clone()];
        let next = shown.partition_point(|public| public.end < range.end);
        let is_place = shown.get(next).is_some_and(|public| public.start <= range.start);
        // The name of a closing tag is not a value.
        let announced = since_announced < BETWEEN && !text[..range.start].ends_with("</");
        since_announced = if announces(word) { 0 } else { since_announced.saturating_add(1) };
        if is_place || vocabulary.shows(word, announced) {
            continue;
        }
        match hidden.last_mut().filter(|last| {
            // One value can contain punctuation.
            !text[last.end..range.start].contains(|character: char| {
                character.is_whitespace() || "\"'<>(){}[]|,;&".contains(character)
            })
        }) {
            Some(last) => last.end = range.end,
            None => hidden.push(range),
        }
    }
    hidden
}

/// Whether a word announces a secret, in the languages of many users. Unlike the names that `SecretName` knows, it is a
/// word of a sentence, which only decides what is hidden: a word too many hides too much and causes no finding.
fn announces(word: &str) -> bool {
    const SECRETS: &[&str] = &[
        "secret",
        "token",
        "passwort",
        "kennwort",
        "contraseña",
        "senha",
        "geheim",
        "clave",
        "mdp",
        "passe",
        "pwd",
        "pin",
        "otp",
        "key",
        "schlüssel",
        "credential",
        "credentials",
        "пароль",
        "login",
        "sid",
        "session",
    ];
    let word = word.to_lowercase();
    word.contains("pass") || SECRETS.iter().any(|secret| word.ends_with(secret))
}

/// A line of a log, masked, and the range of `mark` in it: a message of Salesforce that was recognized.
pub fn log_line(
    text: &str,
    mark: &Range<usize>,
    vocabulary: &Vocabulary,
) -> (String, Range<usize>) {
    let mut masks = masks(text);
    masks.extend(unknown(text, vocabulary).into_iter().map(Mask::hidden));
    let masks = disjoint(text, masks);
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
    let chosen = ["pass", "pw", "secret", "code"].iter().any(|word| announced.contains(word));
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
                let vocabulary = Vocabulary::new(["invalid assertion"], []);
                let end = start + "invalid assertion".len();
                let (line, mark) = log_line(&text, &(start..end), &vocabulary);
                assert!(!line.contains("MARK"), "{text}: {line}");
                assert_eq!(&line[mark], "invalid assertion", "{text}: {line}");
            }
        }
    }

    #[test]
    fn of_a_log_only_what_is_known_is_shown() {
        let vocabulary = Vocabulary::new(
            ["audience is invalid", "expired"],
            ["the password mot de passe welcome"],
        );
        for (line, expected) in [
            (
                "the password is hunter: audience is invalid",
                "the password is ••••: audience is invalid",
            ),
            ("token welcome audience", "token •••• audience"),
            ("mot de passe : hunter", "mot de passe : ••••"),
            ("<message>token expired</message>", "<message>token expired</message>"),
            ("{\"x\": \"hunter two\"}", "{\"x\": \"••••\"}"),
            ("p4s-w0r%2Fd expired", "•••• expired"),
            ("<a b='hunter'>hunter</a>", "<a b='••••'>••••</a>"),
            (
                "12:00:00.123 (1234567)|FATAL_ERROR|[12]|Class.Billing.send: line 12, column 1",
                "12:00:00.123 (1234567)|FATAL_ERROR|[12]|Class.Billing.send: line 12, column 1",
            ),
            (
                "https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token status 401",
                "https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token status 401",
            ),
            ("ERROR 7391: InvalidHunter", "ERROR ••••: ••••"),
        ] {
            let shown = log_line(line, &(0..0), &vocabulary).0;
            assert_eq!(shown, expected);
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
