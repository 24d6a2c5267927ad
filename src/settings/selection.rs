//! Which rules a run is narrowed to on the command line.

/// `--select` and `--ignore`: rule names, or groups as `audience-*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    pub select: Vec<String>,
    pub ignore: Vec<String>,
}

impl RuleSelection {
    /// Whether a rule runs at all. Its own name is stronger than a group; where both lists say the same, `ignore` wins.
    pub fn runs(&self, rule: &str) -> bool {
        let (selected, ignored) = (strength(&self.select, rule), strength(&self.ignore, rule));
        if ignored == 0 { self.select.is_empty() || selected > 0 } else { selected > ignored }
    }

    /// Whether a rule was asked for, so that it runs where the settings switch it off.
    pub fn asks_for(&self, rule: &str) -> bool {
        strength(&self.select, rule) > 0 && self.runs(rule)
    }
}

/// 2 by its own name, 1 by a group, 0 not at all.
fn strength(words: &[String], rule: &str) -> u8 {
    words
        .iter()
        .map(|word| if word == rule { 2 } else { u8::from(in_group(word, rule)) })
        .max()
        .unwrap_or(0)
}

fn in_group(word: &str, rule: &str) -> bool {
    word.strip_suffix('*').is_some_and(|stem| rule.starts_with(stem))
}

/// Whether a word names at least one of the rules.
pub fn names_a_rule(word: &str, known: &[&str]) -> bool {
    known.iter().any(|rule| *rule == word || in_group(word, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(select: &[&str], ignore: &[&str]) -> RuleSelection {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        RuleSelection { select: words(select), ignore: words(ignore) }
    }

    #[test]
    fn a_name_is_stronger_than_a_group_and_ignoring_than_selecting() {
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
