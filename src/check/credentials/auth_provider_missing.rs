//! A legacy named credential of protocol OAuth logs in by an auth provider.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        let is_set = named.auth_provider.as_ref().is_some_and(|provider| !provider.is_empty());
        if named.legacy_protocol() != Some("Oauth") || is_set || named.component.is_installed() {
            continue;
        }
        let Some(protocol) = &named.protocol else { continue };
        found
            .report(
                &named.component,
                protocol,
                format!(
                    "the legacy named credential `{}` uses the protocol `Oauth`, but has no auth \
                     provider to log in with",
                    named.name()
                ),
            )
            .label("OAuth needs an auth provider")
            .help(
                "set `authProvider` to the name of an auth provider (*Authentication Provider* in \
                 Setup > Security > Named Credentials)",
            )
            .field("auth provider");
    }
}
