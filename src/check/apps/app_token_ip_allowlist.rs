//! An app that accepts tokens only from listed addresses has to list those of the calling org.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut reported = HashSet::new();
    for login in workspace.app_uses() {
        let app = login.app;
        let Some(list) = app.token_addresses() else { continue };
        if !reported.insert(app.component.place) {
            continue;
        }
        found
            .report(
                &app.component,
                list,
                format!(
                    "the {} `{}` accepts token requests only from listed IP addresses, and `{}` \
                     logs in with it",
                    app.noun(),
                    app.name(),
                    login.credential.name
                ),
            )
            .label("token requests are bound to addresses")
            .related(&login.place, "this credential logs in with the app")
            .help(
                "make sure that the list has all addresses that Salesforce publishes for the \
                 calling org; login IP ranges of a profile and *IP Relaxation* do not replace it",
            )
            .field("token addresses");
    }
}
