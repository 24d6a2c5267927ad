//! An RSA key is shorter than the recommended minimum.

use crate::finding::Findings;
use crate::model::{Key, Workspace};

const MIN_BITS: usize = 2048;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for used in workspace.certificates_in_use() {
        let Key::Rsa { bits } = used.x509.key else { continue };
        if bits >= MIN_BITS {
            continue;
        }
        found
            .report(
                used.component,
                &used.place,
                format!("{}, whose RSA key has {bits} bits", used.words),
            )
            .label("this certificate")
            .related_to((used.body != used.place).then_some(used.body), format!("RSA {bits}"))
            .help(
                "create a certificate with a key of 2048 or 4096 bits in Setup > Security > \
                 Certificate and Key Management, select it in the credential, and upload its \
                 public part to the app; the key of an existing certificate cannot be made longer",
            )
            .field("certificate");
    }
}
