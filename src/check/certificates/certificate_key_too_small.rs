//! An RSA key that is shorter than anybody calls safe.

use crate::finding::Findings;
use crate::model::{Key, Workspace};

const SAFE_BITS: usize = 2048;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for used in workspace.certificates_in_use() {
        let Key::Rsa { bits } = used.x509.key else { continue };
        if bits >= SAFE_BITS {
            continue;
        }
        found
            .at(used.component, &used.place, format!("{}, whose RSA key has {bits} bits", used.words))
            .label("this certificate")
            .related_to((used.body != used.place).then_some(used.body), format!("RSA {bits}"))
            .help("create a certificate with a key of 2048 or 4096 bits in Setup > Security > Certificate and Key Management, use it in the credential, and upload its public part to the app; the key of a certificate cannot be made longer")
            .field("certificate");
    }
}
