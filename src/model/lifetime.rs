//! The lifetime of an assertion, computed from the formula of its `exp` claim.

use super::expiry::Expiry;

/// The lifetime that an `exp` claim sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Seconds after the time of signing.
    Seconds(i64),
    /// The formula counts in milliseconds, so the date is thousands of years in the future.
    Milliseconds,
    /// A number, or a formula that does not use the current time, so every assertion expires at the same time.
    Static,
    /// A formula that sfcred cannot evaluate.
    Unknown,
}

/// The reason why a formula does not return a whole number of seconds as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misshape {
    /// Parentheses or braces do not match.
    Unbalanced,
    /// Formula functions outside `{!…}`, which are sent literally.
    NoFormula,
    /// A date and time, such as `NOW() + 1`.
    Moment,
    /// A number instead of text.
    NoText,
    /// A number with decimals.
    NoFloor,
}

/// The formula that Salesforce itself generates, for a number of seconds after the time of signing.
pub fn expiry_formula(seconds: i64) -> String {
    let offset = if seconds == 0 { String::new() } else { format!(" + {seconds}") };
    format!("{{!Text(FLOOR((NOW() - DATETIMEVALUE( \"1970-01-01 00:00:00\" )) * 86400{offset}))}}")
}

impl Lifetime {
    pub fn parse(claim: &str) -> Lifetime {
        let Some(formula) = inside(claim) else {
            let bare = claim.trim().trim_matches('"');
            return if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) {
                Lifetime::Static
            } else {
                Lifetime::Unknown
            };
        };
        match Expiry::evaluate(formula) {
            Some(expiry) if expiry.is_constant() => Lifetime::Static,
            Some(expiry) if expiry.is_milliseconds() => Lifetime::Milliseconds,
            Some(expiry) => expiry.seconds_ahead().map_or(Lifetime::Unknown, Lifetime::Seconds),
            None => Lifetime::Unknown,
        }
    }

    /// The place of the number of seconds in a formula of the common form `… * 86400 + 120`.
    pub fn offset_place(claim: &str) -> Option<std::ops::Range<usize>> {
        let end = claim.trim_end_matches(['}', ')', ' ']).len();
        let start = claim[..end].trim_end_matches(|digit: char| digit.is_ascii_digit()).len();
        let before: String =
            claim[..start].chars().filter(|letter| !letter.is_whitespace()).collect();
        let plain = before.trim_end_matches('+').trim_end_matches(')');
        (start < end && before.ends_with('+') && plain.ends_with("*86400")).then_some(start..end)
    }
}

impl Misshape {
    /// The mistake in an `exp` claim, and the corrected claim if it can be derived.
    pub fn find(claim: &str) -> Option<(Misshape, Option<String>)> {
        let claim = claim.trim();
        let upper: String = claim
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        if !upper.contains("NOW()") {
            return None;
        }
        if claim.starts_with("{!") && !balanced(claim) {
            return Some((Misshape::Unbalanced, None));
        }
        let Some(formula) = inside(claim) else {
            let evaluated =
                Expiry::evaluate(claim).filter(|expiry| expiry.seconds_ahead().is_some())?;
            return Some((Misshape::NoFormula, whole_text(claim, evaluated)));
        };
        let expiry = Expiry::evaluate(formula)?;
        if expiry.is_moment() {
            return Some((Misshape::Moment, None));
        }
        let misshape = if !expiry.is_text { Misshape::NoText } else { Misshape::NoFloor };
        (!expiry.is_text || !expiry.is_whole).then(|| (misshape, whole_text(formula, expiry)))
    }
}

/// Wraps a formula in `{!Text(FLOOR(…))}`.
fn whole_text(formula: &str, expiry: Expiry) -> Option<String> {
    let mut inner = formula.trim();
    if expiry.is_text {
        inner = argument(inner, "TEXT")?;
    }
    Some(if expiry.is_whole {
        format!("{{!Text({inner})}}")
    } else {
        format!("{{!Text(FLOOR({inner}))}}")
    })
}

/// The arguments, if the whole formula is a call of `function`.
fn argument<'a>(formula: &'a str, function: &str) -> Option<&'a str> {
    let name = formula.get(..function.len()).filter(|name| name.eq_ignore_ascii_case(function))?;
    formula.get(name.len()..)?.trim().strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

