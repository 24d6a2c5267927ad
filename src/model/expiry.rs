//! The formula language of claims, as far as an `exp` needs it: sums with `NOW()`.

use time::{Date, Month};

/// The value of a formula: the days since 1970 times `factor`, plus `offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expiry {
    factor: f64,
    offset: f64,
    /// Whether the outermost expression is `TEXT(…)` or a string.
    pub is_text: bool,
    /// Whether the value is rounded to a whole number.
    pub is_whole: bool,
}

const SECONDS: f64 = 86_400.0;

impl Expiry {
    /// Computes the expression between `{!` and `}`; `None` if it contains unsupported syntax.
    pub fn evaluate(formula: &str) -> Option<Expiry> {
        let mut reader = Reader { rest: formula, depth: 0 };
        let value = reader.sum()?;
        reader.rest.trim().is_empty().then_some(value)
    }

    /// Seconds after the time of signing, if the formula counts in seconds.
    pub fn seconds_ahead(self) -> Option<i64> {
        self.counts(SECONDS).then(|| self.offset.round() as i64)
    }

    pub fn is_milliseconds(self) -> bool {
        self.counts(SECONDS * 1000.0)
    }

    /// Whether the value does not depend on the current time.
    pub fn is_constant(self) -> bool {
        self.factor == 0.0
    }

    /// Whether the value is a date and time instead of a number.
    pub fn is_moment(self) -> bool {
        self.factor == 1.0
    }

    fn counts(self, per_day: f64) -> bool {
        (self.factor - per_day).abs() < per_day * 1e-6 && self.offset.is_finite()
    }

    fn number(offset: f64) -> Expiry {
        Expiry { factor: 0.0, offset, is_text: false, is_whole: offset.fract() == 0.0 }
    }

