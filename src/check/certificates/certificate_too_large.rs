//! An app accepts a certificate of at most 4 KB.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

const LIMIT: usize = 4096;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(certificate) = &app.certificate else { continue };
        let Some(x509) = certificate.x509().filter(|x509| x509.pem_length() > LIMIT) else {
            continue;
        };
        found
            .report(
                &app.component,
                certificate,
                format!(
                    "the {} `{}` verifies with a certificate of {} bytes as PEM, but uploads are \
                     limited to {LIMIT} bytes",
                    app.noun(),
                    app.name(),
                    x509.pem_length()
                ),
            )
            .label(format!("{} bytes as DER", x509.der_length))
            .help(
                "upload the certificate in DER form, which is a quarter smaller, or use a \
                 self-signed certificate with a shorter name and fewer extensions",
            )
            .field("certificate");
    }
}
