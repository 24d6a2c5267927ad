//! SOAP `login()` requests, for the rules about their end.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Api, ApiPath, Component, Host, Named, NamedCredential, Url, Workspace};
use crate::source::{FileId, Span};

/// A class or named credential that logs in with `login()`.
pub struct SoapLogin<'a> {
    pub component: &'a Component,
    pub place: Span,
    /// What shows that it is `login()`.
    pub words: String,
    /// The place of the version, and the version, if all requests have one.
    pub version: Option<(Span, u32)>,
}

/// The first version without `login()`.
pub const FIRST_WITHOUT_LOGIN: u32 = 65;

impl SoapLogin<'_> {
    /// The place of the version, if it is not in the place of the login.
    pub fn version_elsewhere(&self) -> Option<Span> {
        let (version, _) = self.version?;
        let inside = version.file == self.place.file
            && self.place.start <= version.start
            && version.end <= self.place.end;
        (!inside).then_some(version)
    }

    /// It goes to a version that does not have `login()`.
    pub fn is_removed(&self) -> bool {
        self.version.is_some_and(|(_, version)| version >= FIRST_WITHOUT_LOGIN)
    }
}

/// Every use of `login()`, at most one per class and named credential.
pub fn logins(workspace: &Workspace) -> Vec<SoapLogin<'_>> {
    let paths: Vec<ApiPath<'_>> =
        workspace.api_paths().into_iter().filter(|path| path.api == Api::Soap).collect();
    let mut found: BTreeMap<(FileId, &str), SoapLogin<'_>> = BTreeMap::new();
    let mut versions: HashMap<FileId, Option<(Span, u32)>> = HashMap::new();
    for path in &paths {
        let lowest =
            versions.entry(path.component.place.file).or_insert(Some((path.text.span, u32::MAX)));
        *lowest = lowest
            .zip(path.major)
            .map(|(known, major)| if major < known.1 { (path.text.span, major) } else { known });
    }
    let version = |component: &Component| versions.get(&component.place.file).copied().flatten();
    for unit in workspace.orgs.iter().flat_map(|org| &org.apex) {
        let Some(place) = unit.soap_login else { continue };
        let component = &unit.component;
        found.entry((component.place.file, component.name.as_str())).or_insert(SoapLogin {
            component,
            place,
            words: format!("`{}` logs in with the SOAP API call `login()`", component.name),
            version: version(component),
        });
    }
    for path in paths.iter().filter(|path| path.host.as_ref().is_some_and(Host::is_shared_login)) {
        let component = path.component;
        let host = path.host.as_ref().map(Host::as_str).unwrap_or_default();
        found.entry((component.place.file, component.name.as_str())).or_insert_with(|| SoapLogin {
            component,
            place: path.text.span,
            words: format!(
                "`{}` sends SOAP requests to `{host}`, which answers only `login()`",
                component.name
            ),
            version: version(component),
        });
    }
    for (_, named) in workspace.named_credentials() {
        let Some(url) = named.url.as_ref().filter(|_| sends_password_to_soap(named)) else {
            continue;
        };
        let component = named.component();
        if !workspace.is_salesforce_url(named) {
            continue;
        }
        found.entry((component.place.file, component.name.as_str())).or_insert_with(|| SoapLogin {
            component,
            place: url.span,
            words: format!(
                "`{}` has a username and a password for the SOAP API, which accepts them only in \
                 `login()`",
                component.name
            ),
            version: version(component),
        });
    }
    found.into_values().collect()
}

/// Whether a legacy named credential has a password for a URL of the SOAP API.
pub fn sends_password_to_soap(named: &NamedCredential) -> bool {
    let path =
        || named.url_parts().map(|url: crate::source::Located<Url>| url.path.to_ascii_lowercase());
    named.legacy_protocol() == Some("Password")
        && path().is_some_and(|path| path.starts_with("/services/soap/"))
}
