//! An allow that covers nothing hides the next finding of its rule.

use crate::check::rule_names;
use crate::finding::{Edit, Findings};
use crate::model::{Allow, Component, Workspace};
use crate::nearest::Suggestions;
use crate::suppress::Suppressions;

const INLINE: &str = "write an inline allow as `sfcred: allow(rule) reason=\"why\" \
                      until=2027-03-31`; `until` is optional";

pub fn check(workspace: &Workspace, suppressions: &Suppressions, found: &mut Findings) {
    let mut suggestions = Suggestions::default();
    for allow in suppressions.unused(workspace) {
        let component = Component::new("Allow", allow.rule.value.clone(), allow.rule.span);
        let unknown = !rule_names().into_iter().any(|rule| allow.names(rule));
        let (message, help) = message_and_help(allow, unknown, &mut suggestions);
        let finding = found
            .report(&component, &allow.rule, message)
            .label("covers nothing")
            .help(help)
            .field(allow.rule.value.clone());
        if allow.fault.is_none() && !unknown {
            finding.safe_fix("remove the allow", allow.whole.map(Edit::Remove));
        }
    }
}

fn message_and_help(
    allow: &Allow,
    unknown: bool,
    suggestions: &mut Suggestions<'static>,
) -> (String, String) {
    let name = &allow.rule.value;
    if unknown {
        let near = suggestions.nearest(name, rule_names());
        let help = near.map_or_else(
            || "`sfcred rules` lists all rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return (format!("unknown rule `{name}`, so this allow covers nothing"), help);
    }
    match &allow.fault {
        Some(fault) => (
            format!("this allow for `{name}` covers nothing: {fault}"),
            if allow.forbidden { "fix what is found here, and remove the allow" } else { INLINE }
                .to_owned(),
        ),
        None => (
            format!("`{name}` finds nothing here, so the allow covers nothing"),
            "remove it; if the problem was fixed, nothing else is needed".to_owned(),
        ),
    }
}
