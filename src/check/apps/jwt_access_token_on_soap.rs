//! Access tokens in JWT format are not accepted by the SOAP API.

use std::collections::{HashMap, HashSet};

use crate::finding::Findings;
use crate::model::{Api, ApiPath, Named, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut paths: HashMap<Span, ApiPath<'_>> = HashMap::new();
    for path in workspace.api_paths().into_iter().filter(|path| path.api == Api::Soap) {
        if let Some(named) = path.named {
            paths.entry(named.component.place).or_insert(path);
        }
    }
    let mut reported = HashSet::new();
    for login in workspace.app_uses() {
        let app = login.app;
        let Some(switch) = app.named_user_jwt().filter(|switch| Text::is_true(switch)) else {
            continue;
        };
        let mut used = login.named_credentials();
        let Some(path) = used.find_map(|named| paths.get(&named.component.place)) else { continue };
        if !reported.insert((app.component.place, path.text.span)) {
            continue;
        }
        found
            .report(
                &app.component,
                switch,
                format!(
                    "the {} `{}` issues access tokens in JWT format, but `{}` sends them to the \
                     SOAP API, which does not accept them",
                    app.noun(),
                    app.name(),
                    path.component.name
                ),
            )
            .label("access tokens in JWT format")
            .related(&path.text, "a request to the SOAP API")
            .related(&login.place, "this credential logs in with the app")
            .help(
                "call the REST API, or clear *Issue JSON Web Token (JWT)-based access tokens for \
                 named users* in the OAuth settings of the app",
            )
            .field("isNamedUserJwtEnabled");
    }
}
