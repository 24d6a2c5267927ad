//! An allow expires after the day in its `until`.

use crate::finding::Findings;
use crate::model::{Component, Workspace};
use crate::suppress::Suppressions;

pub fn check(workspace: &Workspace, suppressions: &Suppressions, found: &mut Findings) {
    for allow in suppressions.expired(workspace) {
        let Some(until) = &allow.until else { continue };
        let component = Component::new("Allow", allow.rule.value.clone(), allow.rule.span);
        found
            .report(
                &component,
                until,
                format!(
                    "the allow for `{}` was valid until {}; its findings are reported again",
                    allow.rule.value, until.value
                ),
            )
            .label("the last day it was valid")
            .help(
                "fix the finding; if it has to stay, set a later day and explain why in the reason",
            )
            .field(allow.rule.value.clone());
    }
}
