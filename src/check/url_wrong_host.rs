//! Lightning, Setup and Visualforce hosts serve browsers; the API answers on the My Domain.

use crate::finding::{Edit, Findings};
use crate::model::{Flow, Host, HostKind, NamedCredential, Org, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url), Some(host)) = (&named.url, named.url_parts(), named.host())
        else {
            continue;
        };
        let wrong = match host.kind() {
            HostKind::Lightning | HostKind::Setup => true,
            // A page is a thing that somebody may fetch without logging in.
            HostKind::Visualforce => org.flow_of(named).sends_token(),
            _ => false,
        };
        if !wrong {
            continue;
        }
        let right = right_host(org, named, &host);
        let base = |right: &Host| {
            if url.path.starts_with("/services") {
                format!("https://{right}{}", url.path)
            } else {
                format!("https://{right}")
            }
        };
        found
            .at(&named.component, text, format!("`{host}` is {}, and answers no API request", host.description()))
            .label("the URL of the named credential")
            .help(match &right {
                Some(right) => format!("use the My Domain of the org: `{}`", base(right)),
                None => "use the My Domain of the org, as `https://acme.my.salesforce.com` (Setup > My Domain there)".into(),
            })
            .unsafe_fix("use the My Domain of the org", right.as_ref().and_then(|right| Edit::replace(text, &base(right))))
            .field("url");
    }
}

/// What the host's own name tells, else the My Domain that the token comes from.
fn right_host(org: &Org, named: &NamedCredential, host: &Host) -> Option<Host> {
    let token = || {
        let endpoint = if named.is_legacy() {
            named.token_endpoint.as_ref()
        } else {
            org.external_of(named)?.token_endpoint()
        };
        let host = Host::parse(&crate::model::Url::parse(endpoint?.known()?).host);
        (host.is_my_domain() && org.flow_of(named) != Flow::Unknown).then_some(host)
    };
    host.my_domain_beside().or_else(token)
}
