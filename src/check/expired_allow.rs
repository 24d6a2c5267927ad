//! A decision to live with a fault ends on the day that was set for it.

use crate::finding::Findings;
use crate::model::{Component, Workspace};
use crate::suppress::Suppressions;

pub fn check(workspace: &Workspace, suppressions: &Suppressions, found: &mut Findings) {
    for allow in suppressions.expired(workspace) {
        let Some(until) = &allow.until else { continue };
        let component = Component::new("Allow", allow.rule.value.clone(), allow.rule.span);
        found
            .at(&component, until, format!("the allow for `{}` ended on {}, and what it covered is reported again", allow.rule.value, until.value))
            .label("ended on this day")
            .help("mend what is reported; if it must stay for longer, set a later day and say why in the reason")
            .field(allow.rule.value.clone());
    }
}
