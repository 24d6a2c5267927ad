//! A certificate is two files, and one of them is not there.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let name = certificate.name();
        if workspace.is_unreadable(certificate.component.org, "Certificate", Some(name)) {
            continue;
        }
        let (there, missing) = match (&certificate.metadata, &certificate.body) {
            (Some(_), None) if !certificate.is_described() => {
                (format!("{name}.crt-meta.xml"), format!("{name}.crt"))
            }
            (None, Some(body)) if workspace.is_packaged_certificate(body.span.file) => {
                (format!("{name}.crt"), format!("{name}.crt-meta.xml"))
            }
            _ => continue,
        };
        found
            .at(&certificate.component, &certificate.component, format!("`{there}` stands alone: `{missing}` is not in the files given"))
            .label("half of a certificate")
            .help("retrieve the certificate again, which brings both files, and see that neither `.gitignore` nor `.forceignore` names only one of them")
            .field("files");
    }
}
