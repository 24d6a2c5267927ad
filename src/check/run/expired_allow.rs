//! An allow expires after the day in its `until`.

use crate::finding::Findings;
use crate::model::{Component, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for allow in workspace.allows.iter().filter(|allow| {
        allow.fault.is_none() && allow.silenced > 0 && allow.is_past(workspace.today)
    }) {
        let Some(until) = &allow.until else { continue };
        let component = Component::new("Allow", allow.rule.value.clone(), allow.rule.span);
        found
            .at(
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
