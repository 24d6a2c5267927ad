//! The certificate itself was signed with a broken digest.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for used in workspace.certificates_in_use() {
        let Some(digest) = used.x509.weak_digest() else { continue };
        found
            .report(
                used.component,
                &used.place,
                format!("{}, which was signed with {digest}", used.words),
            )
            .label("this certificate")
            .related_to(
                (used.body != used.place).then_some(used.body),
                format!("signed with {digest}"),
            )
            .help(
                "create the certificate again with SHA-256; the JWT itself is always signed with \
                 SHA-256, so this affects trust in the certificate and tools that reject it, but \
                 is not why a callout fails",
            )
            .field("certificate");
    }
}
