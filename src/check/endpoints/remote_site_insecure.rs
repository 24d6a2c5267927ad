//! A remote site that allows unencrypted requests.

use crate::finding::Findings;
use crate::model::{Host, Named, Url, Workspace};
use crate::source::Text;

/// Salesforce adds this site to every org.
const DEFAULT_SITE: &str = "www.apexdevnet.com";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let sites = workspace
        .orgs
        .iter()
        .flat_map(|org| &org.records)
        .filter(|record| record.component.type_name == "RemoteSiteSetting");
    for site in sites.filter(|site| !site.get("isActive").is_some_and(Text::is_false)) {
        let Some(url) = site.get("url").filter(|url| !url.as_str().contains(DEFAULT_SITE)) else {
            continue;
        };
        let parts = url.known().map(Url::parse);
        let plain = parts
            .as_ref()
            .is_some_and(|parts| parts.scheme == "http" && !Host::parse(&parts.host).is_loopback());
        let off = site.get("disableProtocolSecurity").filter(|flag| flag.is_true());
        let (message, label) = match (plain, off) {
            (true, _) => (
                format!("the remote site `{}` allows unencrypted requests to `{url}`", site.name()),
                "not `https:`",
            ),
            (false, Some(_)) => (
                format!("the remote site `{}` has protocol security disabled", site.name()),
                "HTTPS pages may call out over HTTP",
            ),
            (false, None) => continue,
        };
        let place = if plain { url } else { off.unwrap_or(url) };
        found
            .report(&site.component, place, message)
            .label(label)
            .help(
                "use `https:` and leave *Disable Protocol Security* off, or remove the site if it is \
                 not called; callouts through a named credential need no remote site",
            )
            .field(if plain { "url" } else { "disableProtocolSecurity" });
    }
}
