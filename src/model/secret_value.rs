//! Whether a value is a secret, as opposed to a dummy, a name or a reference.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::secret_name::SecretName;
use crate::source::{Certainty, FileId, Span, Syntax, Text};

/// What proves that a value is a secret, from weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretEvidence {
    /// It is in the code of a test, where secrets are usually invented.
    Test,
    /// It is a generated username: some services take an API key there, others an ID that is not secret.
    Username,
    /// By its name only: the value could also be a name or a label.
    Name,
    /// By its name and value, but code may have encrypted the value.
    PerhapsEncrypted,
    /// By the format of a token that expires within hours.
    ShortLived,
    /// By its name or format, and by its value.
    Value,
}

/// Words that people use as dummies for secrets.
static DUMMY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        ^(?: (?:my|your|the|some|a|test|dummy|fake|sample|example|default|new|old|user|client|consumer|customer|api|app|aws|access|auth|secret|shared|private|public|bearer|basic|oauth|jwt
            |pass(?:word|phrase|wd)?|pwd|token|key|value|here|id|code|credential|credentials|placeholder|hidden|redacted|removed|masked|scrubbed|none|null|nil|empty|undefined|blank|unused|ignored
            |needs?|updated?|required|provided?|configured?|setup|todo|tbd|foo|bar|baz|xyz|changeme|change|me|insert|put|enter|replace|set|this|with|and|at|in|for|of|not|be|to|by|salesforce|sfdx|deploy|time|real|actual
            |abcd?|qwerty|asdf|mock(?:ed)?|stub(?:bed)?|invalid|valid|wrong|correct|expired|expected|testing|demo|any|random|secure|string|refresh|bad|good|tokens|keys|login|session|grant|state|nonce|hash|signature|pw)[\s_.:\#-]*[0-9]{0,4} )+!?$
        | ^(?:\*|x|\.|-|_|0|1|•|\#)+$ | hidden|redacted|scrubbed|placeholder|changeme|change_me|not[_\ -]a[_\ -]secret|example | ^1234567890*$ | ^12345678?9?$ | ^0123456789(?:abcdef)?$ | ^\$ | \.\.\. | … | ^\{[^{}]*\}$
        ",
    )
    .expect("a constant pattern")
});

/// Whether the value of a secret field is not a secret: a placeholder, a scrubbed value, a dummy.
pub fn is_dummy(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let text = Text::at(value, Span::new(FileId(0), 0, 0), Syntax::Verbatim);
    let repeated =
        value.chars().next().is_some_and(|first| value.chars().all(|other| other == first));
    value.chars().count() < 4
        || repeated
        || is_pairs(value)
        || text.certainty != Certainty::Known
        || DUMMY.is_match(value)
        || value.contains(['<', '>'])
        || (value.starts_with("{!") && value.contains('$'))
}

/// Whether every character occurs twice in a row, as in `aa11bb22`.
fn is_pairs(value: &str) -> bool {
    value.len() >= 6
        && value.len().is_multiple_of(2)
        && value.as_bytes().chunks(2).all(|pair| pair[0] == pair[1])
}

/// Whether the value of a secret field can be a secret: not a dummy, and more than one plain word.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let word =
        value.bytes().skip(1).all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-');
    !word && !is_dummy(value)
}

/// Whether a string has the look of something generated: long enough, without whitespace, letters and digits.
pub fn looks_secret(value: &str) -> bool {
    let value = value.trim();
    let (mut letters, mut digits) = (0, 0);
    for byte in value.bytes() {
        letters += usize::from(byte.is_ascii_alphabetic());
        digits += usize::from(byte.is_ascii_digit());
    }
    let plain = !value.contains(char::is_whitespace) && !value.contains("://") && value.is_ascii();
    plain && value.len() >= 12 && letters >= 3 && digits >= 2 && !is_dummy(value)
}

/// The scheme that precedes the secret in a header.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)^\s*(?:(?:bearer|basic|token|apikey|api-key|key|ssws|jwt|oauth|genie(?:key)?|splunk)\b[\s:=]*)?(?:(?:token|key|apikey)\s*=\s*)?"?"#)
        .expect("a constant pattern")
});

/// The secret in the value of a header or a setting, without the scheme before it and without quotes.
pub fn bare_secret(value: &str) -> &str {
    let scheme = SCHEME.find(value).map_or(0, |found| found.end());
    value[scheme..].trim().trim_matches(['"', '\''])
}

