//! The `aud` claim: a JSON string or list, a plain string, or a formula.

use std::sync::LazyLock;

use regex::Regex;

use super::{Environment, Host, Url};
use crate::source::Text;

/// The notation of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `"https://…"`, as Salesforce stores it.
    Json,
    /// `["https://…", …]`.
    List,
    /// Without quotes.
    Bare,
    /// `{!'https://…'}`: a formula that consists of one constant.
    Formula,
    /// With unbalanced or mismatched quotes.
    Malformed,
}

/// The value of the claim, if it is known.
#[derive(Clone, Debug)]
pub struct Audience {
    pub form: Form,
    /// The audiences, each with its place.
    pub urls: Vec<(Url, Text)>,
}

static FORMULA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\{!\s*(?:"([^"]*)"|'([^']*)')\s*\}$"#).expect("a constant pattern")
});

impl Audience {
    /// Reads a claim; `None` if it is a placeholder, a formula that an org evaluates, or empty.
    pub fn parse(text: &Text) -> Option<Audience> {
        let value = text.known()?;
        if let Some(found) = value.starts_with("{!").then(|| FORMULA.captures(value)).flatten() {
            let constant = found.get(1).or(found.get(2))?;
            return Some(Audience {
                form: Form::Formula,
                urls: vec![item(text, constant.as_str(), constant.start())],
            });
        }
        if value.starts_with("{!") {
            return None;
        }
        if let Ok(list) = serde_json::from_str::<Vec<String>>(value) {
            let mut from = 0;
            let urls = list
                .iter()
                .map(|url| {
                    let start = value[from..].find(url.as_str()).map_or(from, |at| from + at);
                    from = (start + url.len()).min(value.len());
                    item(text, url, start)
                })
                .collect();
            return Some(Audience { form: Form::List, urls });
        }
        if let Ok(one) = serde_json::from_str::<String>(value) {
            if unquoted(&one).len() != one.len() {
                return Some(Audience {
                    form: Form::Malformed,
                    urls: vec![item(text, unquoted(&one), value.find(unquoted(&one)).unwrap_or(0))],
                });
            }
            return Some(Audience { form: Form::Json, urls: vec![item(text, &one, 1)] });
        }
        let inner = unquoted(value);
        let form = if inner.len() == value.len() { Form::Bare } else { Form::Malformed };
        Some(Audience { form, urls: vec![item(text, inner, value.find(inner).unwrap_or(0))] })
    }

    /// The audience, if there is just one.
    pub fn only(&self) -> Option<&(Url, Text)> {
        match self.urls.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether the claim has several audiences and the org accepts at least one of them, so that the only mistake is
    /// the list.
    pub fn contains_accepted_audience(&self, target_org: Option<&Host>) -> bool {
        let right = |url: &Url| {
            let host = Host::parse(&url.host);
            match target_org.and_then(Host::accepted_audience) {
                Some(accepted) => {
                    url.as_str().trim_end_matches('/').eq_ignore_ascii_case(accepted)
                        || target_org == Some(&host)
                }
                None => host.is_shared_login() || target_org == Some(&host),
            }
        };
        self.urls.len() > 1 && self.urls.iter().any(|(url, _)| right(url))
    }
}

/// The environment whose orgs accept this audience.
pub fn environment(url: &Url) -> Environment {
    Host::parse(&url.host).environment()
}

fn item(text: &Text, url: &str, start: usize) -> (Url, Text) {
    (Url::parse(url), text.part(url, start, start + url.len()))
}

/// Removes surrounding quotes, straight or typographic, and brackets.
fn unquoted(text: &str) -> &str {
    text.trim_matches(|mark: char| {
        mark.is_whitespace()
            || "\"'`\u{201c}\u{201d}\u{201e}\u{2018}\u{2019}\u{ab}\u{bb}[]".contains(mark)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span, Syntax};

    fn parse(value: &str) -> Option<Audience> {
        Audience::parse(&Text::at(value, Span::new(FileId(0), 0, value.len()), Syntax::Xml))
    }

    fn only(value: &str) -> (Form, String) {
        let audience = parse(value).unwrap();
        (audience.form, audience.only().unwrap().0.as_str().to_owned())
    }

    #[test]
    fn every_form_gives_the_url() {
        assert_eq!(only("\"https://a.b\""), (Form::Json, "https://a.b".into()));
        assert_eq!(only("https://a.b"), (Form::Bare, "https://a.b".into()));
        assert_eq!(only("{!'https://a.b'}"), (Form::Formula, "https://a.b".into()));
        assert_eq!(only("[\"https://a.b\"]"), (Form::List, "https://a.b".into()));
        assert_eq!(only("\"\\\"https://a.b\\\"\"").0, Form::Malformed);
        assert_eq!(only("“https://a.b”"), (Form::Malformed, "https://a.b".into()));
    }

    #[test]
    fn a_list_of_several_audiences_has_no_single_one() {
        let audience = parse("[\"https://a.b\", \"https://c.d\"]").unwrap();
        assert!(audience.only().is_none());
        assert_eq!(audience.urls[1].1.span.start, 17);
    }

    #[test]
    fn quotes_of_any_kind_inside_the_quotes_are_malformed() {
        for value in [
            "\"“https://a.b”\"",
            "\"'https://a.b'\"",
            "\" https://a.b\"",
            "\"https://a.b",
            "'https://a.b'",
            "[https://a.b]",
        ] {
            assert_eq!(only(value), (Form::Malformed, "https://a.b".into()), "{value}");
        }
    }

    #[test]
    fn one_of_several_may_be_right() {
        let holds = |value: &str, host: &str| {
            parse(value).unwrap().contains_accepted_audience(Some(&Host::parse(host)))
        };
        assert!(holds(
            "[\"https://login.salesforce.com\", \"https://test.salesforce.com\"]",
            "a--b.sandbox.my.salesforce.com"
        ));
        assert!(!holds(
            "[\"https://login.salesforce.com\", \"https://x.example\"]",
            "a--b.sandbox.my.salesforce.com"
        ));
        assert!(!holds("[\"https://test.salesforce.com\"]", "a--b.sandbox.my.salesforce.com"));
    }

    #[test]
    fn what_an_org_evaluates_is_unknown() {
        assert!(parse("{!$Label.Audience}").is_none());
        assert!(parse("${AUDIENCE}").is_none());
        assert!(parse("  ").is_none());
    }
}
