//! Generates `sfcred.toml`: the defaults, and the rules with findings.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::schema;

/// The maximum number of rules to list.
const MAX_RULES: usize = 12;

pub fn text(findings: &[Finding]) -> String {
    let mut text = format!(
        "#:schema {}\n\
         # Settings of `sfcred lint`. Values that are not commented out are the defaults; every key can be removed.\n\
         \n\
         # Lowest severity at which the run fails: error, warning, note, or never.\n\
         fail-on = \"error\"\n\
         \n\
         # Certificates that expire within this number of days are reported.\n\
         certificate-warning-days = 30\n\
         \n\
         # Severities by rule, or by group such as \"audience-*\": off, note, warning, or error. `sfcred rules` lists all\n\
         # rules; `sfcred explain RULE` explains one.\n\
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
        if named.len() < MAX_RULES && !named.contains(&rule) {
            text.push_str(&format!(
                "#{rule} = \"{severity}\"  # found {}\n",
                if count == 1 { "once".to_owned() } else { format!("{count} times") }
            ));
            named.push(rule);
        }
    }
    text.push_str(
        "\n\
         # An accepted finding: a `path`, a `component`, or both, and the reason. `until` is the last day on which it is\n\
         # allowed.\n\
         #[[allow]]\n\
         #rule = \"app-full-scope\"\n\
         #component = \"ConnectedApp:Name\"\n\
         #reason = \"why this is fine\"\n\
         #until = 2099-12-31\n",
    );
    text
}
