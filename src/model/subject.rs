//! The `sub` claim: whom the credential logs in as.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::{Host, HostKind, Partition};
use crate::source::Text;

/// What `sub` holds, quotes, escapes and blanks set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Something that the calling org evaluates; with the field of the running user, if it is just that.
    Formula {
        user_field: Option<String>,
    },
    /// The id of a user record.
    RecordId(String),
    Username(Username),
    Other(String),
}

/// A username of the shape that every org demands: an email address.
#[derive(Clone, Debug)]
pub struct Username(String);

static USER_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\{!)?\s*\$User\.([A-Za-z0-9_]+)\s*\}?$").expect("a constant pattern")
});

/// Names that sandboxes bear everywhere. Whatever is also a word of plain domains is left to [`Username::suffix`].
const SANDBOX_WORDS: &[&str] = &[
    "uat",
    "dev",
    "devpro",
    "developer",
    "qa",
    "sit",
    "stage",
    "staging",
    "preprod",
    "sandbox",
    "sbx",
    "full",
    "fullcopy",
    "partial",
    "hotfix",
    "training",
    "test",
    "int",
    "integration",
];

/// Labels before which a domain ends: what follows them is no part of a plain domain.
const TOP_LEVEL: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "info", "biz", "example", "invalid", "cloud", "app",
    "tech", "online", "group", "global", "bank", "health",
];

impl Subject {
    /// `None` where the text is empty, a placeholder, or a template's blank.
    pub fn parse(text: &Text) -> Option<Subject> {
        let value = text.known()?;
        let bare = unescaped(value);
        if bare.contains("{!") || bare.starts_with('$') {
            return Some(Subject::Formula {
                user_field: USER_FIELD
                    .captures(&bare)
                    .and_then(|found| found.get(1))
                    .map(|field| field.as_str().to_owned()),
            });
        }
        Some(if is_record_id(&bare) {
            Subject::RecordId(bare)
        } else if is_username(&bare) {
            Subject::Username(Username(bare))
        } else {
            Subject::Other(bare)
        })
    }

    pub fn username(&self) -> Option<&Username> {
        match self {
            Subject::Username(username) => Some(username),
            Subject::Formula { .. } | Subject::RecordId(_) | Subject::Other(_) => None,
        }
    }
}

fn is_record_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18)
        && text.starts_with("005")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `LOCAL@LABEL.LABEL`, with any number of labels from two on.
fn is_username(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str, marks: &[char]| {
        !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains(marks)
    };
    plain(local, &['"', '<', '>', '(', ')'])
        && domain.contains('.')
        && domain.split('.').all(|label| plain(label, &['@', '"']))
}

/// Without quotes and blanks around it, percent and entity escapes resolved where they hide an `@` or a `+`.
fn unescaped(text: &str) -> String {
    let mut bare = text.to_owned();
    for (escape, intended) in [
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&#64;", "@"),
        ("&#x40;", "@"),
        ("&commat;", "@"),
        ("&#43;", "+"),
        ("&amp;", "&"),
    ] {
        bare = bare.replace(escape, intended);
    }
    let mark = |mark: char| {
        mark.is_whitespace()
            || "\"'`\u{201c}\u{201d}\u{201e}\u{2018}\u{2019}\u{ab}\u{bb}\u{200b}\u{feff}"
                .contains(mark)
    };
    let bare = bare.trim_matches(mark);
    for (escape, intended) in [("%40", "@"), ("%2B", "+"), ("%2b", "+")] {
        if bare.contains(escape) {
            return bare
                .replace("%40", "@")
                .replace("%2B", "+")
                .replace("%2b", "+")
                .replace("%5F", "_")
                .replace("%2D", "-")
                .replace("%2E", ".")
                .trim_matches(mark)
                .replace(escape, intended);
        }
    }
    bare.to_owned()
}

impl Username {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last label of the domain, where it cannot be part of a plain domain: `uat` of `a@acme.com.uat`, but
    /// nothing of `a@acme.dev`, `a@acme.co.uk` and `a@acme.com.qa`.
    pub fn suffix(&self) -> Option<&str> {
        let (_, domain) = self.0.rsplit_once('@')?;
        let labels: Vec<&str> = domain.split('.').collect();
        let [.., name, top, last] = labels.as_slice() else { return None };
        let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        let ends = country || TOP_LEVEL.iter().any(|known| known.eq_ignore_ascii_case(top));
        let second_level = last.len() == 2 && top.len() <= 3;
        (ends && !name.is_empty() && !second_level).then_some(last)
    }

    /// The suffix, if it is the name of a sandbox: one of those that are known, or a word that sandboxes are called by.
    pub fn sandbox_suffix(&self, known: &[String]) -> Option<&str> {
        self.suffix().filter(|suffix| {
            known.iter().any(|name| name.eq_ignore_ascii_case(suffix))
                || SANDBOX_WORDS.iter().any(|word| word.eq_ignore_ascii_case(suffix))
        })
    }

