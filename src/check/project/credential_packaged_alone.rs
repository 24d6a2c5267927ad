//! A packaged named credential needs its external credential in the same package or a dependency.

use crate::finding::Findings;
use crate::model::{Named, Workspace, find_named};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for named in &org.named_credentials {
            let Some(package) = workspace.package_of(named.component.place.file) else { continue };
            let Some(reference) =
                named.external_credential.as_ref().filter(|reference| reference.known().is_some())
            else {
                continue;
            };
            let Some(external) =
                reference.known().and_then(|name| find_named(&org.external_credentials, name))
            else {
                continue;
            };
            let home = workspace.package_of(external.component.place.file);
            let is_included = home.is_some_and(|home| {
                home.name.as_str() == package.name.as_str()
                    || package.dependencies.contains(home.name.as_str())
            });
            if is_included {
                continue;
            }
            let location = home.map_or_else(
                || "not in a package".to_owned(),
                |home| format!("in the package `{}`", home.name),
            );
            found
                .report(
                    &named.component,
                    reference,
                    format!(
                        "the package `{}` contains the named credential `{}`, but its external \
                         credential `{}` is {location}",
                        package.name,
                        named.name(),
                        external.name()
                    ),
                )
                .label("not in this package")
                .related(&external.component.span(), "the external credential")
                .related(&package.name, "the package")
                .help(format!(
                    "move both into one package directory, or declare the package of `{}` under \
                     `dependencies`",
                    external.name()
                ))
                .field(reference.as_str());
        }
    }
}
