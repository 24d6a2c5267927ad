//! `sfcred.toml`: the defaults, and the rules that speak today.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::schema;

/// More than these would be a list, and no help.
const MOST_RULES: usize = 12;

pub fn text(findings: &[Finding]) -> String {
    let mut text = format!(
        "#:schema {}\n\
         # How `sfcred lint` judges this project. What is not commented out is the default; every key can go.\n\
         \n\
         # The run fails at findings of this severity and above: error, warning, note, never.\n\
         fail-on = \"error\"\n\
         \n\
         # Days before its end at which a certificate is reported.\n\
         certificate-warning-days = 30\n\
         \n\
         # Severities by rule, or by group as \"audience-*\": off, note, warning, error. `sfcred rules` lists all rules,\n\
         # `sfcred explain RULE` says why one matters.\n\
         #[rules]\n",
        schema::SETTINGS.url
    );
    let mut rules: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.rule != "custom") {
        *rules.entry((std::cmp::Reverse(finding.severity), finding.rule)).or_default() += 1;
    }
    if rules.is_empty() {
        text.push_str("#legacy-named-credential = \"off\"\n");
    }
    let mut named = Vec::new();
    for ((std::cmp::Reverse(severity), rule), count) in rules {
        if named.len() < MOST_RULES && !named.contains(&rule) {
            text.push_str(&format!(
                "#{rule} = \"{severity}\"  # found {}\n",
                if count == 1 { "once".to_owned() } else { format!("{count} times") }
            ));
            named.push(rule);
        }
    }
    text.push_str(
        "\n\
         # A finding that the team lives with: a `path`, a `component`, or both, and always the reason. `until` is the last\n\
         # day on which it is fine.\n\
         #[[allow]]\n\
         #rule = \"app-full-scope\"\n\
         #component = \"ConnectedApp:Name\"\n\
         #reason = \"why this is fine\"\n\
         #until = 2099-12-31\n",
    );
    text
}