    fn scaled(self, by: f64) -> Expiry {
        Expiry {
            factor: self.factor * by,
            offset: self.offset * by,
            is_text: false,
            is_whole: self.is_whole && by.fract() == 0.0,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl Reader<'_> {
    fn consume(&mut self, mark: char) -> bool {
        let found = self.rest.trim_start().strip_prefix(mark);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn sum(&mut self) -> Option<Expiry> {
        let mut total = self.product()?;
        loop {
            let sign = if self.consume('+') {
                1.0
            } else if self.consume('-') {
                -1.0
            } else {
                return Some(total);
            };
            let next = self.product()?;
            total = Expiry {
                factor: total.factor + sign * next.factor,
                offset: total.offset + sign * next.offset,
                is_text: false,
                is_whole: total.is_whole && next.is_whole,
            };
        }
    }

    fn product(&mut self) -> Option<Expiry> {
        let mut total = self.operand()?;
        loop {
            if self.consume('*') {
                let next = self.operand()?;
                total = match (total.is_constant(), next.is_constant()) {
                    (_, true) => Expiry {
                        is_whole: total.is_whole && next.is_whole,
                        ..total.scaled(next.offset)
                    },
                    (true, false) => Expiry {
                        is_whole: total.is_whole && next.is_whole,
                        ..next.scaled(total.offset)
                    },
                    (false, false) => return None,
                };
            } else if self.consume('/') {
                let next = self.operand()?;
                if !next.is_constant() || next.offset == 0.0 {
                    return None;
                }
                total = Expiry { is_whole: false, ..total.scaled(1.0 / next.offset) };
            } else {
                return Some(total);
            }
        }
    }

    fn operand(&mut self) -> Option<Expiry> {
        self.depth += 1;
        let value = if self.depth > 64 { None } else { self.operand_inside() };
        self.depth -= 1;
        value
    }

    fn operand_inside(&mut self) -> Option<Expiry> {
        if self.consume('-') {
            return self.operand().map(|value| value.scaled(-1.0));
        }
        if self.consume('(') {
            let value = self.sum()?;
            return self.consume(')').then_some(value);
        }
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(['"', '\'']) {
            let number = self.string()?.trim().parse().ok()?;
            return Some(Expiry { is_text: true, ..Expiry::number(number) });
        }
        if let Some(number) = self.word(|letter| letter.is_ascii_digit() || letter == '.') {
            return number.parse().ok().map(Expiry::number);
        }
        let name = self
            .word(|letter| letter.is_ascii_alphanumeric() || letter == '_')?
            .to_ascii_uppercase();
        self.consume('(').then_some(())?;
        let value = self.call(&name)?;
        self.consume(')').then_some(value)
    }

    fn call(&mut self, name: &str) -> Option<Expiry> {
        match name {
            "NOW" => Some(Expiry { factor: 1.0, offset: 0.0, is_text: false, is_whole: false }),
            "DATETIMEVALUE" | "DATEVALUE" => {
                self.rest = self.rest.trim_start();
                moment(self.string()?).map(Expiry::number)
            }
            "DATE" => {
                let year = self.constant()?;
                self.consume(',').then_some(())?;
                let month = self.constant()?;
                self.consume(',').then_some(())?;
                day(year, month, self.constant()?).map(Expiry::number)
            }
            "TEXT" => self.sum().map(|value| Expiry { is_text: true, ..value }),
            "VALUE" => self.sum().map(|value| Expiry { is_text: false, ..value }),
            "UNIXTIMESTAMP" => {
                self.sum().map(|value| Expiry { is_whole: true, ..value.scaled(SECONDS) })
            }
            "FLOOR" | "CEILING" | "MFLOOR" | "MCEILING" => {
                self.sum().map(|value| Expiry { is_whole: true, ..value })
            }
            "ROUND" | "TRUNC" => {
                let value = self.sum()?;
                let digits = if self.consume(',') { self.constant()? } else { 0 };
                Some(Expiry { is_whole: value.is_whole || digits <= 0, ..value })
            }
            _ => None,
        }
    }

    fn constant(&mut self) -> Option<i64> {
        let value = self.sum()?;
        (value.is_constant() && value.is_whole).then_some(value.offset as i64)
    }

    fn string(&mut self) -> Option<&str> {
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (inside, rest) = self.rest[1..].split_once(quote)?;
        self.rest = rest;
        Some(inside)
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> Option<&str> {
        let end = self.rest.find(|letter| !belongs(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

/// Days since 1970 of `1970-01-01 00:00:00`; the time may be missing.
fn moment(text: &str) -> Option<f64> {
    let (date, clock) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), ""));
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, of_month] = parts.as_slice() else { return None };
    let mut seconds = 0.0;
    for (part, worth) in clock
        .trim()
        .trim_end_matches('Z')
        .split(':')
        .filter(|part| !part.is_empty())
        .zip([3600.0, 60.0, 1.0])
    {
        seconds += part.parse::<f64>().ok()? * worth;
    }
    Some(day(*year, *month, *of_month)? + seconds / SECONDS)
}

fn day(year: i64, month: i64, day: i64) -> Option<f64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date =
        Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some(f64::from(date.to_julian_day() - 2_440_588))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(formula: &str) -> Option<i64> {
        Expiry::evaluate(formula)?.seconds_ahead()
    }

    #[test]
    fn the_form_that_salesforce_writes() {
        let expiry = Expiry::evaluate(
            "Text(FLOOR((NOW() - DATETIMEVALUE( \"1970-01-01 00:00:00\" )) * 86400 + 120))",
        )
        .unwrap();
        assert_eq!(expiry.seconds_ahead(), Some(120));
        assert!(expiry.is_text && expiry.is_whole);
    }

    #[test]
    fn other_ways_to_write_the_same() {
        assert_eq!(
            seconds("TEXT(FLOOR(86400 * (NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) + 60 * 3))"),
            Some(180)
        );
        assert_eq!(
            seconds(
                "TEXT(FLOOR((NOW() + 5/1440 - DATETIMEVALUE('1970-01-01 00:00:00')) * 24 * 60 * 60))"
            ),
            Some(300)
        );
        assert_eq!(seconds("TEXT(UNIXTIMESTAMP(NOW()) + 90)"), Some(90));
        assert_eq!(seconds("(NOW() - DATE(1970, 1, 1)) * 86400 - 5"), Some(-5));
        assert_eq!(
            seconds("TEXT(ROUND((NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400, 0) + 120)"),
            Some(120)
        );
    }

    #[test]
    fn unsupported_syntax_has_no_value() {
        for formula in [
            "TODAY()",
            "$Label.Expiry",
            "NOW() * NOW()",
            "IF(TRUE, NOW(), NOW())",
            "NOW() - ",
            "(NOW()",
            "1 / 0",
            "",
        ] {
            assert_eq!(Expiry::evaluate(formula), None, "{formula}");
        }
        assert_eq!(Expiry::evaluate(&"(".repeat(500)), None);
    }

    #[test]
    fn kinds_are_distinguished() {
        let of = |formula: &str| Expiry::evaluate(formula).unwrap();
        assert!(of("1735689600").is_constant());
        assert!(of("'1735689600'").is_constant());
        assert!(of("(DATETIMEVALUE('2027-01-01 00:00:00') - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400").is_constant());
        assert!(
            of("(NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400000 + 300").is_milliseconds()
        );
        assert!(
            of("(NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400 * 1000").is_milliseconds()
        );
        assert!(of("NOW() + 120").is_moment());
        assert!(!of("(NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400 + 120").is_whole);
        assert!(of("FLOOR((NOW() - DATETIMEVALUE('1970-01-01 00:00:00')) * 86400) + 120").is_whole);
    }
}
