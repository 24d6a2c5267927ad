//! Lightning, Setup and Visualforce hosts serve browsers; the API is served on the My Domain.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{Flow, Host, HostKind, NamedCredential, Org, Workspace, api_host_for};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url), Some(host)) = (&named.url, named.url_parts(), named.host())
        else {
            continue;
        };
        let wrong = match host.kind() {
            HostKind::Lightning | HostKind::Setup => true,
            // A Visualforce page may be requested without logging in.
            HostKind::Visualforce => org.flow_of(named).sends_token(),
            _ => host.instance().is_some() || host.is_former_sandbox_domain(),
        };
        if !wrong {
            continue;
        }
        let my_domain = my_domain(org, named, &host);
        let base_url = |domain: &Host| {
            if url.path.starts_with("/services") {
                format!("https://{domain}{}", url.path)
            } else {
                format!("https://{domain}")
            }
        };
        let finding = found
            .report(
                &named.component,
                text,
                match host.instance() {
                    Some(instance) => format!(
                        "`{host}` is a host of the instance `{instance}`: Salesforce redirects its \
                         requests, and a callout does not follow a redirect"
                    ),
                    None if host.is_former_sandbox_domain() => host.former_sandbox_domain(),
                    None => {
                        format!("`{host}` is {}, which serves no API requests", host.description())
                    }
                },
            )
            .label("the URL of the named credential")
            .help(match &my_domain {
                Some(domain) => format!("use the My Domain of the org: `{}`", base_url(domain)),
                None => "use the My Domain of the org, such as `https://acme.my.salesforce.com` \
                         (Setup > My Domain there)"
                    .into(),
            })
            .unsafe_fix(
                "use the My Domain of the org",
                my_domain.as_ref().and_then(|domain| Edit::replace(text, &base_url(domain))),
            )
            .field("url");
        // The files do not show whether the org still has it.
        if host.is_former_sandbox_domain() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// The My Domain derived from the host name, otherwise the one in the token endpoint.
fn my_domain(org: &Org, named: &NamedCredential, host: &Host) -> Option<Host> {
    let token = || {
        let endpoint = if named.is_legacy() {
            named.token_endpoint.as_ref()
        } else {
            org.external_of(named)?.token_endpoint()
        };
        let host = Host::of_url(endpoint?)?;
        (host.is_my_domain() && org.flow_of(named) != Flow::Unknown).then_some(host)
    };
    api_host_for(host, token)
}