/// Whether a value is base64 of two or more whole blocks of the usual ciphers, as code stores what it encrypted.
pub fn may_be_encrypted(value: &str) -> bool {
    const BLOCK: usize = 16;
    // Plain secrets that consist of letters and digits are base64 by chance.
    value.contains(['+', '/', '='])
        && STANDARD
            .decode(value)
            .is_ok_and(|bytes| bytes.len() >= 2 * BLOCK && bytes.len().is_multiple_of(BLOCK))
}

/// What shows that the value of something with such a name is a secret. `None` if it is not one.
pub fn evidence_of(name: SecretName, value: &str) -> Option<SecretEvidence> {
    let secret = bare_secret(value);
    if secret.contains(char::is_whitespace) || !is_secret_value(secret) || is_reference(secret) {
        return None;
    }
    let kinds = [
        secret.bytes().any(|byte| byte.is_ascii_lowercase()),
        secret.bytes().any(|byte| byte.is_ascii_uppercase()),
        secret.bytes().any(|byte| byte.is_ascii_digit()),
        secret.bytes().any(|byte| byte.is_ascii_punctuation()),
    ];
    let kinds = kinds.into_iter().filter(|has| *has).count();
    let random = secret.len() >= 12 && !is_made_of_words(secret);
    match name {
        SecretName::Vague => {
            (looks_secret(secret) && is_random(secret)).then_some(SecretEvidence::Value)
        }
        SecretName::Key if random && (looks_secret(secret) || is_random(secret)) => {
            Some(SecretEvidence::Value)
        }
        SecretName::Key => (random && kinds >= 2).then_some(SecretEvidence::Name),
        SecretName::Password if (random && kinds >= 2) || (secret.len() >= 8 && kinds >= 3) => {
            Some(SecretEvidence::Value)
        }
        SecretName::Password => (secret.len() >= 6 && kinds >= 2 && !is_only_words(secret))
            .then_some(SecretEvidence::Name),
    }
}

/// Whether the value of a setting that can only be a password may be one, even if it is a word.
pub fn may_be_password(value: &str) -> bool {
    value.len() >= 6
        && !value.contains(char::is_whitespace)
        && !is_dummy(value)
        && !is_reference(value)
        && !matches!(
            value.to_ascii_lowercase().as_str(),
            "prompt" | "disabled" | "enabled" | "keychain"
        )
}

/// Names and addresses of secrets, formulas, record IDs, and values that are encrypted.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        :// | ^callout: | ^\.{0,2}/ | ^[a-z]:\\ | ^arn: | ^op: | ^vault: | ^secret[_-]?manager | ^projects/ | ^env[.:] | ^process\.env | ^ENC\( | ^\{cipher\} | ^ssm:
        | ^[^@\s]+@[^@\s]+\.[a-z]{2,}$ | __(?:c|r|mdt|e|x|b|kav)$ | \$ | \{ | ^%.*%$ | ^\$?Label\. | ^secrets\.
        | \.(?:key|pem|crt|cer|p12|pfx|jks|json|xml|txt|ya?ml|properties|cls|js|com|net|org|io)$
        | ^[0-9a-f]{32,}:[0-9a-f]{32}$ | ^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$ | ^[a-z]+/[a-z0-9.+-]+$
        | ^sha(?:1|256|384|512)[-:]
        | ^ABQIAAAA # a browser key for version 2 of Google Maps, which was shut down
        ",
    )
    .expect("a constant pattern")
});

fn is_reference(value: &str) -> bool {
    REFERENCE.is_match(value) || is_record_id(value)
}

/// An ID of any object, with the checksum that 18 characters have, or with the zeros that most IDs have.
fn is_record_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.iter().all(u8::is_ascii_alphanumeric) || !matches!(bytes.first(), Some(b'0' | b'a')) {
        return false;
    }
    match bytes.len() {
        15 => text.contains("000"),
        18 => bytes[..15].chunks(5).zip(&bytes[15..]).all(|(five, check)| {
            let bits = five
                .iter()
                .enumerate()
                .fold(0, |bits, (at, byte)| bits | usize::from(byte.is_ascii_uppercase()) << at);
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".get(bits) == Some(&check.to_ascii_uppercase())
        }),
        _ => false,
    }
}

/// The runs of letters in a string, split at capital letters.
fn letter_runs(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let ends = match bytes.get(at) {
            None => true,
            Some(byte) if !byte.is_ascii_alphabetic() => true,
            Some(byte) => {
                at > start && byte.is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase()
            }
        };
        if ends {
            runs.extend(text.get(start..at).filter(|run| !run.is_empty()));
            let letter = bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
            start = if letter { at } else { at + 1 };
        }
    }
    runs
}

