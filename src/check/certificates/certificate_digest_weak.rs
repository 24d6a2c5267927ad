//! The certificate itself was signed with a digest that is broken.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for used in workspace.certificates_in_use() {
        let Some(digest) = used.x509.weak_digest() else { continue };
        found
            .at(used.component, &used.place, format!("{}, a certificate that was signed with {digest}", used.words))
            .label("this certificate")
            .related_to((used.body != used.place).then_some(used.body), format!("signed with {digest}"))
            .help("make the certificate anew with SHA-256; the JWT itself is signed with SHA-256 all the same, so this is a matter of trust in the certificate and of tools that refuse it, not why a callout fails")
            .field("certificate");
    }
}
