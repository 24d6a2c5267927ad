//! `--select` and `--ignore`.

use crate::model::matches_rule;

/// Rules, or groups such as `audience-*`, that the command line turns on or off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    pub select: Vec<String>,
    pub ignore: Vec<String>,
}

impl RuleSelection {
    /// Whether a rule runs. Its name takes precedence over groups, and `ignore` over `select`.
    pub fn runs(&self, rule: &str) -> bool {
        let (selected, ignored) = (strength(&self.select, rule), strength(&self.ignore, rule));
        if ignored == 0 { self.select.is_empty() || selected > 0 } else { selected > ignored }
    }

    /// Whether a rule is selected, so that it runs even if the settings file turns it off.
    pub fn selects(&self, rule: &str) -> bool {
        strength(&self.select, rule) > 0 && self.runs(rule)
    }
}

/// 2 for the name of the rule, 1 for a group, 0 for neither.
fn strength(patterns: &[String], rule: &str) -> u8 {
    patterns
        .iter()
        .map(|pattern| if pattern == rule { 2 } else { u8::from(matches_rule(pattern, rule)) })
        .max()
        .unwrap_or(0)
}

/// Whether a pattern matches at least one of the rules.
pub fn names_a_rule(pattern: &str, known: &[&str]) -> bool {
    known.iter().any(|rule| matches_rule(pattern, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(select: &[&str], ignore: &[&str]) -> RuleSelection {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        RuleSelection { select: words(select), ignore: words(ignore) }
    }

    #[test]
    fn names_take_precedence_over_groups_and_ignore_over_select() {
        let runs =
            |select: &[&str], ignore: &[&str], rule: &str| selection(select, ignore).runs(rule);
        assert!(runs(&[], &[], "audience-list"));
        assert!(!runs(&["claim-*"], &[], "audience-list"));
        assert!(runs(&["audience-*"], &[], "audience-list"));
        assert!(!runs(&["audience-*"], &["audience-list"], "audience-list"));
        assert!(runs(&["audience-list"], &["audience-*"], "audience-list"));
        assert!(!runs(&["audience-list"], &["audience-list"], "audience-list"));
        assert!(!runs(&["audience-*"], &["*"], "audience-list"));
        assert!(!runs(&[], &["audience-*"], "audience-list"));
    }
}
