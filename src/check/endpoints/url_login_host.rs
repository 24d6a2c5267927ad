//! The shared login hosts issue tokens and serve no API.

use crate::finding::Findings;
use crate::model::{Host, NamedCredential, Org, Workspace};
use crate::source::{Located, Text};

/// Paths that these hosts serve nevertheless.
const SERVED: &[&str] = &["/services/oauth2", "/services/soap", "/id/", "/.well-known"];

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url), Some(host)) = (&named.url, named.url_parts(), named.host())
        else {
            continue;
        };
        if !host.is_shared_login() {
            continue;
        }
        let served =
            |path: &str| SERVED.iter().any(|prefix| path.to_ascii_lowercase().starts_with(prefix));
        let on_purpose = named.is_generated()
            || served(&url.path)
            || org.callouts_of(named).any(|callout| served(&callout.path));
        if on_purpose || !org.flow_of(named).sends_token() {
            continue;
        }
        let domain = token_domain(org, named);
        found
            .report(
                &named.component,
                text,
                format!(
                    "the URL is the shared host `{host}`, which is for logging in and serves no \
                     API"
                ),
            )
            .label("the URL of the named credential")
            .related_to(domain.as_ref(), "the My Domain of the org")
            .help(match &domain {
                Some(domain) => format!("use `https://{}`", domain.value),
                None => "use the My Domain of the called org, such as \
                         `https://acme.my.salesforce.com` (Setup > My Domain there)"
                    .into(),
            })
            .field("url");
    }
}

/// The host of the token endpoint, if it is a My Domain.
fn token_domain(org: &Org, named: &NamedCredential) -> Option<Located<Host>> {
    let endpoint: &Text = if named.is_legacy() {
        named.token_endpoint.as_ref()?
    } else {
        org.external_of(named)?.token_endpoint()?
    };
    let host = Host::of_url(endpoint)?;
    host.is_my_domain().then(|| Located::new(host, endpoint.span))
}
