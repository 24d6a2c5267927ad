//! How long an assertion lives, read from the formula of its `exp` claim.

use std::sync::LazyLock;

use regex::Regex;

/// What the `exp` claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Seconds from the moment of signing.
    Seconds(i64),
    /// The formula counts in milliseconds, so the date lies thousands of years ahead.
    Milliseconds,
    /// A number, or a formula without the present moment: the same date for every assertion.
    Static,
    /// A formula that is not understood here.
    Unknown,
}

/// `… * 86400 + 120`, the form that Salesforce itself writes, tolerant of blanks and of the order of the product.
static OFFSET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:\*\s*86400|86400\s*\*[^+\-]*?)\s*\)*\s*(?:(?P<sign>[+-])\s*(?P<offset>[0-9]{1,12})(?P<more>\s*\*)?)?").expect("a constant pattern"));

impl Lifetime {
    pub fn parse(claim: &str) -> Lifetime {
        let claim = claim.trim();
        let Some(formula) = claim.strip_prefix("{!") else {
            let bare = claim.trim_matches('"');
            return if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) { Lifetime::Static } else { Lifetime::Unknown };
        };
        if !formula.to_ascii_uppercase().contains("NOW()") {
            return if formula.contains('$') { Lifetime::Unknown } else { Lifetime::Static };
        }
        if formula.contains("86400000") || formula.replace(char::is_whitespace, "").contains("*1000)") {
            return Lifetime::Milliseconds;
        }
        let Some(found) = OFFSET.captures(formula) else { return Lifetime::Unknown };
        if found.name("more").is_some() {
            return Lifetime::Unknown;
        }
        let Some(offset) = found.name("offset") else { return Lifetime::Seconds(0) };
        let seconds: i64 = offset.as_str().parse().unwrap_or(i64::MAX);
        Lifetime::Seconds(if &found["sign"] == "-" { -seconds } else { seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exp(offset: &str) -> Lifetime {
        Lifetime::parse(&format!("{{!Text(FLOOR((NOW() - DATETIMEVALUE( \"1970-01-01 00:00:00\" )) * 86400{offset}))}}"))
    }

    #[test]
    fn the_offset_is_read_in_seconds() {
        assert_eq!(exp(" + 120"), Lifetime::Seconds(120));
        assert_eq!(exp("+3600"), Lifetime::Seconds(3600));
        assert_eq!(exp(""), Lifetime::Seconds(0));
        assert_eq!(exp(" - 5"), Lifetime::Seconds(-5));
    }

    #[test]
    fn other_forms_are_told_apart() {
        assert_eq!(Lifetime::parse("1735689600"), Lifetime::Static);
        assert_eq!(Lifetime::parse("{!1735689600}"), Lifetime::Static);
        assert_eq!(Lifetime::parse("{!(NOW() - DATETIMEVALUE(\"1970-01-01 00:00:00\")) * 86400000 + 300}"), Lifetime::Milliseconds);
        assert_eq!(Lifetime::parse("{!$Label.Expiry}"), Lifetime::Unknown);
        assert_eq!(exp(" + 60 * 3"), Lifetime::Unknown);
    }
}
