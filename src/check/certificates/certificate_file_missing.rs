//! A certificate consists of two files, and one of them is missing.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let name = certificate.name();
        if workspace.is_unreadable(certificate.component.org, "Certificate", Some(name)) {
            continue;
        }
        let (present, missing) = match (&certificate.metadata, &certificate.body) {
            (Some(_), None) if !certificate.is_described() => {
                (format!("{name}.crt-meta.xml"), format!("{name}.crt"))
            }
            (None, Some(body)) if workspace.package_directories.hold(body.span.file) => {
                (format!("{name}.crt"), format!("{name}.crt-meta.xml"))
            }
            _ => continue,
        };
        found
            .report(
                &certificate.component,
                &certificate.component,
                format!("`{missing}`, the other half of `{present}`, is not in the checked files"),
            )
            .label("half of a certificate")
            .help(
                "retrieve the certificate again, which writes both files, and make sure that \
                 neither `.gitignore` nor `.forceignore` excludes only one of them",
            )
            .field("files");
    }
}
