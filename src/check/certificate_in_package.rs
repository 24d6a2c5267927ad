//! Certificates cannot be part of a package.

use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let place = certificate.component.span();
        let Some(package) = workspace.package_of(place.file) else { continue };
        found
            .at(
                &certificate.component,
                &place,
                format!("the certificate `{}` lies in the folder of the package `{}`, and packages hold no certificates", certificate.name(), package.name),
            )
            .label("in a package directory")
            .related(&package.name, "the package that is built from this folder")
            .help("move it to a folder that is not packaged; after installation, whoever installs chooses a certificate of their own org")
            .field(certificate.name());
    }
}
