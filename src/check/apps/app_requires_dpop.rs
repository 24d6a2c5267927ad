//! An app that requires DPoP does not fit credentials, which cannot send a proof.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut reported = HashSet::new();
    for login in workspace.app_uses() {
        let app = login.app;
        let Some(switch) = app.enabled_oauth_switch("isDPopEnabled") else { continue };
        if !reported.insert(app.component.place) {
            continue;
        }
        found
            .report(
                &app.component,
                switch,
                format!(
                    "the {} `{}` requires DPoP, but `{}` logs in with it, and named credentials \
                     cannot send a DPoP proof",
                    app.noun(),
                    app.name(),
                    login.credential.name
                ),
            )
            .label("DPoP is required")
            .related(&login.place, "this credential logs in with the app")
            .help(
                "create an app without DPoP for this credential, or clear *Require Demonstrating \
                 Proof of Possession (DPoP)* if no other client needs it",
            )
            .field("isDPopEnabled");
    }
}