/// Whether most of a string is words, such as `Weather_Api_Token_2`.
fn is_made_of_words(text: &str) -> bool {
    let runs = letter_runs(text);
    let letters: usize = runs.iter().map(|run| run.len()).sum();
    let vowels = text.bytes().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    letters >= 4 * runs.len() && vowels * 4 >= letters && digits * 3 <= letters
}

/// Whether a string is words, separators, and at most one number at its end.
fn is_only_words(text: &str) -> bool {
    let words = text.trim_end_matches(|last: char| last.is_ascii_digit());
    is_made_of_words(text)
        && words.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-. ".contains(&byte))
        && words.len() == text.len()
}

/// Whether a string has letters of both cases and digits, many different ones, and does not consist of words.
pub fn is_random(token: &str) -> bool {
    let mut seen = [false; 128];
    token.bytes().for_each(|byte| seen[usize::from(byte & 127)] = true);
    let variety = seen.iter().filter(|seen| **seen).count();
    let has = |wanted: fn(&u8) -> bool| token.as_bytes().iter().any(wanted);
    let hexadecimal =
        token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let counting = token.contains("123456789") || token.to_ascii_lowercase().contains("abcdefgh");
    let mixed = variety >= 12 && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (mixed || (hexadecimal && variety >= 8))
        && has(u8::is_ascii_digit)
        && !counting
        && !is_dummy(token)
}

/// The formats in which vendors issue keys. The keys of tests and publishable keys are not secrets.
static VENDOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:
          (?<stripe>[sr]k_live_[A-Za-z0-9]{20,})
        | (?<anthropic>sk-ant-[A-Za-z0-9_-]{32,})
        | (?<openai>sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,})
        | (?<github>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})
        | (?<gitlab>glpat-[A-Za-z0-9_-]{20,})
        | (?<slack>xox[abeprs]-[A-Za-z0-9-]{20,})
        | (?<google>AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{40,})
        | (?<sendgrid>SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50})
        | (?<shopify>shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32})
        | (?<npm>npm_[A-Za-z0-9]{36})
        | (?<hubspot>pat-(?:na|eu)[0-9]-[A-Fa-f0-9-]{36})
        | (?<digitalocean>do[opr]_v1_[a-f0-9]{64})
        | (?<dropbox>sl\.[A-Za-z0-9_-]{30,})
        )",
    )
    .expect("a constant pattern")
});

/// A key of a vendor, by the name of the vendor and its place.
pub struct VendorSecret {
    pub vendor: &'static str,
    /// [`SecretEvidence::ShortLived`] or [`SecretEvidence::Value`].
    pub evidence: SecretEvidence,
    pub range: Range<usize>,
}