fn inside(claim: &str) -> Option<&str> {
    claim.trim().strip_prefix("{!")?.strip_suffix('}')
}

fn balanced(claim: &str) -> bool {
    let (mut open, mut quote, mut closed) = (0_i32, None, false);
    for letter in claim.chars() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => open += 1,
            (None, ')') => open -= 1,
            (None, '}') => closed = true,
            (None, _) => {}
        }
        if open < 0 {
            return false;
        }
    }
    open == 0 && quote.is_none() && closed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exp(offset: &str) -> Lifetime {
        Lifetime::parse(&format!(
            "{{!Text(FLOOR((NOW() - DATETIMEVALUE( \"1970-01-01 00:00:00\" )) * 86400{offset}))}}"
        ))
    }

    #[test]
    fn the_offset_is_read_in_seconds() {
        assert_eq!(exp(" + 120"), Lifetime::Seconds(120));
        assert_eq!(exp("+3600"), Lifetime::Seconds(3600));
        assert_eq!(exp(""), Lifetime::Seconds(0));
        assert_eq!(exp(" - 5"), Lifetime::Seconds(-5));
        assert_eq!(exp(" + 60 * 3"), Lifetime::Seconds(180));
        assert_eq!(Lifetime::parse(&expiry_formula(180)), Lifetime::Seconds(180));
        assert_eq!(Lifetime::parse(&expiry_formula(0)), Lifetime::Seconds(0));
    }

    #[test]
    fn other_forms_are_distinguished() {
        assert_eq!(Lifetime::parse("1735689600"), Lifetime::Static);
        assert_eq!(Lifetime::parse("\"1735689600\""), Lifetime::Static);
        assert_eq!(Lifetime::parse("{!1735689600}"), Lifetime::Static);
        assert_eq!(
            Lifetime::parse("{!(NOW() - DATETIMEVALUE(\"1970-01-01 00:00:00\")) * 86400000 + 300}"),
            Lifetime::Milliseconds
        );
        assert_eq!(Lifetime::parse("{!$Label.Expiry}"), Lifetime::Unknown);
        assert_eq!(
            Lifetime::parse("{!TEXT(FLOOR((TODAY() - DATE(1970, 1, 1)) * 86400))}"),
            Lifetime::Unknown
        );
    }

    #[test]
    fn the_number_of_seconds_is_found_in_the_common_form() {
        let claim = expiry_formula(3600);
        assert_eq!(Lifetime::offset_place(&claim).map(|place| &claim[place]), Some("3600"));
        assert_eq!(Lifetime::offset_place(&expiry_formula(0)), None);
        assert_eq!(Lifetime::offset_place("{!TEXT(UNIXTIMESTAMP(NOW()) + 90)}"), None);
    }

    #[test]
    fn misshapen_formulas_are_corrected() {
        let sum = "(NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400 + 120";
        let right = format!("{{!Text(FLOOR({sum}))}}");
        assert_eq!(Misshape::find(&right), None);
        assert_eq!(
            Misshape::find(&format!("{{!{sum}}}")),
            Some((Misshape::NoText, Some(right.clone())))
        );
        assert_eq!(
            Misshape::find(&format!("{{!Text({sum})}}")),
            Some((Misshape::NoFloor, Some(right.clone())))
        );
        assert_eq!(
            Misshape::find(&format!("{{!FLOOR({sum})}}")),
            Some((Misshape::NoText, Some(right.clone())))
        );
        assert_eq!(
            Misshape::find(&format!("Text(FLOOR({sum}))")),
            Some((Misshape::NoFormula, Some(right.clone())))
        );
        assert_eq!(
            Misshape::find(&format!("{{!Text(FLOOR({sum})}}")),
            Some((Misshape::Unbalanced, None))
        );
        assert_eq!(Misshape::find("{!NOW() + 1}"), Some((Misshape::Moment, None)));
        assert_eq!(Misshape::find("{!TEXT(ROUND((NOW() - DATE(1970, 1, 1)) * 86400, 0))}"), None);
        assert_eq!(Misshape::find("{!TEXT($User.X__c + NOW())}"), None);
    }
}
