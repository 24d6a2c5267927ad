//! An allow that covers nothing hides the next fault of its kind.

use crate::finding::{Edit, Findings};
use crate::model::{Allow, Component, Workspace};
use crate::nearest::nearest;

const INLINE: &str = "an inline allow reads `sfcred: allow(rule) reason=\"why\" until=2027-03-31`; the day may be left out";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for allow in workspace.allows.iter().filter(|allow| allow.analysis && allow.silenced == 0) {
        let component = Component::new("Allow", allow.rule.value.clone(), allow.rule.span);
        let unknown = !super::RULES.iter().any(|rule| allow.names(rule.name));
        let (message, help) = words(allow, unknown);
        let adding = found
            .at(&component, &allow.rule, message)
            .label("covers nothing")
            .help(help)
            .field(allow.rule.value.clone());
        if allow.fault.is_none() && !unknown {
            adding.safe_fix("take the allow away", allow.whole.map(Edit::Remove));
        }
    }
}

fn words(allow: &Allow, unknown: bool) -> (String, String) {
    let name = &allow.rule.value;
    if unknown {
        let near = nearest(name, super::RULES.iter().map(|rule| rule.name));
        let help = near.map_or_else(
            || "`sfcred rules` lists all rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return (format!("there is no rule `{name}`, so this allow covers nothing"), help);
    }
    match &allow.fault {
        Some(fault) => (
            format!("this allow for `{name}` covers nothing: {fault}"),
            if allow.forbidden {
                "mend what is found here, and take the allow away"
            } else {
                INLINE
            }
            .to_owned(),
        ),
        None => (
            format!("nothing here is found by `{name}`, so the allow covers nothing"),
            "take it away; if it stood for a fault that is mended, nothing else is needed"
                .to_owned(),
        ),
    }
}