/// The keys in a text that have a vendor's format.
pub fn vendor_secrets(text: &str) -> impl Iterator<Item = VendorSecret> + use<'_> {
    const VENDORS: &[(&str, &str)] = &[
        ("stripe", "Stripe"),
        ("anthropic", "Anthropic"),
        ("openai", "OpenAI"),
        ("github", "GitHub"),
        ("gitlab", "GitLab"),
        ("slack", "Slack"),
        ("google", "Google"),
        ("sendgrid", "SendGrid"),
        ("shopify", "Shopify"),
        ("npm", "npm"),
        ("hubspot", "HubSpot"),
        ("digitalocean", "DigitalOcean"),
        ("dropbox", "Dropbox"),
    ];
    VENDOR.captures_iter(text).filter_map(|found| {
        VENDORS.iter().find_map(|(group, vendor)| {
            let key = found.name(group)?;
            let expires = ["ya29.", "sl."].iter().any(|start| key.as_str().starts_with(start));
            let evidence = if expires { SecretEvidence::ShortLived } else { SecretEvidence::Value };
            is_random(key.as_str()).then(|| VendorSecret { vendor, evidence, range: key.range() })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_scrubbed_values_and_dummies_are_not_secrets() {
        for text in [
            "",
            "abc",
            "password",
            "Password",
            "changeme",
            "Placeholder_Value",
            "${SECRET}",
            "{{SECRET}}",
            "HIDDEN_BY_SFDX_HARDIS",
            "********",
            "YOUR_SECRET",
            "<secret>",
            "my-client-secret",
            "consumerSecret",
            "password123",
            "xxxxxxxx",
            "TODO",
            "{!$Credential.Api.Key}",
            "example-key",
            "aa11bb22cc33",
            "Test1234",
            "API_KEY",
            "sk-...",
        ] {
            assert!(is_dummy(text), "{text}");
        }
    }

    #[test]
    fn a_value_has_to_look_like_what_its_name_says() {
        for (name, value, evidence) in [
            (SecretName::Key, "1pKfF9n1vGISRv0gu4mzMaHp", Some(SecretEvidence::Value)),
            (SecretName::Key, "Bearer 1pKfF9n1vGISRv0gu4mzMaHp", Some(SecretEvidence::Value)),
            (SecretName::Key, "8f2b41c09d7e6a53418f2b41c09d7e6a", Some(SecretEvidence::Value)),
            (SecretName::Key, "6f1c2c1e-8f0b-4d1a-9b7a-3c5d7e9f1a2b", Some(SecretEvidence::Value)),
            (SecretName::Key, "qRtYzXvBnMkLpWsD", Some(SecretEvidence::Name)),
            (SecretName::Password, "Tulip#4711", Some(SecretEvidence::Value)),
            (SecretName::Password, "tulip4711", Some(SecretEvidence::Name)),
            (SecretName::Password, "Summer2024Sunshine1", Some(SecretEvidence::Value)),
            (SecretName::Vague, "1pKfF9n1vGISRv0gu4mzMaHp", Some(SecretEvidence::Value)),
            (SecretName::Vague, "tulip4711", None),
        ] {
            assert_eq!(evidence_of(name, value), evidence, "{value}");
        }
        for name in [SecretName::Key, SecretName::Password] {
            for value in [
                "https://api.acme.example/v1/token1234",
                "callout:Weather",
                "Weather_Key__c",
                "Weather.Api_Key__c",
                "{!$Credential.Weather.Key}",
                "$Credential.Weather.Key",
                "${WEATHER_KEY}",
                "Password",
                "Passwort",
                "Enter your password",
                "Enter a password with 8 characters",
                "error_password_required",
                "WeatherTokenProvider",
                "weather.api.token",
                "x-api-key",
                "true",
                "005x00000Tu8gXIAQY",
                "001000000000001AAA",
                "0058d000004XyZaAAK",
                "a0B5g00000Abcde",
                "/services/oauth2/token",
                "keys/weather.key",
                "integration@acme.example",
                "arn:aws:secretsmanager:eu-west-1:0:secret:weather-1a2b3c",
                "ENC(1pKfF9n1vGISRv0gu4mzMaHp)",
                "0123456789abcdef0123456789abcdef01:0123456789abcdef0123456789abcdef",
                "application/json",
                "2026-11-28",
                "************",
                "",
            ] {
                assert_eq!(evidence_of(name, value), None, "{value}");
            }
        }
    }

    #[test]
    fn keys_of_vendors_are_recognized_by_their_format() {
        let body = "1pKfF9n1vGISRv0gu4mzMaHpulLCD0HfErxaki";
        let found = |text: &str| vendor_secrets(text).map(|key| key.vendor).collect::<Vec<_>>();
        for (prefix, vendor) in [
            ("sk_live_", "Stripe"),
            ("sk-proj-", "OpenAI"),
            ("sk-ant-api03-", "Anthropic"),
            ("glpat-", "GitLab"),
            ("ghp_", "GitHub"),
        ] {
            assert_eq!(found(&format!("x = '{prefix}{body}';")), [vendor], "{prefix}");
        }
        for (prefix, evidence) in [
            ("ya29.", SecretEvidence::ShortLived),
            ("sl.", SecretEvidence::ShortLived),
            ("ghp_", SecretEvidence::Value),
        ] {
            let text = format!("{prefix}{body}12");
            let found: Vec<_> = vendor_secrets(&text).map(|key| key.evidence).collect();
            assert_eq!(found, [evidence], "{prefix}");
        }
        for text in [
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk_live_...",
            "task-list-of-everything-that-is-left-to-do-today",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_was_generated_looks_like_it() {
        for text in ["letmein", "Ignored", "NeedsToBeUpdated", "not_used", "{vault.SECRET}"] {
            assert!(!is_secret_value(text), "{text}");
        }
        assert!(is_secret_value("Sup3r-Secret!"));
        for text in [
            "8F2B41C09D7E6A5341",
            "p8Xv2kQm71ZtLr0s",
            "0123ab4567cd89ef0123ab45",
            "S3cr3t-Sauce-2024-kq",
        ] {
            assert!(!is_dummy(text), "{text}");
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "application/json",
            "2023-06-01",
            "gzip, deflate",
            "https://a.example/x1234",
            "no-cache-please",
            "Bearer",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