    /// The suffix, if it says that the user lives in another org than the one behind a My Domain. Developer Edition,
    /// scratch orgs and playgrounds have usernames of any form.
    pub fn contradicts(&self, host: &Host, known_sandboxes: &[String]) -> Option<&str> {
        let HostKind::MyDomain { name, sandbox, partition, .. } = host.kind() else { return None };
        let suffix = self.sandbox_suffix(known_sandboxes)?;
        let folded = suffix.to_ascii_lowercase();
        match (sandbox, partition) {
            (None, Partition::None) => {
                (!name.ends_with("-dev-ed") && !name.contains("-dev-ed-")).then_some(suffix)
            }
            (Some(sandbox), Partition::None | Partition::Sandbox) => (!sandbox
                .starts_with(&folded)
                && !folded.starts_with(sandbox.as_str())
                && !sandbox.contains(&folded))
            .then_some(suffix),
            (
                _,
                Partition::Sandbox
                | Partition::Scratch
                | Partition::Develop
                | Partition::Trailblaze
                | Partition::Other,
            ) => None,
        }
    }
}

/// Usernames do not distinguish upper and lower case.
impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl Eq for Username {}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span, Syntax};

    fn parse(text: &str) -> Option<Subject> {
        Subject::parse(&Text::at(text, Span::new(FileId(0), 0, text.len()), Syntax::Xml))
    }

    fn user(text: &str) -> Username {
        match parse(text) {
            Some(Subject::Username(username)) => username,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn quotes_escapes_and_blanks_are_set_aside() {
        for text in [
            "a+b@acme.com.uat",
            " a+b@acme.com.uat ",
            "\"a+b@acme.com.uat\"",
            "'a+b@acme.com.uat'",
            "a%2Bb%40acme.com.uat",
            "a+b&#64;acme.com.uat",
            "&quot;a+b@acme.com.uat&quot;",
            "“a+b@acme.com.uat”",
        ] {
            assert_eq!(user(text).as_str(), "a+b@acme.com.uat", "{text}");
        }
        assert_eq!(user("a&amp;b@acme.com").as_str(), "a&b@acme.com");
    }

    #[test]
    fn ids_formulas_and_names_are_told_apart() {
        assert!(matches!(parse("0055g00000AbCdE"), Some(Subject::RecordId(_))));
        assert!(matches!(parse("\"0055g00000AbCdEAAV\""), Some(Subject::RecordId(_))));
        assert_eq!(
            parse("{!$User.Email}"),
            Some(Subject::Formula { user_field: Some("Email".into()) })
        );
        assert_eq!(
            parse("$User.FederationIdentifier"),
            Some(Subject::Formula { user_field: Some("FederationIdentifier".into()) })
        );
        assert_eq!(
            parse("{!$User.Username & '.uat'}"),
            Some(Subject::Formula { user_field: None })
        );
        assert!(matches!(parse("integration"), Some(Subject::Other(_))));
        assert!(matches!(parse("005@acme.com"), Some(Subject::Username(_))));
        assert_eq!(parse("${SPOKE_USER}"), None);
        assert_eq!(parse("YOUR_USERNAME"), None);
    }

    #[test]
    fn the_end_of_a_plain_domain_is_no_sandbox() {
        for text in [
            "a@acme.dev",
            "a@eu.acme.dev",
            "a@acme.co.uk",
            "a@acme.com.qa",
            "a@acme.com",
            "a@mail.acme.com",
            "a@acme.test",
            "a@acme.training",
        ] {
            assert_eq!(user(text).suffix(), None, "{text}");
        }
        for text in ["a@acme.com.uat", "a@acme.de.uat", "a@acme.co.uk.uat", "a@billing.example.uat"]
        {
            assert_eq!(user(text).suffix(), Some("uat"), "{text}");
        }
        assert_eq!(user("a@acme.com.spring").sandbox_suffix(&[]), None);
        assert_eq!(user("a@acme.com.spring").sandbox_suffix(&["spring".into()]), Some("spring"));
    }

    #[test]
    fn a_suffix_contradicts_production_and_other_sandboxes() {
        let contradicts =
            |text: &str, host: &str| user(text).contradicts(&Host::parse(host), &[]).is_some();
        assert!(contradicts("a@acme.com.uat", "acme.my.salesforce.com"));
        assert!(contradicts("a@acme.com.uat", "acme--dev.sandbox.my.salesforce.com"));
        assert!(contradicts("a@acme.com.UAT", "acme--dev.my.salesforce.com"));
        for host in [
            "acme--uat.sandbox.my.salesforce.com",
            "acme--uat2.sandbox.my.salesforce.com",
            "acme--preuat.sandbox.my.salesforce.com",
            "acme-dev-ed.my.salesforce.com",
            "acme.develop.my.salesforce.com",
            "a-b.scratch.my.salesforce.com",
            "login.salesforce.com",
            "api.example.com",
        ] {
            assert!(!contradicts("a@acme.com.uat", host), "{host}");
        }
        assert!(!contradicts("a@acme.com", "acme--uat.sandbox.my.salesforce.com"));
    }

    #[test]
    fn usernames_are_compared_without_regard_to_case() {
        assert_eq!(user("A@Acme.com"), user("a@acme.com"));
    }
}
