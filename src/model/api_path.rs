//! API versions in the paths of requests to Salesforce.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Component, Host, Named, NamedCredential, NamedCredentialModel, Org, Url, Workspace};
use crate::source::Text;

/// The newest version that Salesforce has retired: it is no longer served (since Summer '25).
pub const NEWEST_RETIRED: u32 = 30;
/// The newest version that Salesforce has announced to retire (Summer '28).
pub const NEWEST_DEPRECATED: u32 = 40;

/// The API that a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Rest,
    Soap,
    Bulk,
}

/// A path to an API of Salesforce, written in a URL or in Apex.
#[derive(Debug)]
pub struct ApiPath<'a> {
    pub org: &'a Org,
    /// The named credential or class that holds the path.
    pub component: &'a Component,
    /// The named credential that sends the request, if there is one.
    pub named: Option<&'a NamedCredential>,
    pub api: Api,
    /// The version, such as `62.0`, or the path of a SOAP service without one.
    pub text: Text,
    /// The whole number before the period of the version.
    pub major: Option<u32>,
    /// The host, if it is known.
    pub host: Option<Host>,
}

/// `/services/data/v62.0`, `/services/Soap/u/62.0`, `/services/async/62.0`.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)/services/(data/v|soap/[a-z]+/|async/)([0-9]{1,3}\.[0-9])(?:[/?\#]|$)")
        .expect("a constant pattern")
});

/// A SOAP service, which need not have a version.
static SOAP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i-u)/services/soap(?:/|$)").expect("a constant pattern"));

/// An API in a path: its version, or the start of the path of a SOAP service without one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    api: Api,
    range: Range<usize>,
    major: Option<u32>,
}

fn find(path: &str) -> Option<Found> {
    let Some(found) = PATH.captures(path) else {
        let range = SOAP.find(path)?.range();
        return Some(Found { api: Api::Soap, range, major: None });
    };
    let (service, version) = (found.get(1)?, found.get(2)?);
    let api = match service.as_str().as_bytes().first()?.to_ascii_lowercase() {
        b'd' => Api::Rest,
        b's' => Api::Soap,
        _ => Api::Bulk,
    };
    let major = version.as_str().split('.').next()?.parse().ok();
    Some(Found { api, range: version.range(), major })
}

impl Workspace {
    /// The paths of requests that certainly go to Salesforce, outside of tests: URLs of named credentials, what Apex
    /// appends to them, and URLs in Apex.
    pub fn api_paths(&self) -> Vec<ApiPath<'_>> {
        let mut found = Vec::new();
        for (org, named) in self.named_credentials() {
            if named.model != NamedCredentialModel::Other && self.is_salesforce_url(named) {
                of_named(org, named, &mut found);
            }
        }
        for org in &self.orgs {
            for unit in &org.apex {
                let literal = unit.endpoints.iter().map(|endpoint| &endpoint.url);
                for text in literal.chain(&unit.own_org_paths) {
                    let Some(url) = text.known() else { continue };
                    let host = Some(Url::parse(url))
                        .filter(|url| !url.scheme.is_empty())
                        .map(|url| Host::parse(&url.host));
                    let Some(Found { api, range, major }) = find(url) else { continue };
                    if host.as_ref().is_none_or(Host::is_salesforce) {
                        let text = text.part(&url[range.clone()], range.start, range.end);
                        let component = &unit.component;
                        found.push(ApiPath { org, component, named: None, api, text, major, host });
                    }
                }
            }
        }
        found
    }
}

/// The version in the URL of a named credential, or in what each callout appends to it.
fn of_named<'a>(org: &'a Org, named: &'a NamedCredential, found: &mut Vec<ApiPath<'a>>) {
    let Some(text) = &named.url else { return };
    let (Some(url), host) = (text.known(), named.host()) else { return };
    let path = |component, text, api, major| ApiPath {
        org,
        component,
        named: Some(named),
        api,
        text,
        major,
        host: host.clone(),
    };
    if let Some(Found { api, range, major }) = find(url)
        && (api != Api::Soap || major.is_some() || org.callouts_of(named).next().is_none())
    {
        let version = text.part(&url[range.clone()], range.start, range.end);
        found.push(path(named.component(), version, api, major));
        return;
    }
    let base = Url::parse(url).path;
    let base = base.trim_end_matches('/');
    for callout in org.callouts_of(named).filter(|callout| !callout.in_test) {
        let tail = callout.path_text.as_ref().and_then(Text::known).unwrap_or_default();
        let Some(Found { api, range, major }) = find(&format!("{base}{tail}")) else { continue };
        let text = match &callout.path_text {
            Some(appended) if range.start >= base.len() => {
                let (start, end) = (range.start - base.len(), range.end - base.len());
                appended.part(&tail[start..end], start, end)
            }
            _ => callout.name.clone(),
        };
        found.push(path(&callout.class, text, api, major));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_each_api() {
        let version = |path: &str| find(path).map(|found| (found.api, found.major));
        for (path, api, expected) in [
            ("/services/data/v20.0/query?q=x", Api::Rest, Some(20)),
            ("/services/data/v9.0", Api::Rest, Some(9)),
            ("https://a.my.salesforce.com/services/Soap/u/31.0/00D", Api::Soap, Some(31)),
            ("/services/soap/class/Orders", Api::Soap, None),
            ("/services/async/40.0/job", Api::Bulk, Some(40)),
            ("/SERVICES/DATA/V20.0/", Api::Rest, Some(20)),
        ] {
            assert_eq!(version(path), Some((api, expected)), "{path}");
        }
        for path in [
            "/services/data",
            "/services/data/v",
            "/services/data/v20",
            "/services/apexrest/v20.0/x",
            "/services/data/v20.01",
            "/v20.0/services",
            "",
        ] {
            assert_eq!(version(path), None, "{path}");
        }
    }
}
