//! The device flow is a way to phish users.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(switch) = app.enabled_oauth_switch("isDeviceFlowEnabled") else { continue };
        found
            .report(
                &app.component,
                switch,
                format!(
                    "the {} `{}` allows the device flow, which attackers use to phish access",
                    app.noun(),
                    app.name()
                ),
            )
            .label("device flow enabled")
            .help(
                "switch it off unless devices without a browser log in with this app (*Enable for \
                 Device Flow* in its OAuth settings); Salesforce blocks the flow for connected apps \
                 that are not installed in the org",
            )
            .field("isDeviceFlowEnabled");
    }
}
