//! An external credential with a protocol that only legacy named credentials have.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let (Some(protocol), Some(legacy)) = (&credential.protocol, credential.legacy_protocol())
        else {
            continue;
        };
        found
            .report(
                &credential.component,
                protocol,
                format!(
                    "external credentials do not support the protocol `{protocol}`; only legacy \
                     named credentials have it"
                ),
            )
            .label("a protocol of the legacy model")
            .help(format!(
                "{} in Setup > Security > Named Credentials > External Credentials)",
                legacy.instead
            ))
            .field("protocol");
    }
}
