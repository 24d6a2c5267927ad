//! The `sub` claim: the user that the credential logs in as.

use std::sync::LazyLock;

use regex::Regex;

use super::record_id::RecordId;
use super::user::{Username, is_username};
use crate::source::Text;

/// The parsed value of `sub`, ignoring quotes, escapes and whitespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A formula that the calling org evaluates. `user_field` is set if it only reads a field of the running user.
    Formula {
        user_field: Option<String>,
    },
    /// The ID of a user record.
    RecordId(String),
    Username(Username),
    Other(String),
}

static USER_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\{!)?\s*\$User\.([A-Za-z0-9_]+)\s*\}?$").expect("a constant pattern")
});

impl Subject {
    /// `None` if the value is empty or a placeholder.
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
        Some(if RecordId::parse(&bare, RecordId::USER).is_some() {
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

/// Removes surrounding quotes and whitespace, and resolves escapes of quotes, `@` and `+`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Host;
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
    fn ids_formulas_and_names_are_distinguished() {
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
    fn the_end_of_an_ordinary_domain_is_not_a_sandbox() {
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
