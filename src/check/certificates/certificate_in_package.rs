//! Packages cannot contain certificates.

use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let place = certificate.component.span();
        let Some(package) = workspace.package_of(place.file) else { continue };
        found
            .report(
                &certificate.component,
                &place,
                format!(
                    "the certificate `{}` is in the folder of the package `{}`, but packages \
                     cannot contain certificates",
                    certificate.name(),
                    package.name
                ),
            )
            .label("in a package directory")
            .related(&package.name, "the package that is built from this folder")
            .help(
                "move it to a folder that is not packaged; subscribers select a certificate of \
                 their own org after the installation",
            )
            .field(certificate.name());
    }
}
